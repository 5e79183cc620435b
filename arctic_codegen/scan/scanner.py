"""One file's bytes to its declarations, or to the finding that says why that cannot be."""

from __future__ import annotations

from functools import partial

import libcst as cst

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.model.decls import FromImport, ModuleDecls
from arctic_codegen.scan.comments import Comments
from arctic_codegen.scan.compiling import compiler_problem, is_installed
from arctic_codegen.scan.decode import BadText, decode
from arctic_codegen.scan.depth import depth_of, with_large_stack
from arctic_codegen.scan.positions import Positions
from arctic_codegen.scan.statements import Statements
from arctic_codegen.scan.syntax import Unparsable, syntax_problem


def scan(data: bytes, path: str, *, compiles: bool = False) -> ModuleDecls | Finding:
    """What one file says. ``path`` is for the finding alone. With ``compiles``, what Python's
    compiler refuses is reported as well."""
    text = decode(data)
    if isinstance(text, BadText):
        return _finding(text.problem, path, text.line, text.column)
    depth = depth_of(text)
    if depth == "hopeless":
        return _too_deep(path)
    try:
        found = _declarations(text) if depth == "plain" else _deep_declarations(text)
        if compiles and depth == "plain" and not is_installed(path):
            refused = compiler_problem(text, path)
            if refused is not None:
                return _finding(refused.problem, path, refused.line, refused.column)
        return found
    except Unparsable as error:
        wrong = syntax_problem(text, error.message)
        return _finding(wrong.problem, path, wrong.line, wrong.column)
    except UnicodeEncodeError as error:
        # Codecs such as utf-7 and unicode_escape can give half of a surrogate pair.
        line = text.count("\n", 0, error.start) + 1
        column = error.start - text.rfind("\n", 0, error.start)
        return _finding(message("AC003", "surrogate"), path, line, column)
    except (RecursionError, MemoryError):
        return _too_deep(path)


def _declarations(text: str) -> ModuleDecls:
    try:
        return _read(text)
    except RecursionError:
        return _deep_declarations(text)


def _deep_declarations(text: str) -> ModuleDecls:
    return with_large_stack(partial(_read, text))


def _read(text: str) -> ModuleDecls:
    tree = _parse(text)
    positions = Positions(tree, text)
    comments = Comments(positions)
    body = Statements(positions, comments).block(tree.body)
    future = any(
        isinstance(statement, FromImport)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
        for statement in body
    )
    return ModuleDecls(body, future, comments.ignores())


def _parse(text: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise Unparsable(error.message) from error
    except (RecursionError, MemoryError, UnicodeEncodeError):
        raise
    except BaseException as error:
        # libcst's nodes refuse some texts that its grammar takes, each with an exception of its
        # own, and a panic of its native parser is no `Exception`.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise Unparsable("") from error
        raise


def _too_deep(path: str) -> Finding:
    return _finding(message("AC001", "too-deep"), path, 1, 1)


def _finding(problem: Message, path: str, line: int, column: int) -> Finding:
    return problem.at(Place(path, Span(line, column, line, column + 1)))
