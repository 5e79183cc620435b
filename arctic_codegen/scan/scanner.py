"""One file's bytes to its declarations, or to the finding that says why it has none."""

from __future__ import annotations

import contextlib
from functools import partial

import libcst as cst

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.model.decls import FromImport, ModuleDecls
from arctic_codegen.scan.comments import Comments
from arctic_codegen.scan.decode import BadText, decode
from arctic_codegen.scan.depth import Depth, depth_of, with_large_stack
from arctic_codegen.scan.positions import Positions
from arctic_codegen.scan.statements import Statements
from arctic_codegen.scan.syntax import Unparsable, compiler_problem, is_installed, syntax_problem


def scan(data: bytes, path: str, *, compiles: bool = False) -> ModuleDecls | Finding:
    """The declarations of one file; ``path`` is used in findings. With ``compiles``, errors of
    Python's compiler are reported as well."""
    text = decode(data)
    if isinstance(text, BadText):
        return _finding(text, path)
    depth = depth_of(text)
    if depth == "hopeless":
        return _too_deep(path)
    try:
        found = _declarations(text, depth)
        if compiles and depth == "plain" and not is_installed(path):
            refused = compiler_problem(text)
            if refused is not None:
                return _finding(refused, path)
        return found
    except Unparsable as error:
        return _finding(syntax_problem(text, error.message), path)
    except UnicodeEncodeError as error:
        # Codecs such as utf-7 and unicode_escape can produce an unpaired surrogate.
        line = text.count("\n", 0, error.start) + 1
        column = error.start - text.rfind("\n", 0, error.start)
        return _finding(BadText(message("AC003", "surrogate"), line, column), path)
    except (RecursionError, MemoryError):
        return _too_deep(path)


def _declarations(text: str, depth: Depth) -> ModuleDecls:
    if depth == "plain":
        with contextlib.suppress(RecursionError):
            return _read(text)
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
        # libcst's nodes reject some texts that its grammar accepts, with various exceptions, and a
        # panic of its native parser is not an `Exception`.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise Unparsable("") from error
        raise


def _too_deep(path: str) -> Finding:
    return _finding(BadText(message("AC001", "too-deep"), 1, 1), path)


def _finding(bad: BadText, path: str) -> Finding:
    span = Span(bad.line, bad.column, bad.line, bad.column + 1)
    return bad.problem.at(Place(path, span))
