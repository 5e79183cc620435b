"""Which class does the object of a dotted name have, judged by annotations and constructors?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import Assign, Statement
from arctic_codegen.model.expr import Attr, Call, Expr, Name, Param, dotted_parts, unquoted
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity, Scope, ValueEntity
from arctic_codegen.resolve.names.names import Names

_WITH_TRAINERS = frozenset(
    name.partition(".")[0]
    for one in FRAMEWORKS
    for name in (*one.trainers, *one.checkpoint_engines)
)
_DEEPEST = 10
_NOWHERE = Span(0, 0, 0, 0)


class Params(NamedTuple):
    """The parameters of a function. Annotations are resolved in ``scope`` on demand, since one
    annotation may lead through hundreds of modules."""

    params: Sequence[Param]
    scope: Scope
    known: Mapping[str, ClassEntity]
    """The classes of some parameters, which override their annotations."""

    def named(self, name: str) -> Param | None:
        """The parameter with this name."""
        return next((one for one in self.params if one.name == name), None)


class Objects:
    """Determines the classes of names in a function. A name that is bound twice has no class."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def class_of(
        self, parts: Sequence[str], params: Params | None, scope: Scope, depth: int = 0
    ) -> ClassEntity | None:
        """The class of an object; ``None`` if it is unknown or belongs to a library."""
        cls = None if params is None else params.known.get(parts[0])
        cls = cls or self._of_name(parts[0], params, scope, depth)
        for name in parts[1:]:
            cls = None if cls is None else self._attribute(cls, name, depth)
        return cls

    def _of_name(
        self, name: str, params: Params | None, scope: Scope, depth: int
    ) -> ClassEntity | None:
        """The class of what a name is bound to."""
        param = None if params is None else params.named(name)
        if params is not None and param is not None:
            return self._class(param.annotation, params.scope)
        if depth >= _DEEPEST:
            return None
        home, reach = self._names.definitions(name, scope)
        bound = [one.stmt for one in reach.state if one is not None and not one.path]
        if len(bound) == len(reach.state) == 1 and isinstance(bound[0], Assign):
            return self._assigned(bound[0], params if home.frames else None, home.late, depth)
        root = Name(_NOWHERE, name)
        found = self._names.lookup(root, scope) if not self._names.library(root, scope) else None
        if isinstance(found, ValueEntity):
            return self._value(found.expr, None, found.scope, depth)
        return None

    def _attribute(self, owner: ClassEntity, name: str, depth: int) -> ClassEntity | None:
        """The class of an attribute's value, as set in a class body or in ``__init__``."""
        for cls in self._names.mros.nearest(owner):
            if self._names.source(cls.id.module).installed:
                continue
            self._names.own_attribute(cls, name)  # record the look-up as a dependency
            said = _assigning(cls.decl.body, (name,))
            if said:
                return self._assigned(said[-1], None, cls.body, depth)
            init = self._names.own_attribute(cls, "__init__")
            self._names.queries.body_read(cls.id.module, f"{cls.decl.qualname}.__init__")
            if isinstance(init, FunctionEntity) and init.decl.params:
                first = init.decl.params[0].name
                said = _assigning(init.decl.body, (first, name))
                if said:
                    params = Params(init.decl.params, init.scope, {first: owner})
                    return self._assigned(said[0], params, init.body, depth)
        return None

    def _assigned(
        self, stmt: Assign, params: Params | None, scope: Scope, depth: int
    ) -> ClassEntity | None:
        if stmt.annotation is not None or stmt.value is None:
            return self._class(stmt.annotation, scope)
        return self._value(stmt.value, params, scope, depth)

    def _value(
        self, value: Expr, params: Params | None, scope: Scope, depth: int
    ) -> ClassEntity | None:
        if isinstance(value, Call):
            return self._class(value.func, scope)
        parts = dotted_parts(value)
        return None if parts is None else self.class_of(parts, params, scope, depth + 1)

    def _class(self, expr: Expr | None, scope: Scope) -> ClassEntity | None:
        """The class that an annotation or a callee names."""
        expr = unquoted(expr)
        if not isinstance(expr, (Name, Attr)):
            return None
        library = self._names.library(expr, scope)
        if library is not None and library not in _WITH_TRAINERS:
            return None  # the effects of its methods are known by name: it need not be read
        found = self._names.lookup(expr, scope)
        return found if isinstance(found, ClassEntity) else None


def _assigning(statements: Sequence[Statement], target: tuple[str, ...]) -> list[Assign]:
    """The statements that assign to a dotted name, or annotate it."""
    return [
        stmt
        for stmt in flat(tuple(statements))
        if isinstance(stmt, Assign) and target in map(dotted_parts, stmt.targets)
    ]
