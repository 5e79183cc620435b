"""Literals, displays, f-strings and subscripts."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, cast

from arctic_codegen.model.expr import (
    DictDisplay,
    Expr,
    FField,
    FString,
    FText,
    Literal_,
    Seq,
    SliceExpr,
    Starred,
    Str,
    Subscript,
)
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import comprehensions, strings
from arctic_codegen.resolve.values.list_changes import added_elements
from arctic_codegen.resolve.values.records import (
    MAX_ELEMENTS,
    Class,
    Const,
    Function,
    Instance,
    Mapping,
    NotPure,
    Other,
    Sequence,
    Thunk,
    Undecided,
    Value,
    describe,
    hashable,
    placed,
    python_value,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


@functools.lru_cache(maxsize=1024)
def _constant(text: str) -> Const:
    return Const(ast.literal_eval(text))


def text(evaluator: Evaluator, thunk: Thunk) -> Value:
    """A text literal."""
    return Const(cast(Str, thunk.expr).value)


def literal(evaluator: Evaluator, thunk: Thunk) -> Value:
    """Another literal."""
    expr = cast(Literal_, thunk.expr)
    if expr.kind == "ellipsis":
        return Other("'...'")
    try:
        return _constant(expr.text)
    except (ValueError, SyntaxError):
        return Undecided(f"'{show(expr)}' is out of bounds", thunk.place)


def fstring(evaluator: Evaluator, thunk: Thunk) -> Value:
    """An f-string of constants."""
    try:
        return Const(_fields(evaluator, thunk, cast(FString, thunk.expr).parts))
    except NotPure as error:
        return error.undecided
    except strings.Refused as error:
        return Undecided(str(error), thunk.place)


def _fields(evaluator: Evaluator, thunk: Thunk, parts: tuple[FText | FField, ...]) -> str:
    found: list[str] = []
    for part in parts:
        if isinstance(part, FText):
            found.append(part.value)
            continue
        if part.debug is not None:
            raise strings.Refused("'=' in a field of an f-string is not read")
        inner = thunk.child(part.value)
        value = evaluator.evaluate(inner)
        try:
            constant = evaluator.pure(value, formatting=True)
        except NotPure as error:
            raise NotPure(placed(error.undecided, inner.place)) from None
        spec = "" if part.spec is None else _fields(evaluator, thunk, part.spec)
        found.append(strings.formatted(constant, part.conversion, spec))
    return "".join(found)


def sequence(evaluator: Evaluator, thunk: Thunk) -> Value:
    """A list, tuple or set display."""
    expr = cast(Seq, thunk.expr)
    evaluator.tick(len(expr.items))
    items: list[Thunk] = []
    for item in expr.items:
        if not isinstance(item, Starred):
            items.append(thunk.child(item))
            continue
        inner = thunk.child(item.value)
        items.extend(added_elements(evaluator, inner))
        if len(items) > MAX_ELEMENTS:
            return comprehensions.too_long(thunk)
    return Sequence(expr.kind, tuple(items))


def mapping(evaluator: Evaluator, thunk: Thunk) -> Value:
    """A dict display."""
    pairs: list[tuple[Thunk, Thunk]] = []
    for key, item in cast(DictDisplay, thunk.expr).items:
        if key is not None:
            pairs.append((thunk.child(key), thunk.child(item)))
            continue
        inner = evaluator.evaluate(thunk.child(item))
        if not isinstance(inner, Mapping):
            return Undecided(f"'{show(item)}' cannot be determined statically", thunk.place)
        pairs.extend(inner.items)
    return _without_doubles(evaluator, thunk, pairs)


def _without_doubles(evaluator: Evaluator, thunk: Thunk, pairs: list[tuple[Thunk, Thunk]]) -> Value:
    found: dict[object, tuple[Thunk, Thunk]] = {}
    try:
        for key, item in pairs:
            value = evaluator.evaluate(key)
            constant: object
            if isinstance(value, (Function, Instance)):
                constant = value.identity
            else:
                constant = hashable(evaluator.pure(value))
            # The first key stays, and the last value: as in a dict.
            found[constant] = (found[constant][0] if constant in found else key, item)
    except NotPure as error:
        return placed(error.undecided, thunk.place)
    return Mapping(tuple(found.values()))


def subscript(evaluator: Evaluator, thunk: Thunk) -> Value:
    """An item or a slice, or a class with its type arguments."""
    expr = cast(Subscript, thunk.expr)
    value = evaluator.evaluate(thunk.child(expr.value))
    if isinstance(value, Class):
        return value  # `Base[int]`
    if isinstance(value, Undecided):
        return value
    found = item_thunk(evaluator, thunk, expr, value)
    return evaluator.evaluate(found) if isinstance(found, Thunk) else found


def item_thunk(evaluator: Evaluator, thunk: Thunk, expr: Subscript, value: Value) -> Thunk | Value:
    """The element that a constant subscript picks; a slice gives a value."""
    if not isinstance(value, (Sequence, Mapping, Const)):
        return Undecided(f"an item of {describe(value)} is not decided", thunk.place)
    index = expr.items[0] if len(expr.items) == 1 and not expr.tuple_ else None
    if index is None:
        return Undecided("a subscript of this kind is not read", thunk.place)
    try:
        key = _index(evaluator, thunk, index)
        if isinstance(value, Mapping):
            item = evaluator.item(value, key)
            if item is None:
                return Undecided(f"'{show(expr.value)}' has no key {key!r}", thunk.place)
            return item
        if isinstance(value, Const):
            return python_value(thunk, strings.item(value.value, key))
        evaluator.tick(len(value.items) // 16)
        if any(isinstance(item.value, Undecided) for item in value.items):
            return Undecided(f"'{show(expr.value)}' is not decided", thunk.place)
        if value.kind not in ("list", "tuple"):
            return Undecided(f"{describe(value)} has no items by position", thunk.place)
        picked = strings.item(value.items, key)
    except NotPure as error:
        return placed(error.undecided, thunk.place)
    except strings.Refused as error:
        return Undecided(str(error), thunk.place)
    if isinstance(picked, tuple):
        return Sequence(value.kind, picked)
    return cast(Thunk, picked)


def _index(evaluator: Evaluator, thunk: Thunk, expr: Expr) -> object:
    if not isinstance(expr, SliceExpr):
        return evaluator.pure(evaluator.evaluate(thunk.child(expr)))
    parts = [
        None if part is None else evaluator.pure(evaluator.evaluate(thunk.child(part)))
        for part in (expr.lower, expr.upper, expr.step)
    ]
    return slice(*parts)
