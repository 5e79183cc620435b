"""The bodies of functions in full, as Python's own parser reads them, where somebody asks.

The records of a file keep what binds names. What a body reads, and in what order, only the checks
of callbacks want to know, of few functions.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from typing import Union

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.query import Queries

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]
"""What has a body that a call runs."""

_LAMBDAS = "<lambda>"


class Tree:
    """One module's tree, and the functions in it by where they stand."""

    def __init__(self, module: ast.Module) -> None:
        self.module = module
        self._functions: dict[tuple[int, str], Function] = {}
        self._lambdas: dict[tuple[int, int], ast.Lambda] = {}
        for _, node in functions_in(module):
            if isinstance(node, ast.Lambda):
                self._lambdas[node.body.lineno, node.body.col_offset + 1] = node
            else:
                self._functions[node.lineno, node.name] = node

    def function(self, line: int, name: str) -> Function | None:
        """The ``def`` of that name whose name stands in that line."""
        return self._functions.get((line, name))

    def lambda_(self, body: Span) -> Function | None:
        """The lambda whose body starts there."""
        return self._lambdas.get((body.line, body.column))


class Trees:
    """The trees of modules, each parsed once, when somebody asks for a body in it."""

    def __init__(self, loader: Loader, queries: Queries) -> None:
        self._loader = loader
        self._queries = queries
        self._trees: dict[str, Tree | None] = {}

    def of(self, module: str) -> Tree | None:
        """The tree of a module; ``None`` where it has none."""
        if module not in self._trees:
            parsed = self._loader.syntax(module)
            self._trees[module] = None if parsed is None else Tree(parsed)
        return self._trees[module]

    def function(self, module: str, span: Span, name: str, qualname: str) -> Function | None:
        """A ``def`` whose name stands there."""
        self._queries.body_read(module, qualname)
        tree = self.of(module)
        return None if tree is None else tree.function(span.line, name)

    def lambda_(self, module: str, body: Span) -> Function | None:
        """The lambda whose body stands there."""
        self._queries.body_read(module, _LAMBDAS)
        tree = self.of(module)
        return None if tree is None else tree.lambda_(body)


def functions_in(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Every function in a tree, with its qualified name; all lambdas have one."""
    pending = [(tree, prefix)]
    while pending:
        outer, before = pending.pop()
        for node in ast.iter_child_nodes(outer):
            inside = before
            if isinstance(node, ast.Lambda):
                yield _LAMBDAS, node
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield before + node.name, node
                inside = f"{before}{node.name}.<locals>."
            elif isinstance(node, ast.ClassDef):
                inside = f"{before}{node.name}."
            pending.append((node, inside))


def digest_of_body(tree: ast.Module | None, qualname: str) -> str:
    """A digest of the functions of that name, wherever they stand; empty where there is none."""
    if tree is None:
        return ""
    found = [ast.dump(node) for name, node in functions_in(tree) if name == qualname]
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else ""
