"""Which statements outside a class body change a class's list of callbacks (R12)?

This module finds them, and reads only enough to tell which class they change; others evaluate their
entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.model.decls import ClassDecl, FunctionDecl, Loop
from arctic_codegen.model.expr import Attr, Call, Expr, Name, Seq, Subscript
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.resolve.entities import ClassEntity, Entity, Scope, ValueEntity
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.module_changes import CALLBACKS, CONTEXTS, PlacedChange
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.output_names import OutputNames


class OutsideChange(msgspec.Struct, frozen=True):
    """One statement that changes the list of ``owner``, ``through_object`` or through a class."""

    owner: ClassEntity
    placed: PlacedChange
    through_object: bool = False
    own_method: str = ""
    """The method of the class that makes the change, through ``self`` or ``cls``."""
    from_output: bool = False
    """The statement names the compiled class instead of its source."""


class OutsideChanges:
    """Finds these statements in each module, in source order."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._output = OutputNames(names, names.settings)

    def imports_output(self, module: str) -> bool:
        """Whether the module imports anything from the output, or changes the list of a compiled
        class that another module re-exports."""
        return self._output.imports_output(module) or any(
            operation.from_output for operation in self.of(module)
        )

    def of(self, module: str) -> tuple[OutsideChange, ...]:
        """The changes in a module."""
        return self._names.queries.get(
            ("outside changes", module),
            lambda: tuple(sorted(self._in_module(module), key=lambda one: one.placed.place.span)),
        )

    def at_module_level(self, module: str, owner: ClassId) -> Sequence[PlacedChange]:
        """The changes in a module that always apply to the list of this class on import."""
        return self._names.queries.get(
            ("outside changes", module, owner),
            lambda: [
                one.placed
                for one in self.of(module)
                if one.owner.id == owner and not one.placed.not_always
            ],
        )

    def _in_module(self, module: str) -> Iterator[OutsideChange]:
        for placed in self._names.list_changes(module):
            expr, scope = placed.change.target, placed.scope
            if isinstance(expr, Attr) and expr.attr == CALLBACKS:
                if scope.frames:
                    where = message("reasons", "in-body", name=scope.frames[-1].qualname)
                    placed = _standing(placed, where)
                yield from self._owners(expr.value, scope, placed)

    def _owners(self, expr: Expr, scope: Scope, placed: PlacedChange) -> Iterator[OutsideChange]:
        """The change for each class that ``expr`` refers to, directly or through an object; a loop
        may iterate over several."""
        own = self._of_own_method(expr, scope)
        if own is not None:
            owner, method = own
            if self._names.is_kept(owner):
                yield OutsideChange(owner, placed, own_method=method)
                return
        if not isinstance(expr, (Name, Attr, Subscript)):
            return
        times = 1
        if isinstance(expr, Name):
            home, reach = self._names.definitions(expr.id, scope)
            times = self._names.sources.own_body(home).times(expr.id)
            for found in reach.state:
                loop = None if found is None else found.stmt
                if isinstance(loop, Loop) and isinstance(loop.iterable, Seq):
                    for item in loop.iterable.items:
                        inside = _standing(placed, CONTEXTS["loop"])
                        yield from self._owners(item, home.at(loop.span), inside)
        entity = self._names.lookup(expr, scope)
        yield from self._of(entity, placed)
        if isinstance(entity, ValueEntity) and isinstance(entity.expr, Call) and times <= 1:
            made = self._names.lookup(entity.expr.func, entity.scope)
            yield from self._of(made, placed, through_object=True)

    def _of(
        self, entity: Entity, placed: PlacedChange, *, through_object: bool = False
    ) -> Iterator[OutsideChange]:
        source = self._output.source_of(entity)
        cls: Entity = source or entity
        if isinstance(cls, ClassEntity):
            from_output = source is not None
            yield OutsideChange(cls, placed, through_object, from_output=from_output)

    def _of_own_method(self, expr: Expr, scope: Scope) -> tuple[ClassEntity, str] | None:
        """The class and method in which ``expr`` is ``self``, ``cls``, ``type(self)``,
        ``self.__class__`` or ``super()``; at run time it may be a subclass."""
        if isinstance(expr, Attr) and expr.attr == "__class__":
            expr = expr.value
        first = expr.id if isinstance(expr, Name) else None
        if isinstance(expr, Call) and isinstance(expr.func, Name):
            arg = expr.args[0].value if len(expr.args) == 1 else None
            if expr.func.id == "type" and isinstance(arg, Name):
                first = arg.id
            elif expr.func.id == "super" and scope.frames:
                first = _first(scope.frames[-1])
        if not first:
            return None
        home, _ = self._names.definitions(first, scope)
        cls, method = home.frames[-2:] if len(home.frames) > 1 else (None, None)
        if not isinstance(cls, ClassDecl) or not isinstance(method, FunctionDecl):
            return None
        if _first(method) != first:
            return None
        beside = Scope(home.module, home.frames[:-1])
        found = (self._names.lookup(decorator, beside) for decorator in method.decorators)
        if any(dotted_name(one) == "builtins.staticmethod" for one in found):
            return None
        outside = Scope(home.module, home.frames[:-2], cls.span.start)
        return self._names.class_entity(cls, outside), method.name


def _standing(placed: PlacedChange, where: Message) -> PlacedChange:
    """The change with its context, unless a context is already set."""
    return msgspec.structs.replace(placed, where=placed.where or where)


def _first(frame: FunctionDecl | ClassDecl) -> str:
    """The name of the first parameter of a function; empty if there is none."""
    params = frame.params if isinstance(frame, FunctionDecl) else ()
    return params[0].name if params else ""
