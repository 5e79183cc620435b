"""Reads one file: from its bytes to the records of :mod:`arctic_codegen.model.decls`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls

if TYPE_CHECKING:
    import ast

__all__ = ["scan", "syntax_of", "syntax_tree"]


def scan(data: bytes, path: str, *, compiles: bool = False) -> ModuleDecls | Finding:
    """What one file says. ``path`` is for the finding alone. With ``compiles``, what Python's
    compiler refuses is reported as well."""
    from arctic_codegen.scan import scanner  # only what really parses has to load libcst

    return scanner.scan(data, path, compiles=compiles)


def syntax_tree(text: str | bytes) -> ast.Module | None:
    """Python's own tree of a text; ``None`` where the running Python cannot parse it."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def syntax_of(data: bytes) -> ast.Module | None:
    """The same of a file, with columns that count characters."""
    from arctic_codegen.scan.decode import decode

    text = decode(data)
    if not isinstance(text, str):
        return None
    tree = syntax_tree(text)
    if tree is not None and not text.isascii():
        _count_characters(tree, text)
    return tree


def _count_characters(tree: ast.Module, text: str) -> None:
    """Has the columns of a tree count characters, as all of ours do: Python's count bytes."""
    import ast

    lines = [line.encode("utf-8", "surrogatepass") for line in text.split("\n")]
    for node in ast.walk(tree):
        for line, column in (("lineno", "col_offset"), ("end_lineno", "end_col_offset")):
            if hasattr(node, line):
                before = lines[getattr(node, line) - 1][: getattr(node, column)]
                setattr(node, column, len(before.decode("utf-8", "replace")))
