"""What else uses an attribute? All sources of the project are searched, and those of base classes.

They are searched by name only, whatever object has the attribute: in doubt, nothing is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.trees import FunctionNode, dotted


class Mentions:
    """Searches modules for uses of names."""

    def __init__(self, names: Names, project: Iterable[str]) -> None:
        self._names = names
        self._project = tuple(sorted(project))
        self._dynamic: dict[str, bool] = {}
        self.asked = False
        """Whether a search was made: then any change of any text may affect the result."""

    def stored(self, name: str, parents: Iterable[str], apart: Iterable[FunctionNode]) -> bool:
        """Whether code outside these functions may set the attribute, or it exists from the
        start."""
        return any(
            not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load))
            for node in self._nodes(name, parents, apart)
        ) or any(map(self._sets_any, self._modules(parents)))

    def used(self, name: str, parents: Iterable[str], apart: Iterable[FunctionNode]) -> bool:
        """Whether code outside these functions mentions the attribute."""
        return any(True for _ in self._nodes(name, parents, apart))

    def called(self, function: str) -> bool:
        """Whether the project contains a call of a function with this name."""
        return any(
            isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == function
            for module in self._project
            for node in self._walk(module, function)
        )

    def _modules(self, parents: Iterable[str]) -> list[str]:
        return sorted({*self._project, *parents})

    def _nodes(
        self, name: str, parents: Iterable[str], apart: Iterable[FunctionNode]
    ) -> Iterable[ast.AST]:
        """The nodes that mention a name, except inside the functions ``apart``."""
        inside = {id(node) for function in apart for node in ast.walk(function)}
        for module in self._modules(parents):
            for node in self._walk(module, name):
                if id(node) not in inside and name in _names_of(node):
                    yield node

    def _walk(self, module: str, name: str) -> Iterable[ast.AST]:
        self.asked = True
        data = self._names.sources.data(module)
        if data is None or name.encode() not in data:
            return
        tree = self._names.trees.of(module)
        if tree is None:
            # A file that cannot be parsed may do anything.
            yield ast.Global([name])
            return
        without = {id(node) for node in _types_alone(tree.module)}
        yield from (node for node in ast.walk(tree.module) if id(node) not in without)

    def _sets_any(self, module: str) -> bool:
        """Whether a module sets attributes whose names are computed."""
        if module not in self._dynamic:
            found = any(
                _is_dynamic(node)
                for word in ("setattr", "__dict__", "vars")
                for node in self._walk(module, word)
            )
            self._dynamic[module] = found
        return self._dynamic[module]


def _names_of(node: ast.AST) -> tuple[object, ...]:
    match node:
        case ast.Attribute():
            return (node.attr,)
        case ast.Name():
            return (node.id,) if isinstance(node.ctx, ast.Store) else ()
        case ast.Constant():
            return (node.value,)
        case ast.keyword() | ast.arg():
            return (node.arg,)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return (node.name,)
        case ast.Global():
            return tuple(node.names)
    return ()


def _is_dynamic(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "__dict__"
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return isinstance(node, ast.Global)
    if node.func.id == "setattr":
        return len(node.args) > 1 and not isinstance(node.args[1], ast.Constant)
    return node.func.id == "vars" and bool(node.args)


def _types_alone(tree: ast.Module) -> Iterator[ast.AST]:
    """The targets of annotations without a value: ``mean: float``. In a decorated class they may be
    fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and not node.decorator_list:
            for stmt in node.body:
                if isinstance(stmt, ast.AnnAssign) and stmt.value is None:
                    yield stmt.target
