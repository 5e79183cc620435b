"""What does Python's compiler refuse of a text that parses? It is compiled and not run.

``return`` outside a function, for one, or an argument given twice.
"""

from __future__ import annotations

import ast
import os
import warnings

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.scan.syntax import SyntaxProblem

_OF_LITERALS = ("(unicode error)", "(value error)", "bytes can only contain")
"""What Python's parser says of literals. Whatever else it refuses, and libcst does not, may be
syntax of a newer Python."""
_INSTALLED = ("site-packages", "dist-packages")


def is_installed(path: str) -> bool:
    """Whether a file is of an installed package: Python has compiled those."""
    return any(f"{os.sep}{folder}{os.sep}" in path for folder in _INSTALLED)


def compiler_problem(text: str, path: str) -> SyntaxProblem | None:
    """What the running Python's compiler says, at its place; ``None`` where that is nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                compile(text, path, "exec", dont_inherit=True)
            except SyntaxError as error:
                if not error.msg.startswith(_OF_LITERALS):
                    compile(text, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
                refused = message("AC001", "refused-by-compiler", reason=error.msg)
                return SyntaxProblem(refused, error.lineno or 1, error.offset or 1)
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
        pass  # the parser's own, or more than this Python compiles
    return None
