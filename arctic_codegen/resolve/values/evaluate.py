"""Looks at expressions: what a name, a display, an operator stands for, nothing executed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    BoolOp,
    Call,
    Comp,
    Compare,
    DictDisplay,
    Expr,
    FString,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Seq,
    SliceExpr,
    Starred,
    Str,
    Subscript,
    UnaryOp,
)
from arctic_codegen.model.expr import (
    Opaque as OpaqueExpr,
)
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import attributes, calls, comprehensions, displays, operators
from arctic_codegen.resolve.values.cells import hashable, holding, qualname_of
from arctic_codegen.resolve.values.changed_names import ChangedNames
from arctic_codegen.resolve.values.describe import describe
from arctic_codegen.resolve.values.functions import Functions
from arctic_codegen.resolve.values.known import known_name
from arctic_codegen.resolve.values.list_changes import added_elements
from arctic_codegen.resolve.values.objects import (
    EMPTY,
    MAX_ELEMENTS,
    Alias,
    Arguments,
    Cell,
    Class,
    Const,
    EnumMember,
    Env,
    Function,
    Instance,
    Looker,
    Mapping,
    Module,
    NotPure,
    Opaque,
    Sequence,
    TooMuch,
    Undecided,
    Value,
)
from arctic_codegen.resolve.values.preserving import OwnKeepers
from arctic_codegen.resolve.values.tables import Tables

_MAX_DEPTH = 90
_LONG = 256
"""Elements or characters that cost as much as a step, each time that they are copied."""
_UNREAD = "an expression of this kind is not read"

ClassList = Callable[[ClassEntity, Scope], Value]


class Evaluator:
    """Gives the :data:`Value` of a :class:`Cell`. It never executes what it looks at."""

    def __init__(
        self, names: Names, loader: Loader, settings: Settings, class_list: ClassList
    ) -> None:
        self.names = names
        self.loader = loader
        self.settings = settings
        self.class_list = class_list
        self._changed = ChangedNames(names, loader)
        self._keepers = OwnKeepers(names, settings.signature_preserving)
        self._functions = Functions(self)
        self.running: list[FunctionDecl | LambdaExpr] = []
        self.used: dict[Alias, None] = {}
        """The named lists that were looked at."""
        self._depth = 0
        self._steps = 0
        self._most_steps = names.patience.steps
        self._named = names.new_answers()
        self._tables = Tables()
        self._forms: dict[type, Callable[[Cell], Value]] = {
            Name: self._name,
            Attr: self._attr,
            Str: self._by(displays.text),
            Literal_: self._by(displays.literal),
            FString: self._by(displays.fstring),
            Seq: self._by(displays.sequence),
            DictDisplay: self._by(displays.mapping),
            Call: lambda cell: calls.call_expression(self, cell, cast(Call, cell.expr)),
            Subscript: self._by(displays.subscript),
            BinOp: self._by(operators.binary),
            BoolOp: self._by(operators.boolean),
            UnaryOp: self._by(operators.unary),
            Compare: self._by(operators.comparison),
            IfExp: self._by(operators.conditional),
            Comp: lambda cell: comprehensions.comprehension(self, cell, cast(Comp, cell.expr)),
            LambdaExpr: self._lambda,
            Starred: lambda cell: Undecided("a star stands where one value is needed", cell.place),
            SliceExpr: lambda cell: Undecided(_UNREAD, cell.place),
            OpaqueExpr: lambda cell: Undecided(_UNREAD, cell.place),
        }

    def _by(self, form: Callable[[Looker, Cell], Value]) -> Callable[[Cell], Value]:
        return functools.partial(form, self)

    # What every part uses

    @contextmanager
    def session(self) -> Iterator[None]:
        """One question from outside: the steps that it may take are counted anew."""
        outer = self._depth == 0
        if outer:
            self._steps = 0
            self._most_steps = self.names.patience.steps
        depth = self._depth
        try:
            yield
        except RecursionError:
            raise TooMuch from None
        finally:
            self._depth = depth
            if outer:
                too_many = self._steps > self._most_steps
                self.names.patience.took(self._steps, too_many=too_many)

    def cell(self, expr: Expr, scope: Scope) -> Cell:
        """An expression as it stands in a scope."""
        return Cell(expr, scope, self.place(expr.span, scope.module), EMPTY, qualname_of(scope))

    def child(self, cell: Cell, expr: Expr) -> Cell:
        place = Place(cell.place.path, expr.span)
        return Cell(expr, cell.scope, place, cell.env, cell.qualname, cell.indices)

    def place(self, span: Span, module: str) -> Place:
        file = self.loader.module(module).file
        return Place(module if file is None else file.path, span)

    def tick(self, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > self._most_steps:
            raise TooMuch

    def known(self, cell: Cell, expr: Expr) -> str | None:
        return known_name(self.names, self.loader, expr, cell.scope, cell.env, self._keepers)

    def look(self, cell: Cell) -> Value:
        if cell.value is not None:
            return cell.value
        if cell.later is not None:
            return cell.later()
        self.tick()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise TooMuch
        try:
            value = self._forms[type(cell.expr)](cell)
        finally:
            self._depth -= 1
        if isinstance(value, Sequence):
            if len(value.items) > _LONG:
                self.tick(len(value.items) // _LONG)
            return value if cell.reach is None else _reached(value, cell.reach)
        if isinstance(value, Const) and isinstance(value.value, (str, bytes)):
            self.tick(len(value.value) // _LONG)
        return value

    def forwarded(self, cell: Cell) -> Cell:
        """The cell itself that a name of a comprehension or a constant subscript stands for."""
        while cell.value is None and cell.later is None:
            if isinstance(cell.expr, Name):
                bound = cell.env.find(cell.expr.id)
                if bound is None:
                    return cell
                cell = bound
            elif isinstance(cell.expr, Subscript):
                inner = self.child(cell, cell.expr.value)
                found = displays.item_cell(self, cell, cell.expr, self.look(inner))
                if not isinstance(found, Cell):
                    return cell
                cell = found
            else:
                return cell
        return cell

    def elements(self, cell: Cell) -> tuple[Cell, ...] | Undecided:
        value = self.look(cell)
        match value:
            case Sequence(kind="set", items=items) if len(items) > 1:
                return Undecided("a set has no order", cell.place)
            case Sequence(items=items):
                for item in items:
                    if isinstance(item.value, Undecided):
                        return item.value
                return items
            case Mapping(items=pairs):
                return tuple(key for key, _ in pairs)
            case Const(value=str(text)):
                return tuple(holding(cell, Const(letter)) for letter in text[: MAX_ELEMENTS + 1])
            case Undecided():
                return value
        return Undecided(f"'{show(cell.expr)}' is {describe(value)}, no list", cell.place)

    def pure(self, value: Value, *, formatting: bool = False) -> object:
        match value:
            case Const(value=constant):
                return constant
            case Sequence(kind=kind, items=items):
                found = [self.pure(self.look(item), formatting=formatting) for item in items]
                if kind == "tuple":
                    return tuple(found)
                return found if kind != "set" else frozenset(map(hashable, found))
            case Mapping(items=pairs):
                return {
                    hashable(self.pure(self.look(key))): self.pure(
                        self.look(item), formatting=formatting
                    )
                    for key, item in pairs
                }
            case EnumMember(text=text, cell=cell) if text == "StrEnum" or (
                text == "str" and not formatting
            ):
                return self.pure(self.look(cell))
            case Undecided():
                raise NotPure(value)
        raise NotPure(Undecided(f"{describe(value)} is no constant"))

    def item(self, mapping: Mapping, key: object) -> Cell | None:
        """The value of a dict under a constant."""
        return self._tables.item(self, mapping, key)

    def truth(self, cell: Cell) -> bool | Undecided:
        return operators.truth(self, cell)

    def call(self, function: Value, args: Arguments, cell: Cell) -> Value:
        return calls.call(self, function, args, cell)

    def attribute(self, base: Value, name: str, cell: Cell) -> Value:
        return attributes.attribute(self, base, name, cell)

    def function(self, entity: FunctionEntity, env: Env) -> Value:
        return self._functions.function(entity, env)

    def callable_of(self, value: Value, cell: Cell) -> Function | Undecided:
        return attributes.callable_of(self, value, cell)

    # Names

    def follow(self, entity: Entity, cell: Cell) -> Value:
        match entity:
            case ModuleEntity(name=name):
                return Module(name)
            case ClassEntity():
                return Class(entity)
            case FunctionEntity():
                return self.function(entity, _seen_from(cell, entity.scope))
            case LambdaEntity():
                env = _seen_from(cell, entity.scope)
                return self._functions.lambda_(entity, env, entity.reachable)
            case OpaqueEntity(module=module, name=name):
                return Opaque(module, name)
            case Unknown(reason=reason, place=place, missing=missing):
                return Undecided(reason, place, missing)
            case ValueEntity():
                return self._value(entity, cell)
        raise AssertionError(entity)

    def _value(self, entity: ValueEntity, cell: Cell) -> Value:
        if entity.expr is cell.expr:
            return Undecided(f"'{show(cell.expr)}' cannot be determined statically", cell.place)
        reach = entity.reachable
        inner = Cell(
            entity.expr,
            entity.scope,
            entity.place,
            _seen_from(cell, entity.scope),
            qualname_of(entity.scope),
            reach=None if reach is None else (*reach, ()),
        )
        value = self._bound(inner)
        if isinstance(value, (Function, Instance)) and value.reachable is None:
            return msgspec.structs.replace(value, reachable=reach)
        if isinstance(value, Sequence) and value.kind == "list":
            return self._as_changed(value, inner, cell)
        if isinstance(value, Mapping):
            return self._as_displayed(value, inner, cell)
        return value

    def _bound(self, cell: Cell) -> Value:
        """What a name was bound to. It is looked at once, however many read it, but inside calls:
        there other names may stand for something else each time."""
        if cell.env is not EMPTY:
            return self._extended(cell) or self.look(cell)
        scope = cell.scope
        frames = tuple(map(id, scope.frames))
        key = (id(cell.expr), scope.module, scope.before, frames, cell.reach)
        value, used = self._named.get(key, lambda: self._bound_afresh(cell))
        self.used.update(used)
        return value

    def _bound_afresh(self, cell: Cell) -> tuple[Value, dict[Alias, None]]:
        outside, self.used = self.used, {}
        try:
            return self._extended(cell) or self.look(cell), self.used
        finally:
            self.used = outside

    def _extended(self, cell: Cell) -> Value | None:
        """``name += more``, which takes any iterable where ``name`` is a list."""
        expr = cell.expr
        start = (expr.span.line, expr.span.column)
        if not isinstance(expr, BinOp) or expr.op != "+" or cell.scope.before != start:
            return None
        left = self.look(self.child(cell, expr.left))
        if not isinstance(left, Sequence) or left.kind != "list":
            return None
        more = added_elements(self, self.child(cell, expr.right))
        if len(left.items) + len(more) > MAX_ELEMENTS:
            return comprehensions.too_long(cell)
        return Sequence("list", left.items + more)

    def _as_changed(self, value: Sequence, bound: Cell, cell: Cell) -> Value:
        """A named list with what statements did to it after it was bound."""
        alias, changes = self._changed.of(bound.expr, bound.scope, cell.scope)
        if alias is None:
            return value
        self.used[alias] = None
        for change in changes:
            changed = self._changed.apply(self, value, change)
            if isinstance(changed, Undecided):
                return changed
            value = changed
        return msgspec.structs.replace(value, alias=alias)

    def _as_displayed(self, value: Mapping, bound: Cell, cell: Cell) -> Value:
        """A named dict, unless statements change it: those are not read."""
        alias, changes = self._changed.of(bound.expr, bound.scope, cell.scope)
        if alias is not None:
            self.used[alias] = None
        return self._changed.undecided(changes[0]) if changes else value

    def later_change(self, alias: Alias, scope: Scope) -> Place | None:
        """Where a named list is changed after code in ``scope`` has read it."""
        return self._changed.later(alias, scope)

    def _name(self, cell: Cell) -> Value:
        expr = cast(Name, cell.expr)
        bound = cell.env.find(expr.id)
        if bound is not None:
            return self.look(bound)
        return self.follow(self.names.lookup(expr, cell.scope), cell)

    def _attr(self, cell: Cell) -> Value:
        expr = cast(Attr, cell.expr)
        return self.attribute(self.look(self.child(cell, expr.value)), expr.attr, cell)

    def _lambda(self, cell: Cell) -> Value:
        expr = cast(LambdaExpr, cell.expr)
        qualname = f"{cell.qualname}<lambda>"
        entity = LambdaEntity(cell.scope.module, expr, cell.scope, cell.place, qualname)
        return self._functions.lambda_(entity, cell.env, None, cell.indices)


def _seen_from(cell: Cell, scope: Scope) -> Env:
    """What names mean in a scope that a look-up led to: calls that it stands inside still count."""
    depth = len(scope.frames)
    if scope.module != cell.scope.module or not cell.env.layers or depth == 0:
        return EMPTY
    seen = cell.scope.frames
    if depth > len(seen) or any(a is not b for a, b in zip(scope.frames, seen, strict=False)):
        return EMPTY
    layers = tuple(layer for layer in cell.env.layers if 0 < layer.depth <= depth)
    return Env(layers, cell.env.site) if layers else EMPTY


def _reached(value: Sequence, reach: tuple[str, str, tuple[int, ...]]) -> Sequence:
    if value.kind not in ("list", "tuple"):
        return value
    module, path, items = reach
    return msgspec.structs.replace(
        value,
        items=tuple(
            item
            if item.reach is not None
            else msgspec.structs.replace(item, reach=(module, path, (*items, index)))
            for index, item in enumerate(value.items)
        ),
    )
