"""Where is each key of a TOML text? The parser of the standard library does not tell.

The text has been parsed before, so it is well formed: this scanner only has to skip strings,
comments and brackets.
"""

from __future__ import annotations

import importlib
import re
import sys
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Any

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Span
from arctic_codegen.files.regular import open_regular

toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
"""The TOML parser, in the standard library since Python 3.11."""

MOST_BYTES = 1_000_000
"""Maximum size of a configuration: longer files are not written by hand, and not read fully."""

KeyPath = tuple[str | int, ...]

_LONG_KEY = re.compile(r"^[ \t\[]*(?:[\w-]+[ \t]*\.[ \t]*){100}", re.MULTILINE)
"""The parser's time is quadratic in the number of parts."""
_TOKEN = re.compile(
    r"""[ \t]+ | \#[^\n]*  # what stands between tokens
    | (?P<text>
        \"{3} (?:\\. | [^\\])*? \"{3,5} | '{3} .*? '{3,5}
        | " (?:\\. | [^"\\\n])* " | ' [^'\n]* ' | [\w-]+
    )
    | (?P<mark> . )
    """,
    re.DOTALL | re.VERBOSE,
)


def read_start(path: Path) -> bytes:
    """A file's bytes, up to slightly more than :data:`MOST_BYTES`; raises ``OSError``."""
    with open_regular(path) as file:
        return file.read(MOST_BYTES + 1)


class Unreadable(Exception):
    """A file is not a valid configuration: the problem, and its place."""

    def __init__(self, problem: Message, span: Span) -> None:
        super().__init__(problem.text)
        self.problem = problem
        self.span = span


def read_document(
    path: Path, read: Callable[[Path], bytes] = read_start
) -> tuple[str, dict[str, Any]]:
    """The text and data of a TOML file; raises :class:`Unreadable`."""
    start = Span(1, 1, 1, 1)
    try:
        data = read(path)
    except OSError as error:
        unreadable = message("AC010", "unreadable", reason=error.strerror)
        raise Unreadable(unreadable, start) from error
    if len(data) > MOST_BYTES:
        raise Unreadable(message("AC010", "too-large", most=MOST_BYTES), start)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(message("AC010", "not-utf"), Span(line, 1, line, 2)) from error
    try:
        return text, parsed(text)
    except ValueError as error:
        invalid = message("AC010", "invalid-toml", reason=str(error).partition(" (at ")[0])
        raise Unreadable(invalid, _error_place(text, error)) from error


def parsed(text: str) -> dict[str, Any]:
    """The data of a TOML text; raises ``ValueError`` with the problem."""
    if text.startswith("\ufeff"):
        raise ValueError("it starts with a byte order mark, which TOML lacks (at line 1, column 1)")
    if _LONG_KEY.search(text):
        raise ValueError("a key has more than a hundred parts")
    try:
        document: dict[str, Any] = toml.loads(text)
    except RecursionError:
        raise ValueError("it nests too deeply") from None
    return document


def key_places(text: str) -> dict[KeyPath, Span]:
    """The places of all keys, table headers and array elements.

    A key is found under its full path (``("tool", "arctic-codegen", "output")``), an array
    element under the path of the array followed by its index.
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.run()
    return scanner.found


def _error_place(text: str, error: Exception) -> Span:
    """The place in a TOML parser's error message."""
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    if found is not None:
        line, column = int(found[1]), int(found[2])
        return Span(line, column, line, column + 1)
    lines = text.replace("\r\n", "\n").split("\n")
    line = max(len(lines) - (1 if lines[-1] == "" else 0), 1)
    column = len(lines[line - 1]) + 1
    return Span(line, column, line, column)


class _Scanner:
    """``at`` is the index of the next token."""

    def __init__(self, text: str) -> None:
        self.tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup]
        self.at = 0
        self.found: dict[KeyPath, Span] = {}
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]

    @property
    def next(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def run(self) -> None:
        prefix: KeyPath = ()
        while self.next:
            if self.next == "\n":
                self.at += 1
            elif self.next == "[":
                prefix = self.header()
            else:
                self.pair(prefix)

    def note(self, path: KeyPath, first: int) -> None:
        """Record the place of the tokens from ``first`` to the last one read."""
        start, end = self.tokens[first].start(), self.tokens[self.at - 1].end()
        self.found.setdefault(path, Span(*self.position(start), *self.position(end)))

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def header(self) -> KeyPath:
        self.at += 1
        array = self.next == "["
        self.at += array
        path = self.key(())
        self.at += 1 + array
        return path

    def key(self, prefix: KeyPath) -> KeyPath:
        first = self.at
        path = prefix
        while self.at == first or self.next == ".":
            self.at += self.at > first  # the dot
            part = self.next
            self.at += 1
            path = (*path, str(toml.loads(f"key = {part}")["key"]) if part[0] in "\"'" else part)
        self.note(path, first)
        return path

    def pair(self, prefix: KeyPath) -> None:
        path = self.key(prefix)
        self.at += 1  # the "="
        self.value(path)

    def value(self, path: KeyPath) -> None:
        opening = self.next
        self.at += 1
        if opening not in ("[", "{"):
            while self.next not in ("", ",", "]", "}", "\n"):
                self.at += 1
            return
        index = 0
        while self.next not in ("", "]", "}"):
            if self.next in (",", "\n"):
                self.at += 1
            elif opening == "{":
                self.pair(path)
            else:
                first = self.at
                self.value((*path, index))
                self.note((*path, index), first)
                index += 1
        self.at += 1
