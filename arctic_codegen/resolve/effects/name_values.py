"""Which value does a local or module-level name have, if it has only one?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Union

from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.resolve.effects.collectives import Collectives, FunctionBody
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.trees import bound_by, own_nodes

_IF_ALONE = frozenset(ast.dump(ast.parse(value, mode="eval").body) for value in ("0", "-1", "True"))
"""The rank, and the result of a test of it, in a run with one rank: ``rank = 0`` before ``if
is_initialized(): rank = get_rank()``."""

Values = Mapping[str, Sequence[Union[ast.expr, None]]]
"""For each name that a function or a module binds, what each binding assigns; ``None`` if this is
not an expression of its own."""


class NameValues:
    """Looks up names in functions, the functions around them, and modules; reads each once."""

    def __init__(self, names: Names, calls: Collectives) -> None:
        self._names = names
        self._calls = calls
        self._read: dict[ast.AST, Values] = {}

    def of(self, name: str, body: FunctionBody) -> ast.expr | None:
        """The only value of a name in a body, apart from the one in runs with a single rank."""
        module = body.scope.module
        tree = self._names.trees.of(module)
        if tree is None or name in tree.rebound:
            return None
        frames = [one for one in reversed(body.scope.frames) if isinstance(one, FunctionDecl)]
        functions = (self._names.trees.function(module, one) for one in frames)
        for scope in (self._calls.node(body), *functions, tree.module):
            values = () if scope is None else self._values(scope).get(name, ())
            if len(values) == 1:
                return values[0]
            if values:
                several = [one for one in values if one is None or ast.dump(one) not in _IF_ALONE]
                known = len(several) == 1 and not isinstance(several[0], ast.Constant)
                return several[0] if known else None
        return None

    def _values(self, scope: ast.AST) -> Values:
        if scope not in self._read:
            found: dict[str, list[ast.expr | None]] = {}
            for name, value in _bindings(scope):
                found.setdefault(name, []).append(value)
            self._read[scope] = found
        return self._read[scope]


def _bindings(scope: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    assigned: dict[ast.AST, ast.expr | None] = {}
    for node in own_nodes(scope):
        match node:
            case ast.Assign(targets=[target], value=value):
                assigned[target] = value
            case ast.AnnAssign(target=target, value=value):
                assigned[target] = value
            case ast.NamedExpr(target=target, value=value):
                assigned[target] = value
            case ast.Name(ctx=ast.Del()):
                continue
        for name in bound_by(node):
            yield name, assigned.get(node)
