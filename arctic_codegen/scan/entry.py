"""One file's bytes to its declarations, or to the finding that says why that cannot be."""

from __future__ import annotations

import libcst as cst

from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.model.decls import FromImport, ModuleDecls
from arctic_codegen.scan.comments import Comments, wanted
from arctic_codegen.scan.decode import BadText, decode
from arctic_codegen.scan.positions import Positions
from arctic_codegen.scan.statements import Statements


def scan(data: bytes, path: str) -> ModuleDecls | Finding:
    """What one file says. ``path`` is for the finding alone."""
    text = decode(data)
    if isinstance(text, BadText):
        return _finding(text.code, text.message, path, text.line, text.column)
    try:
        return _declarations(text)
    except cst.ParserSyntaxError as error:
        return _finding("AC001", _reason(error), path, error.raw_line, error.raw_column + 1)
    except RecursionError:
        return _finding("AC001", "the file nests too deeply to be read", path, 1, 1)


def _declarations(text: str) -> ModuleDecls:
    tree = cst.parse_module(text)
    positions = Positions(tree, comments=wanted(text))
    comments = Comments(positions)
    body = Statements(positions, comments).block(tree.body)
    future = any(
        isinstance(statement, FromImport)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
        for statement in body
    )
    return ModuleDecls(body, future, comments.ignores())


def _reason(error: cst.ParserSyntaxError) -> str:
    return f"the file cannot be parsed: {error.message.splitlines()[0]}"


def _finding(code: str, message: str, path: str, line: int, column: int) -> Finding:
    return Finding(code, message, Place(path, Span(line, column, line, column + 1)))
