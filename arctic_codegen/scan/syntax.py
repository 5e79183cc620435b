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
_CONFLICT = re.compile(r"^<{7} .*\n(?:.*\n)*?={7}\n(?:.*\n)*?>{7} ", re.MULTILINE)
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
        conflict = _CONFLICT.search(text)
        if conflict is not None:
            return BadText(
                message("AC001", "conflict"), text.count("\n", 0, conflict.start()) + 1, 1
            )
        invalid = message("AC001", "invalid", reason=error.msg)
        line = min(max(error.lineno or 1, 1), text.count("\n") + 1)
        return BadText(invalid, line, max(error.offset or 1, 1))
    if error is not None:
        return BadText(message("AC001", "invalid-syntax"), 1, 1)
    stopped = _AT.search(said)
    line, column = (int(stopped[1]), int(stopped[2])) if stopped else (1, 1)
    return BadText(message("AC001", "unread-syntax"), line, column)


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
