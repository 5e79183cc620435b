"""Where a syntax error stands, and what it is.

Python's own parser has better messages, and names the place better. Only what it takes and libcst
does not is reported where libcst stops.
"""

from __future__ import annotations

import re
import warnings

import msgspec

from arctic_codegen.diagnostics.messages import Message, message

_AT = re.compile(r"error at (\d+):(\d+)")


class SyntaxProblem(msgspec.Struct, frozen=True):
    """Line and column count from 1."""

    problem: Message
    line: int
    column: int


class Unparsable(Exception):
    """libcst does not take a text; ``message`` is what it says."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def syntax_problem(text: str, said: str) -> SyntaxProblem:
    """The problem behind a message of libcst's."""
    stopped = _AT.search(said)
    line, column = (int(stopped[1]), int(stopped[2])) if stopped else (1, 1)
    unread = SyntaxProblem(message("AC001", "unread-syntax"), line, column)
    return _python_says(text) or unread


def _python_says(text: str) -> SyntaxProblem | None:
    """What Python itself says; ``None`` if it takes the text. Nothing is executed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "", "exec", dont_inherit=True)
    except SyntaxError as error:
        invalid = message("AC001", "invalid", reason=error.msg)
        lines = text.count("\n") + 1
        line = min(max(error.lineno or 1, 1), lines)
        return SyntaxProblem(invalid, line, max(error.offset or 1, 1))
    except (ValueError, RecursionError, MemoryError):
        return SyntaxProblem(message("AC001", "invalid-syntax"), 1, 1)
    return None
