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
from arctic_codegen.resolve.values.changed_names import ChangedNames, after, not_read
from arctic_codegen.resolve.values.functions import Functions
from arctic_codegen.resolve.values.known import known_name
from arctic_codegen.resolve.values.list_changes import added_elements
from arctic_codegen.resolve.values.preserving import OwnKeepers
from arctic_codegen.resolve.values.records import (
    EMPTY,
    MAX_ELEMENTS,
    Alias,
    Arguments,
    Class,
    Const,
    EnumMember,
    Env,
    Function,
    Instance,
    Mapping,
    Module,
    NotPure,
    Opaque,
    Sequence,
    Thunk,
    TooMuch,
    Undecided,
    Value,
    describe,
    hashable,
    qualname_of,
)
from arctic_codegen.resolve.values.tables import Tables

_MAX_DEPTH = 90
_LONG = 256
"""Elements or characters that cost as much as a step, each time that they are copied."""
_UNREAD = "an expression of this kind is not read"

ClassList = Callable[[ClassEntity, Scope], Value]


class Evaluator:
    """Gives the :data:`Value` of a :class:`Thunk`. It never executes what it looks at."""

    def __init__(
        self, names: Names, loader: Loader, settings: Settings, class_list: ClassList
    ) -> None:
        self.names = names
        self.loader = loader
        self.settings = settings
        self.class_list = class_list
        self._changed = ChangedNames(names)
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
        self._forms: dict[type, Callable[[Thunk], Value]] = {
            Name: self._name,
            Attr: self._attr,
            Str: self._by(displays.text),
            Literal_: self._by(displays.literal),
            FString: self._by(displays.fstring),
            Seq: self._by(displays.sequence),
            DictDisplay: self._by(displays.mapping),
            Call: lambda thunk: calls.call_expression(self, thunk, cast(Call, thunk.expr)),
            Subscript: self._by(displays.subscript),
            BinOp: self._by(operators.binary),
            BoolOp: self._by(operators.boolean),
            UnaryOp: self._by(operators.unary),
            Compare: self._by(operators.comparison),
            IfExp: self._by(operators.conditional),
            Comp: lambda thunk: comprehensions.comprehension(self, thunk, cast(Comp, thunk.expr)),
            LambdaExpr: self._lambda,
            Starred: lambda thunk: Undecided(
                "a star stands where one value is needed", thunk.place
            ),
            SliceExpr: lambda thunk: Undecided(_UNREAD, thunk.place),
            OpaqueExpr: lambda thunk: Undecided(_UNREAD, thunk.place),
        }

    def _by(self, form: Callable[[Evaluator, Thunk], Value]) -> Callable[[Thunk], Value]:
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

    def thunk(self, expr: Expr, scope: Scope) -> Thunk:
        """An expression as it stands in a scope."""
        return Thunk(expr, scope, self.place(expr.span, scope.module), EMPTY, qualname_of(scope))

    def child(self, thunk: Thunk, expr: Expr) -> Thunk:
        place = Place(thunk.place.path, expr.span)
        return Thunk(expr, thunk.scope, place, thunk.env, thunk.qualname, thunk.indices)

    def place(self, span: Span, module: str) -> Place:
        file = self.loader.module(module).file
        return Place(module if file is None else file.path, span)

    def tick(self, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > self._most_steps:
            raise TooMuch

    def known(self, thunk: Thunk, expr: Expr) -> str | None:
        return known_name(self.names, self.loader, expr, thunk.scope, thunk.env, self._keepers)

    def evaluate(self, thunk: Thunk) -> Value:
        if thunk.value is not None:
            return thunk.value
        if thunk.later is not None:
            return thunk.later()
        self.tick()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise TooMuch
        try:
            value = self._forms[type(thunk.expr)](thunk)
        finally:
            self._depth -= 1
        if isinstance(value, Sequence):
            if len(value.items) > _LONG:
                self.tick(len(value.items) // _LONG)
            return value if thunk.reach is None else _reached(value, thunk.reach)
        if isinstance(value, Const) and isinstance(value.value, (str, bytes)):
            self.tick(len(value.value) // _LONG)
        return value

    def forwarded(self, thunk: Thunk) -> Thunk:
        """The thunk itself that a name of a comprehension or a constant subscript stands for."""
        while thunk.value is None and thunk.later is None:
            if isinstance(thunk.expr, Name):
                bound = thunk.env.find(thunk.expr.id)
                if bound is None:
                    return thunk
                thunk = bound
            elif isinstance(thunk.expr, Subscript):
                inner = thunk.child(thunk.expr.value)
                found = displays.item_thunk(self, thunk, thunk.expr, self.evaluate(inner))
                if not isinstance(found, Thunk):
                    return thunk
                thunk = found
            else:
                return thunk
        return thunk

    def elements(self, thunk: Thunk) -> tuple[Thunk, ...] | Undecided:
        value = self.evaluate(thunk)
        match value:
            case Sequence(kind="set", items=items) if len(items) > 1:
                return Undecided("a set has no order", thunk.place)
            case Sequence(items=items):
                for item in items:
                    if isinstance(item.value, Undecided):
                        return item.value
                return items
            case Mapping(items=pairs):
                return tuple(key for key, _ in pairs)
            case Const(value=str(text)):
                return tuple(thunk.holding(Const(letter)) for letter in text[: MAX_ELEMENTS + 1])
            case Undecided():
                return value
        return Undecided(f"'{show(thunk.expr)}' is {describe(value)}, no list", thunk.place)

    def pure(self, value: Value, *, formatting: bool = False) -> object:
        match value:
            case Const(value=constant):
                return constant
            case Sequence(kind=kind, items=items):
                found = [self.pure(self.evaluate(item), formatting=formatting) for item in items]
                if kind == "tuple":
                    return tuple(found)
                return found if kind != "set" else frozenset(map(hashable, found))
            case Mapping(items=pairs):
                return {
                    hashable(self.pure(self.evaluate(key))): self.pure(
                        self.evaluate(item), formatting=formatting
                    )
                    for key, item in pairs
                }
            case EnumMember(text=text, thunk=thunk) if text == "StrEnum" or (
                text == "str" and not formatting
            ):
                return self.pure(self.evaluate(thunk))
            case Undecided():
                raise NotPure(value)
        raise NotPure(Undecided(f"{describe(value)} is no constant"))

    def item(self, mapping: Mapping, key: object) -> Thunk | None:
        """The value of a dict under a constant."""
        return self._tables.item(self, mapping, key)

    def truth(self, thunk: Thunk) -> bool | Undecided:
        return operators.truth(self, thunk)

    def call(self, function: Value, args: Arguments, thunk: Thunk) -> Value:
        return calls.call(self, function, args, thunk)

    def attribute(self, base: Value, name: str, thunk: Thunk) -> Value:
        return attributes.attribute(self, base, name, thunk)

    def function(self, entity: FunctionEntity, env: Env) -> Value:
        return self._functions.function(entity, env)

    def callable_of(self, value: Value, thunk: Thunk) -> Function | Undecided:
        return attributes.callable_of(self, value, thunk)

    # Names

    def follow(self, entity: Entity, thunk: Thunk) -> Value:
        match entity:
            case ModuleEntity(name=name):
                return Module(name)
            case ClassEntity():
                return Class(entity)
            case FunctionEntity():
                return self.function(entity, _seen_from(thunk, entity.scope))
            case LambdaEntity():
                env = _seen_from(thunk, entity.scope)
                return self._functions.lambda_(entity, env, entity.reachable)
            case OpaqueEntity(module=module, name=name):
                return Opaque(module, name)
            case Unknown(reason=reason, place=place, missing=missing):
                return Undecided(reason, place, missing)
            case ValueEntity():
                return self._value(entity, thunk)
        raise AssertionError(entity)

    def _value(self, entity: ValueEntity, thunk: Thunk) -> Value:
        if entity.expr is thunk.expr:
            return Undecided(f"'{show(thunk.expr)}' cannot be determined statically", thunk.place)
        reach = entity.reachable
        inner = Thunk(
            entity.expr,
            entity.scope,
            entity.place,
            _seen_from(thunk, entity.scope),
            qualname_of(entity.scope),
            reach=None if reach is None else (*reach, ()),
        )
        value = self._bound(inner)
        if isinstance(value, (Function, Instance)) and value.reachable is None:
            return msgspec.structs.replace(value, reachable=reach)
        if isinstance(value, Sequence) and value.kind == "list":
            return self._as_changed(value, entity, thunk)
        if isinstance(value, Mapping):
            return self._as_displayed(value, entity, thunk)
        return value

    def _bound(self, thunk: Thunk) -> Value:
        """What a name was bound to. It is looked at once, however many read it, but inside calls:
        there other names may stand for something else each time."""
        if thunk.env is not EMPTY:
            return self._extended(thunk) or self.evaluate(thunk)
        scope = thunk.scope
        frames = tuple(map(id, scope.frames))
        key = (id(thunk.expr), scope.module, scope.before, frames, thunk.reach)
        value, used = self._named.get(key, lambda: self._bound_afresh(thunk))
        self.used.update(used)
        return value

    def _bound_afresh(self, thunk: Thunk) -> tuple[Value, dict[Alias, None]]:
        outside, self.used = self.used, {}
        try:
            return self._extended(thunk) or self.evaluate(thunk), self.used
        finally:
            self.used = outside

    def _extended(self, thunk: Thunk) -> Value | None:
        """``name += more``, which takes any iterable where ``name`` is a list."""
        expr = thunk.expr
        start = (expr.span.line, expr.span.column)
        if not isinstance(expr, BinOp) or expr.op != "+" or thunk.scope.before != start:
            return None
        left = self.evaluate(thunk.child(expr.left))
        if not isinstance(left, Sequence) or left.kind != "list":
            return None
        more = added_elements(self, thunk.child(expr.right))
        if len(left.items) + len(more) > MAX_ELEMENTS:
            return comprehensions.too_long(thunk)
        return Sequence("list", left.items + more)

    def _as_changed(self, value: Sequence, entity: ValueEntity, thunk: Thunk) -> Value:
        """A named list with what statements did to it after it was bound."""
        alias = entity.binding
        if alias is None:
            return value
        self.used[alias] = None
        for placed in self._changed.before(alias, entity.scope, thunk.scope):
            changed = after(self, value, alias, placed)
            if isinstance(changed, Undecided):
                return changed
            value = changed
        return msgspec.structs.replace(value, alias=alias)

    def _as_displayed(self, value: Mapping, entity: ValueEntity, thunk: Thunk) -> Value:
        """A named dict, unless statements change it: those are not read."""
        alias = entity.binding
        if alias is None:
            return value
        self.used[alias] = None
        for placed in self._changed.before(alias, entity.scope, thunk.scope):
            reason = f"'{alias[1]}' is changed by {placed.change.what}"
            return not_read(alias, placed) or Undecided(reason, placed.place)
        return value

    def later_change(self, alias: Alias, scope: Scope) -> Place | None:
        """Where a named list is changed after code in ``scope`` has read it."""
        return self._changed.later(alias, scope)

    def _name(self, thunk: Thunk) -> Value:
        expr = cast(Name, thunk.expr)
        bound = thunk.env.find(expr.id)
        if bound is not None:
            return self.evaluate(bound)
        return self.follow(self.names.lookup(expr, thunk.scope), thunk)

    def _attr(self, thunk: Thunk) -> Value:
        expr = cast(Attr, thunk.expr)
        return self.attribute(self.evaluate(thunk.child(expr.value)), expr.attr, thunk)

    def _lambda(self, thunk: Thunk) -> Value:
        expr = cast(LambdaExpr, thunk.expr)
        qualname = f"{thunk.qualname}<lambda>"
        entity = LambdaEntity(thunk.scope.module, expr, thunk.scope, thunk.place, qualname)
        return self._functions.lambda_(entity, thunk.env, None, thunk.indices)


def _seen_from(thunk: Thunk, scope: Scope) -> Env:
    """What names mean in a scope that a look-up led to: calls that it stands inside still count."""
    depth = len(scope.frames)
    if scope.module != thunk.scope.module or not thunk.env.layers or depth == 0:
        return EMPTY
    seen = thunk.scope.frames
    if depth > len(seen) or any(a is not b for a, b in zip(scope.frames, seen, strict=False)):
        return EMPTY
    layers = tuple(layer for layer in thunk.env.layers if 0 < layer.depth <= depth)
    return Env(layers, thunk.env.site) if layers else EMPTY


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
