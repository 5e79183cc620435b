"""Reads one file: from its bytes to the records of :mod:`arctic_codegen.model.decls`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls

if TYPE_CHECKING:
    import ast

__all__ = ["scan", "syntax_of", "syntax_tree"]


def scan(data: bytes, path: str, *, compiles: bool = False) -> ModuleDecls | Finding:
    """The declarations of one file; ``path`` is used in findings. With ``compiles``, errors of
    Python's compiler are reported as well."""
    from arctic_codegen.scan import scanner  # load libcst only if a file is parsed

    return scanner.scan(data, path, compiles=compiles)


def syntax_tree(text: str | bytes) -> ast.Module | None:
    """Python's own syntax tree of a text; ``None`` if the running Python cannot parse it."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def syntax_of(data: bytes) -> ast.Module | None:
    """The same for a file, with columns in characters."""
    from arctic_codegen.scan.decode import decode

    text = decode(data)
    if not isinstance(text, str):
        return None
    tree = syntax_tree(text)
    if tree is not None and not text.isascii():
        _count_characters(tree, text)
    return tree


def _count_characters(tree: ast.Module, text: str) -> None:
    """Convert the columns of a tree to characters: Python counts bytes."""
    import ast

    lines = [line.encode("utf-8", "surrogatepass") for line in text.split("\n")]
    for node in ast.walk(tree):
        for line, column in (("lineno", "col_offset"), ("end_lineno", "end_col_offset")):
            if hasattr(node, line):
                before = lines[getattr(node, line) - 1][: getattr(node, column)]
                setattr(node, column, len(before.decode("utf-8", "replace")))
