"""Is a text valid for Python itself? It is compiled, and not run.

Python's own parser has better messages and positions than libcst. Only text that Python accepts and
libcst does not is reported at the position where libcst stops. Python's compiler rejects more, such
as ``return`` outside a function or a repeated argument.
"""

from __future__ import annotations

import ast
import os
import re
import warnings

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.scan.decode import BadText

_AT = re.compile(r"error at (\d+):(\d+)")
_OF_LITERALS = ("(unicode error)", "(value error)", "bytes can only contain")
"""Errors of Python's parser about literals. Other errors, in files that libcst accepts, may be
due to syntax of a newer Python."""
_INSTALLED = ("site-packages", "dist-packages")


class Unparsable(Exception):
    """libcst cannot parse a text; ``message`` is its error."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def is_installed(path: str) -> bool:
    """Whether a file belongs to an installed package, whose files Python has already compiled."""
    return any(f"{os.sep}{folder}{os.sep}" in path for folder in _INSTALLED)


def syntax_problem(text: str, said: str) -> BadText:
    """The problem behind an error message of libcst."""
    error = _refusal(text)
    if isinstance(error, SyntaxError):
        line = min(max(error.lineno or 1, 1), text.count("\n") + 1)
        conflict = _conflict(text.split("\n"), line)
        if conflict:
            return BadText(message("AC001", "conflict"), conflict, 1)
        invalid = message("AC001", "invalid", reason=error.msg)
        return BadText(invalid, line, max(error.offset or 1, 1))
    if error is not None:
        return BadText(message("AC001", "invalid-syntax"), 1, 1)
    stopped = _AT.search(said)
    line, column = (int(stopped[1]), int(stopped[2])) if stopped else (1, 1)
    return BadText(message("AC001", "unread-syntax"), line, column)


def _conflict(lines: list[str], error: int) -> int:
    """The line of the first conflict markers of a merge, if they are why a text with an error in
    line ``error`` is refused; otherwise 0: markers may also be in a string."""
    kept: list[str] = []
    start = first = 0
    side = ""
    for number, line in enumerate(lines, 1):
        mark = line[:7] if len(set(line[:7])) == 1 and line[7:8] in ("", " ") else ""
        if mark == "<<<<<<<":
            start, side = number, "ours"
        elif mark == "=======" and side == "ours":
            side = "theirs"
        elif mark == ">>>>>>>" and side == "theirs":
            first, side = first or start, ""
            if start <= error <= number:
                return start
        elif side != "theirs":
            kept.append(line)
    return first if first and _refusal("\n".join(kept)) is None else 0


def compiler_problem(text: str) -> BadText | None:
    """An error of the running Python's compiler, as opposed to its parser; ``None`` if there is
    none."""
    error = _refusal(text)
    if not isinstance(error, SyntaxError):
        return None
    if not error.msg.startswith(_OF_LITERALS) and _refusal(text, ast.PyCF_ONLY_AST) is not None:
        return None
    refused = message("AC001", "refused-by-compiler", reason=error.msg)
    return BadText(refused, error.lineno or 1, error.offset or 1)


def _refusal(text: str, flags: int = 0) -> Exception | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        return error
    return None
