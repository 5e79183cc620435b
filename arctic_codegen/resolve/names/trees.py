"""The full bodies of functions, as Python's own parser reads them, on demand.

The records of a file contain the statements that bind names. Only the checks of callbacks need to
know what a body reads, and in which order, and they need it of few functions.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Union

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.query import Queries

FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]
"""Nodes with a body that a call executes."""

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
"""Nodes with names of their own."""
_LAMBDAS = "<lambda>"


class BodyCall(msgspec.Struct, frozen=True):
    """The first call of a name in a function's body.

    ``name`` is dotted, as written; ``?.save`` is a method of an expression that is not a name, as
    in ``x[0].save()``. ``given`` is the position or keyword of the first argument that is the
    function's own first parameter, if any.
    """

    name: str
    span: Span
    given: str = ""


def span_of(node: ast.AST) -> Span:
    """The span of a node."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    end_line, end_column = getattr(node, "end_lineno", line), getattr(node, "end_col_offset", 0)
    return Span(line, column + 1, end_line, end_column + 1)


def here(node: ast.AST) -> Iterator[ast.AST]:
    """A node and its descendants, without nested functions and classes."""
    if isinstance(node, SCOPES):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        # A comprehension's targets are local to it.
        if not (isinstance(node, ast.comprehension) and child is node.target):
            yield from here(child)


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, each before those inside it, without those of nested scopes."""
    waiting = [scope]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            yield child
            if not isinstance(child, SCOPES):
                waiting.append(child)


def bound_by(node: ast.AST) -> Iterator[str]:
    """The names that a node itself binds, without its children."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        yield from () if node.name is None else (node.name,)
    elif isinstance(node, ast.MatchMapping):
        yield from () if node.rest is None else (node.rest,)


def dotted(node: ast.expr) -> str:
    """A dotted name as written; ``?`` replaces an expression that is not a name: ``?.save``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


class SyntaxTree:
    """The tree of a module, and its functions by position."""

    def __init__(self, module: ast.Module) -> None:
        self.module = module
        self._functions: dict[tuple[int, str], FunctionNode] = {}
        self._named: dict[str, list[FunctionNode]] = {}
        for name, node in _definitions(module.body, ""):
            self._functions[node.lineno, node.name] = node
            self._named.setdefault(name, []).append(node)

    def function(self, line: int, name: str) -> FunctionNode | None:
        """The ``def`` with this name in this line."""
        return self._functions.get((line, name))

    def lambda_(self, body: Span) -> FunctionNode | None:
        """The lambda whose body starts at this position."""
        return self._lambdas.get((body.line, body.column))

    @cached_property
    def _lambdas(self) -> dict[tuple[int, int], FunctionNode]:
        return {
            (node.body.lineno, node.body.col_offset + 1): node
            for node in ast.walk(self.module)
            if isinstance(node, ast.Lambda)
        }

    @cached_property
    def rebound(self) -> frozenset[str]:
        """The names that a function declares ``global`` or ``nonlocal``."""
        declared = (n for n in ast.walk(self.module) if isinstance(n, (ast.Global, ast.Nonlocal)))
        return frozenset(name for node in declared for name in node.names)

    def digest(self, qualname: str) -> str:
        """A digest of all functions with this qualified name; empty if there are none. All lambdas
        share one name."""
        found: Iterable[FunctionNode] = self._named.get(qualname, ())
        if qualname == _LAMBDAS:
            found = self._lambdas.values()
        text = "\n".join(map(ast.dump, found))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if text else ""


class Trees:
    """The trees of modules, parsed on first use."""

    def __init__(self, loader: Loader, queries: Queries) -> None:
        self._loader = loader
        self._queries = queries
        self._trees: dict[str, SyntaxTree | None] = {}

    def of(self, module: str) -> SyntaxTree | None:
        """The tree of a module; ``None`` if it has none."""
        if module not in self._trees:
            parsed = self._loader.syntax(module)
            self._trees[module] = None if parsed is None else SyntaxTree(parsed)
        return self._trees[module]

    def function(self, module: str, decl: FunctionDecl) -> FunctionNode | None:
        """The node of a ``def``."""
        self._queries.body_read(module, decl.qualname)
        tree = self.of(module)
        return None if tree is None else tree.function(decl.span.line, decl.name)

    def lambda_(self, module: str, body: Span) -> FunctionNode | None:
        """The node of the lambda with this body."""
        self._queries.body_read(module, _LAMBDAS)
        tree = self.of(module)
        return None if tree is None else tree.lambda_(body)


def _definitions(
    statements: Sequence[ast.stmt], prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every ``def`` in a body and in nested bodies, with its qualified name."""
    for stmt in statements:
        inside = prefix
        if isinstance(stmt, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + stmt.name, stmt
            inside = f"{prefix}{stmt.name}.<locals>."
        elif isinstance(stmt, ast.ClassDef):
            inside = f"{prefix}{stmt.name}."
        for name in ("body", "orelse", "finalbody"):
            yield from _definitions(getattr(stmt, name, ()), inside)
        for inner in (*getattr(stmt, "handlers", ()), *getattr(stmt, "cases", ())):
            yield from _definitions(inner.body, inside)
