"""Looks at expressions: what a name, a display, an operator stands for, nothing executed."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import FunctionDecl, If, Return
from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    BoolOp,
    Call,
    Comp,
    Compare,
    DictDisplay,
    Expr,
    FField,
    FString,
    FText,
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
from arctic_codegen.resolve import attributes, calls, comprehensions, strings
from arctic_codegen.resolve.changed_names import ChangedNames
from arctic_codegen.resolve.describe import describe
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
from arctic_codegen.resolve.functions import Functions
from arctic_codegen.resolve.interfaces import NamesFace
from arctic_codegen.resolve.known import known_name
from arctic_codegen.resolve.list_changes import added_elements, hole
from arctic_codegen.resolve.objects import (
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
    Mapping,
    Module,
    NotPure,
    Opaque,
    Other,
    Scalar,
    Sequence,
    TooMuch,
    Undecided,
    Value,
)
from arctic_codegen.resolve.show import show

_MAX_DEPTH = 90
_MAX_STEPS = 1_000_000
_UNREAD = "an expression of this kind is not read"

ClassList = Callable[[ClassEntity, Scope], Value]


class Evaluator:
    """Gives the :data:`Value` of a :class:`Cell`. It never executes what it looks at."""

    def __init__(
        self, names: NamesFace, loader: Loader, settings: Settings, class_list: ClassList
    ) -> None:
        self.names = names
        self.loader = loader
        self.settings = settings
        self.class_list = class_list
        self._changed = ChangedNames(names, loader)
        self._functions = Functions(self)
        self._depth = 0
        self._steps = 0
        self._forms: dict[type, Callable[[Cell], Value]] = {
            Name: self._name,
            Attr: self._attr,
            Str: self._str,
            Literal_: self._literal,
            FString: self._fstring,
            Seq: self._seq,
            DictDisplay: self._dict,
            Call: lambda cell: calls.call_expression(self, cell, cast(Call, cell.expr)),
            Subscript: self._subscript,
            BinOp: self._binop,
            BoolOp: self._boolop,
            UnaryOp: self._unary,
            Compare: self._compare,
            IfExp: self._conditional,
            Comp: lambda cell: comprehensions.comprehension(self, cell, cast(Comp, cell.expr)),
            LambdaExpr: self._lambda,
            Starred: lambda cell: Undecided("a star stands where one value is needed", cell.place),
            SliceExpr: lambda cell: Undecided(_UNREAD, cell.place),
            OpaqueExpr: lambda cell: Undecided(_UNREAD, cell.place),
        }

    # What every part uses

    @contextmanager
    def session(self) -> Iterator[None]:
        """One question from outside: the steps that it may take are counted anew."""
        outer = self._depth == 0
        if outer:
            self._steps = 0
        depth = self._depth
        try:
            yield
        except RecursionError:
            raise TooMuch from None
        finally:
            self._depth = depth

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
        if self._steps > _MAX_STEPS:
            raise TooMuch

    def known(self, cell: Cell, expr: Expr) -> str | None:
        return known_name(self.names, self.loader, expr, cell.scope, cell.env)

    def look(self, cell: Cell) -> Value:
        if cell.value is not None:
            return cell.value
        self.tick()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise TooMuch
        try:
            value = self._forms[type(cell.expr)](cell)
        finally:
            self._depth -= 1
        if cell.reach is not None and isinstance(value, Sequence):
            return _reached(value, cell.reach)
        return value

    def forwarded(self, cell: Cell) -> Cell:
        """The cell itself that a name of a comprehension or a constant subscript stands for."""
        while cell.value is None:
            if isinstance(cell.expr, Name):
                bound = cell.env.find(cell.expr.id)
                if bound is None:
                    return cell
                cell = bound
            elif isinstance(cell.expr, Subscript):
                inner = self.child(cell, cell.expr.value)
                found = self._item_cell(cell, cell.expr, self.look(inner))
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
                return tuple(const_cell(cell, letter) for letter in text[: MAX_ELEMENTS + 1])
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
                return found if kind != "set" else _hashed(found)
            case Mapping(items=pairs):
                return {
                    _hashable(self.pure(self.look(key))): self.pure(
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

    def truth(self, cell: Cell) -> bool | Undecided:
        expr = cell.expr
        if cell.value is None and isinstance(expr, BoolOp):
            left = self.truth(self.child(cell, expr.left))
            if isinstance(left, Undecided) or left is (expr.op == "or"):
                return left
            return self.truth(self.child(cell, expr.right))
        if cell.value is None and isinstance(expr, UnaryOp) and expr.op == "not":
            operand = self.truth(self.child(cell, expr.operand))
            return operand if isinstance(operand, Undecided) else not operand
        branch = self._branch(cell)
        if branch is not None:
            return branch
        value = self.look(cell)
        match value:
            case Const(value=constant):
                return bool(constant)
            case Sequence(kind="iterator") | Function() | Module() | Class():
                return True
            case Sequence(items=items) if not any(
                isinstance(item.value, Undecided) for item in items
            ):
                return bool(items)
            case Mapping(items=pairs):
                return bool(pairs)
            case Undecided(missing=True):
                return value
        return Undecided(f"whether '{show(expr)}' is true is not decided by the text", cell.place)

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
            return Undecided(f"'{show(cell.expr)}' is not decided by the text", cell.place)
        reach = entity.reachable
        inner = Cell(
            entity.expr,
            entity.scope,
            entity.place,
            _seen_from(cell, entity.scope),
            qualname_of(entity.scope),
            reach=None if reach is None else (*reach, ()),
        )
        value = self._extended(inner) or self.look(inner)
        if isinstance(value, (Function, Instance)) and value.reachable is None:
            return msgspec.structs.replace(value, reachable=reach)
        if isinstance(value, Sequence) and value.kind == "list":
            return self._as_changed(value, inner, cell)
        return value

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
        return Sequence("list", left.items + more)

    def _as_changed(self, value: Sequence, bound: Cell, cell: Cell) -> Value:
        """A named list with what statements did to it after it was bound."""
        alias, changes = self._changed.of(bound.expr, bound.scope, cell.scope)
        if alias is None:
            return value
        for change in changes:
            changed = self._changed.apply(self, value, change)
            if isinstance(changed, Undecided):
                return changed
            value = changed
        return msgspec.structs.replace(value, alias=alias)

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

    # Constants and displays

    def _str(self, cell: Cell) -> Value:
        return Const(cast(Str, cell.expr).value)

    def _literal(self, cell: Cell) -> Value:
        expr = cast(Literal_, cell.expr)
        if expr.kind == "ellipsis":
            return Other("'...'")
        try:
            return _constant(expr.text)
        except (ValueError, SyntaxError):
            return Undecided(f"'{show(expr)}' is out of bounds", cell.place)

    def _fstring(self, cell: Cell) -> Value:
        try:
            return Const(self._fields(cell, cast(FString, cell.expr).parts))
        except NotPure as error:
            return error.undecided
        except strings.Refused as error:
            return Undecided(str(error), cell.place)

    def _fields(self, cell: Cell, parts: tuple[FText | FField, ...]) -> str:
        found: list[str] = []
        for part in parts:
            if isinstance(part, FText):
                found.append(part.value)
                continue
            if part.debug is not None:
                raise strings.Refused("'=' in a field of an f-string is not read")
            inner = self.child(cell, part.value)
            value = self.look(inner)
            try:
                constant = self.pure(value, formatting=True)
            except NotPure as error:
                raise NotPure(placed(error.undecided, inner.place)) from None
            spec = "" if part.spec is None else self._fields(cell, part.spec)
            found.append(strings.formatted(constant, part.conversion, spec))
        return "".join(found)

    def _seq(self, cell: Cell) -> Value:
        expr = cast(Seq, cell.expr)
        items: list[Cell] = []
        for item in expr.items:
            if not isinstance(item, Starred):
                items.append(self.child(cell, item))
                continue
            inner = self.child(cell, item.value)
            items.extend(self._spread(inner))
            if len(items) > MAX_ELEMENTS:
                return comprehensions.too_long(cell)
        return Sequence(expr.kind, tuple(items))

    def _spread(self, cell: Cell) -> tuple[Cell, ...]:
        """The elements of a part of a list, or one that stands for those that are not known."""
        return added_elements(self, cell)

    def _dict(self, cell: Cell) -> Value:
        pairs: list[tuple[Cell, Cell]] = []
        for key, item in cast(DictDisplay, cell.expr).items:
            if key is not None:
                pairs.append((self.child(cell, key), self.child(cell, item)))
                continue
            inner = self.look(self.child(cell, item))
            if not isinstance(inner, Mapping):
                return Undecided(f"'{show(item)}' is not decided by the text", cell.place)
            pairs.extend(inner.items)
        return self._without_doubles(cell, pairs)

    def _without_doubles(self, cell: Cell, pairs: list[tuple[Cell, Cell]]) -> Value:
        found: dict[object, tuple[Cell, Cell]] = {}
        try:
            for key, item in pairs:
                value = self.look(key)
                constant: object
                if isinstance(value, (Function, Instance)):
                    constant = value.identity
                else:
                    constant = _hashable(self.pure(value))
                # The first key stays, and the last value: as in a dict.
                found[constant] = (found[constant][0] if constant in found else key, item)
        except NotPure as error:
            return placed(error.undecided, cell.place)
        return Mapping(tuple(found.values()))

    # Operators

    def _binop(self, cell: Cell) -> Value:
        expr = cast(BinOp, cell.expr)
        if expr.op != "+":
            left, right = self.child(cell, expr.left), self.child(cell, expr.right)
            return self._operate(cell, expr.op, left, right)
        # Chains of `+` are long in real lists, and would nest one deeper for each.
        operands: list[Expr] = []
        first: Expr = expr
        while isinstance(first, BinOp) and first.op == "+":
            operands.append(first.right)
            first = first.left
        total = self.child(cell, first)
        for operand in reversed(operands):
            value = self._operate(cell, "+", total, self.child(cell, operand))
            if isinstance(value, Undecided):
                return value
            total = msgspec.structs.replace(total, value=value, reach=None)
        return self.look(total)

    def _operate(self, cell: Cell, op: str, left: Cell, right: Cell) -> Value:
        one, other = self.look(left), self.look(right)
        if op == "+" and (isinstance(one, Sequence) or isinstance(other, Sequence)):
            return self._joined(cell, left, right, one, other)
        if op == "*":
            for sequence, times in ((one, other), (other, one)):
                if isinstance(sequence, Sequence):
                    return self._repeated(cell, sequence, times)
        try:
            formatting = op == "%"
            result = strings.binary(op, self.pure(one), self.pure(other, formatting=formatting))
        except NotPure as error:
            return placed(
                error.undecided, left.place if isinstance(one, Undecided) else right.place
            )
        except strings.Refused as error:
            return Undecided(str(error), cell.place)
        return from_python(cell, result)

    def _joined(self, cell: Cell, left: Cell, right: Cell, one: Value, other: Value) -> Value:
        if isinstance(one, Sequence) and isinstance(other, Sequence):
            if one.kind != other.kind or one.kind not in ("list", "tuple"):
                return Undecided(
                    f"Python cannot add {describe(one)} and {describe(other)}", cell.place
                )
            if len(one.items) + len(other.items) > MAX_ELEMENTS:
                return comprehensions.too_long(cell)
            return Sequence(one.kind, one.items + other.items)
        if isinstance(one, Sequence) and one.kind in ("list", "tuple"):
            return Sequence(one.kind, (*one.items, self._not_a_list(right, other)))
        if isinstance(other, Sequence) and other.kind in ("list", "tuple"):
            return Sequence(other.kind, (self._not_a_list(left, one), *other.items))
        return Undecided(f"Python cannot add {describe(one)} and {describe(other)}", cell.place)

    def _not_a_list(self, cell: Cell, value: Value) -> Cell:
        if not isinstance(value, Undecided):
            value = Undecided(f"'{show(cell.expr)}' is {describe(value)}, no list", cell.place)
        return hole(cell, value)

    def _repeated(self, cell: Cell, sequence: Sequence, times: Value) -> Value:
        if not isinstance(times, Const) or not isinstance(times.value, int):
            return Undecided("how often the list is repeated is not decided", cell.place)
        if sequence.kind not in ("list", "tuple"):
            return Undecided(f"Python cannot repeat {describe(sequence)}", cell.place)
        if len(sequence.items) * times.value > MAX_ELEMENTS:
            return comprehensions.too_long(cell)
        return Sequence(sequence.kind, sequence.items * times.value)

    def _boolop(self, cell: Cell) -> Value:
        expr = cast(BoolOp, cell.expr)
        left = self.child(cell, expr.left)
        answer = self.truth(left)
        if isinstance(answer, Undecided):
            return answer
        return self.look(left if answer is (expr.op == "or") else self.child(cell, expr.right))

    def _unary(self, cell: Cell) -> Value:
        expr = cast(UnaryOp, cell.expr)
        if expr.op == "not":
            answer = self.truth(cell)
            return answer if isinstance(answer, Undecided) else Const(answer)
        try:
            operand = self.pure(self.look(self.child(cell, expr.operand)))
            return from_python(cell, strings.unary(expr.op, operand))
        except NotPure as error:
            return placed(error.undecided, cell.place)
        except strings.Refused as error:
            return Undecided(str(error), cell.place)

    def _compare(self, cell: Cell) -> Value:
        expr = cast(Compare, cell.expr)
        try:
            left = self.pure(self.look(self.child(cell, expr.left)))
            for op, operand in expr.rest:
                right = self.pure(self.look(self.child(cell, operand)))
                if not strings.compare(op, left, right):
                    return Const(False)
                left = right
        except NotPure as error:
            return placed(error.undecided, cell.place)
        except strings.Refused as error:
            return Undecided(str(error), cell.place)
        return Const(True)

    def _conditional(self, cell: Cell) -> Value:
        expr = cast(IfExp, cell.expr)
        answer = self.truth(self.child(cell, expr.test))
        if isinstance(answer, Undecided):
            return answer
        return self.look(self.child(cell, expr.body if answer else expr.orelse))

    def _branch(self, cell: Cell) -> bool | None:
        """A test that is decided as the branches of an ``if`` are: versions, platforms."""
        if cell.value is not None or not isinstance(cell.expr, (Name, Attr, Compare, Call)):
            return None
        if any(cell.env.find(name) is not None for name in names_in(cell.expr)):
            return None
        span = cell.expr.span
        yes, no = (Return(span, Literal_(span, "bool", text)) for text in ("True", "False"))
        live = self.names.live((If(span, cell.expr, (yes,), (no,)),), cell.scope.module)
        taken = [branch for branch in live if not branch.typing_only]
        if len(taken) != 1 or taken[0].context != "plain" or taken[0].main_only:
            return None
        return taken[0].stmt is yes or taken[0].stmt == yes

    # Subscripts, lambdas

    def _subscript(self, cell: Cell) -> Value:
        expr = cast(Subscript, cell.expr)
        value = self.look(self.child(cell, expr.value))
        if isinstance(value, Class):
            return value  # `Base[int]`
        if isinstance(value, Undecided):
            return value
        found = self._item_cell(cell, expr, value)
        return self.look(found) if isinstance(found, Cell) else found

    def _item_cell(self, cell: Cell, expr: Subscript, value: Value) -> Cell | Value:
        """The element that a constant subscript picks; a slice gives a value."""
        if not isinstance(value, (Sequence, Mapping, Const)):
            return Undecided(f"an item of {describe(value)} is not decided", cell.place)
        index = expr.items[0] if len(expr.items) == 1 and not expr.tuple_ else None
        if index is None:
            return Undecided(_UNREAD, cell.place)
        try:
            key = self._index(cell, index)
            if isinstance(value, Mapping):
                for known, item in value.items:
                    if self.pure(self.look(known)) == key:
                        return item
                return Undecided(f"'{show(expr.value)}' has no key {key!r}", cell.place)
            if isinstance(value, Const):
                return from_python(cell, strings.item(value.value, key))
            if any(isinstance(item.value, Undecided) for item in value.items):
                return Undecided(f"'{show(expr.value)}' is not decided", cell.place)
            if value.kind not in ("list", "tuple"):
                return Undecided(f"{describe(value)} has no items by position", cell.place)
            picked = strings.item(value.items, key)
        except NotPure as error:
            return placed(error.undecided, cell.place)
        except strings.Refused as error:
            return Undecided(str(error), cell.place)
        if isinstance(picked, tuple):
            return Sequence(value.kind, picked)
        return cast(Cell, picked)

    def _index(self, cell: Cell, expr: Expr) -> object:
        if not isinstance(expr, SliceExpr):
            return self.pure(self.look(self.child(cell, expr)))
        parts = [
            None if part is None else self.pure(self.look(self.child(cell, part)))
            for part in (expr.lower, expr.upper, expr.step)
        ]
        return slice(*parts)

    def _lambda(self, cell: Cell) -> Value:
        expr = cast(LambdaExpr, cell.expr)
        qualname = f"{cell.qualname}<lambda>"
        entity = LambdaEntity(cell.scope.module, expr, cell.scope, cell.place, qualname)
        return self._functions.lambda_(entity, cell.env, None, cell.indices)


@functools.lru_cache(maxsize=1024)
def _constant(text: str) -> Const:
    return Const(ast.literal_eval(text))


def qualname_of(scope: Scope) -> str:
    """What Python puts before the qualified name of a lambda in that scope."""
    if not scope.frames:
        return ""
    last = scope.frames[-1]
    return f"{last.qualname}.<locals>." if isinstance(last, FunctionDecl) else f"{last.qualname}."


def names_in(expr: Expr) -> set[str]:
    """The names that a test is made of, as far as branches look at them."""
    match expr:
        case Name(id=name):
            return {name}
        case Attr(value=value) | Subscript(value=value):
            return names_in(value)
        case Compare(left=left, rest=rest):
            return names_in(left).union(*(names_in(right) for _, right in rest))
        case BoolOp(left=left, right=right) | BinOp(left=left, right=right):
            return names_in(left) | names_in(right)
        case UnaryOp(operand=operand):
            return names_in(operand)
        case Call(func=func, args=args):
            return names_in(func).union(*(names_in(arg.value) for arg in args))
    return set()


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


def const_cell(cell: Cell, value: Scalar) -> Cell:
    """A constant that something at ``cell`` gives."""
    return msgspec.structs.replace(cell, value=Const(value), reach=None)


def from_python(cell: Cell, value: object) -> Value:
    """What an operator gave, as a value."""
    if isinstance(value, (str, bytes, int, float, complex)) or value is None:
        return Const(value)
    if isinstance(value, (list, tuple)):
        items = tuple(
            msgspec.structs.replace(cell, value=from_python(cell, item), reach=None)
            for item in value
        )
        return Sequence("list" if isinstance(value, list) else "tuple", items)
    return Undecided(f"'{show(cell.expr)}' is not decided by the text", cell.place)


def placed(undecided: Undecided, place: Place) -> Undecided:
    """With a place where the trail ends, if it has none."""
    return (
        undecided
        if undecided.place is not None
        else msgspec.structs.replace(undecided, place=place)
    )


def _hashable(value: object) -> object:
    try:
        hash(value)
    except TypeError:
        raise NotPure(Undecided("a key is a list")) from None
    return value


def _hashed(values: list[object]) -> frozenset[object]:
    return frozenset(_hashable(value) for value in values)
