"""How deep does a text nest? This is measured before a parser reads it.

libcst's parser is native code: it uses the stack for each level, crashes the process on overflow,
and takes time quadratic in the depth. So a text that may nest deeply is measured first. What no
Python could compile is refused, and unusually deep text is parsed in a thread with a large stack.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from itertools import accumulate
from typing import Literal, TypeVar

Depth = Literal["plain", "deep", "hopeless"]
T = TypeVar("T")

# Python itself rejects more than 200 nested brackets.
_MOST_BRACKETS = 200
_MOST_LINKS = 3000
_MOST_STRINGS = 15_000
_MOST_BRANCHES = 5000
_UNUSUAL = 60
_UNUSUAL_LINKS = 500
_STACK = 512 * 1024 * 1024
"""Bytes; the system allocates them on use."""
_RECURSION = 60_000
_LOCK = threading.Lock()
_HERE = threading.local()

_STEPS = [0] * 256
for _open, _close in ("()", "[]", "{}"):
    _STEPS[ord(_open)], _STEPS[ord(_close)] = 1, -1
_NO_BRACKETS = bytes(code for code in range(256) if not _STEPS[code])
_CHAINS = (*".+-*/~|&(\"'", "not", "and", "or", "if", "lambda")
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\f]+|\\\n|\#[^\n]*)
    |(?P<string>[A-Za-z]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|(?P<open_end>\Z))
        |'''(?:[^\\]|\\.)*?(?:'''|(?P<other_end>\Z))
        |"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?))
    |(?P<top>\n(?=(?:async|def|class|import|from)[ ]))
    |(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>[,;])|(?P<line>\n)|\w+|.""",
    re.VERBOSE | re.DOTALL,
)
_ELIF = re.compile(r"^[ \t]*elif\b", re.MULTILINE)


def depth_of(text: str) -> Depth:
    """The depth class of a text. Most files are classified by counting characters."""
    brackets = text.encode("utf-8", "replace").translate(None, _NO_BRACKETS)
    nested = max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)
    branches = len(_ELIF.findall(text)) if text.count("elif") > _UNUSUAL_LINKS else 0
    if branches > _MOST_BRANCHES:
        return "hopeless"
    if nested <= _UNUSUAL and not any(text.count(link) > _UNUSUAL_LINKS for link in _CHAINS):
        return "plain"
    measured = _measure(text, nested)
    return "deep" if measured == "plain" and branches > _UNUSUAL_LINKS else measured


def _measure(text: str, nested: int) -> Depth:
    """Count nested open brackets, and tokens between two commas.

    ``nested`` is an upper bound for the brackets, which ignores strings.
    """
    deep = False
    links = strings = 0
    outer: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "blank":
            continue
        if kind == "open":
            outer.append((links + 1, strings))
            links = strings = 0
            if len(outer) > _UNUSUAL:
                deep = True
                if len(outer) > _MOST_BRACKETS:
                    return "hopeless"
        elif kind == "close":
            if outer:
                links, strings = outer.pop()
        elif kind == "top":
            # No bracket is open here, however earlier quotes were interpreted.
            outer.clear()
            links = strings = 0
        elif kind == "comma" or (kind == "line" and not outer):
            links = strings = 0
        elif kind == "string":
            strings += 1
            if match["open_end"] is not None or match["other_end"] is not None:
                # The string is not terminated, or starts elsewhere.
                return "hopeless" if nested > _MOST_BRACKETS else "deep"
        elif kind != "line":
            links += 1
        if links > _UNUSUAL_LINKS or strings > _UNUSUAL_LINKS:
            deep = True
            if links > _MOST_LINKS or strings > _MOST_STRINGS:
                return "hopeless"
    return "deep" if deep else "plain"


def with_large_stack(function: Callable[[], T]) -> T:
    """Call a function in a separate thread with a stack for deep trees.

    The limits apply to the whole process, so only one such thread runs at a time, and the limits
    are restored afterwards. Within such a thread the function is called directly.
    """
    if getattr(_HERE, "is_deep", False):
        return function()
    from concurrent.futures import ThreadPoolExecutor

    def run() -> T:
        _HERE.is_deep = True
        return function()

    with _LOCK:
        size = threading.stack_size(_STACK)
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _RECURSION))
        try:
            with ThreadPoolExecutor(1, "arctic-codegen-deep") as pool:
                return pool.submit(run).result()
        finally:
            sys.setrecursionlimit(limit)
            threading.stack_size(size)
