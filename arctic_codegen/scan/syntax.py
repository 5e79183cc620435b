"""Where a syntax error stands, and what it is.

libcst names the token after the one that it could not take, and nothing at all where the text
cannot be cut into tokens. Python's own parser has better messages; it counts where it complains
at the same place. A Python older than the file's syntax complains earlier, and does not count.
"""

from __future__ import annotations

import re
import warnings

import msgspec

from arctic_codegen.diagnostics.messages import Message, message

_AT = re.compile(r"error at (\d+):(\d+)")
_TOKEN = re.compile(r"\w+|[^\w\s]")


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
    here = _rejected_token(text, said)
    own = _python_says(text)
    line, column = here or (1, 1)
    if own is None:
        return SyntaxProblem(message("AC001", "unread-syntax"), line, column)
    if here is None or own.line == line or not own.problem.text.endswith("invalid syntax"):
        return own
    return SyntaxProblem(message("AC001", "invalid", reason="invalid syntax"), line, column)


def _rejected_token(text: str, said: str) -> tuple[int, int] | None:
    """The place of the token before the one at which libcst stopped."""
    match = _AT.search(said)
    if match is None:
        return None
    line, column = int(match.group(1)), int(match.group(2))
    lines = text.split("\n")
    line = min(line, len(lines))
    before = lines[line - 1][:column]
    while line > 1 and not before.strip():
        line -= 1
        before = lines[line - 1]
    tokens = list(_TOKEN.finditer(before))
    return line, tokens[-1].start() + 1 if tokens else 1


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
