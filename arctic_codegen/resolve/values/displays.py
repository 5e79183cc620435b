"""Literals, displays, f-strings and subscripts."""

from __future__ import annotations

import ast
import functools
from typing import cast

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
from arctic_codegen.resolve.values.cells import hashable, placed, python_value
from arctic_codegen.resolve.values.describe import describe
from arctic_codegen.resolve.values.list_changes import added_elements
from arctic_codegen.resolve.values.objects import (
    MAX_ELEMENTS,
    Cell,
    Class,
    Const,
    Function,
    Instance,
    Looker,
    Mapping,
    NotPure,
    Other,
    Sequence,
    Undecided,
    Value,
)


@functools.lru_cache(maxsize=1024)
def _constant(text: str) -> Const:
    return Const(ast.literal_eval(text))


def text(looker: Looker, cell: Cell) -> Value:
    """A text literal."""
    return Const(cast(Str, cell.expr).value)


def literal(looker: Looker, cell: Cell) -> Value:
    """Another literal."""
    expr = cast(Literal_, cell.expr)
    if expr.kind == "ellipsis":
        return Other("'...'")
    try:
        return _constant(expr.text)
    except (ValueError, SyntaxError):
        return Undecided(f"'{show(expr)}' is out of bounds", cell.place)


def fstring(looker: Looker, cell: Cell) -> Value:
    """An f-string of constants."""
    try:
        return Const(_fields(looker, cell, cast(FString, cell.expr).parts))
    except NotPure as error:
        return error.undecided
    except strings.Refused as error:
        return Undecided(str(error), cell.place)


def _fields(looker: Looker, cell: Cell, parts: tuple[FText | FField, ...]) -> str:
    found: list[str] = []
    for part in parts:
        if isinstance(part, FText):
            found.append(part.value)
            continue
        if part.debug is not None:
            raise strings.Refused("'=' in a field of an f-string is not read")
        inner = looker.child(cell, part.value)
        value = looker.look(inner)
        try:
            constant = looker.pure(value, formatting=True)
        except NotPure as error:
            raise NotPure(placed(error.undecided, inner.place)) from None
        spec = "" if part.spec is None else _fields(looker, cell, part.spec)
        found.append(strings.formatted(constant, part.conversion, spec))
    return "".join(found)


def sequence(looker: Looker, cell: Cell) -> Value:
    """A list, tuple or set display."""
    expr = cast(Seq, cell.expr)
    looker.tick(len(expr.items))
    items: list[Cell] = []
    for item in expr.items:
        if not isinstance(item, Starred):
            items.append(looker.child(cell, item))
            continue
        inner = looker.child(cell, item.value)
        items.extend(added_elements(looker, inner))
        if len(items) > MAX_ELEMENTS:
            return comprehensions.too_long(cell)
    return Sequence(expr.kind, tuple(items))


def mapping(looker: Looker, cell: Cell) -> Value:
    """A dict display."""
    pairs: list[tuple[Cell, Cell]] = []
    for key, item in cast(DictDisplay, cell.expr).items:
        if key is not None:
            pairs.append((looker.child(cell, key), looker.child(cell, item)))
            continue
        inner = looker.look(looker.child(cell, item))
        if not isinstance(inner, Mapping):
            return Undecided(f"'{show(item)}' cannot be determined statically", cell.place)
        pairs.extend(inner.items)
    return _without_doubles(looker, cell, pairs)


def _without_doubles(looker: Looker, cell: Cell, pairs: list[tuple[Cell, Cell]]) -> Value:
    found: dict[object, tuple[Cell, Cell]] = {}
    try:
        for key, item in pairs:
            value = looker.look(key)
            constant: object
            if isinstance(value, (Function, Instance)):
                constant = value.identity
            else:
                constant = hashable(looker.pure(value))
            # The first key stays, and the last value: as in a dict.
            found[constant] = (found[constant][0] if constant in found else key, item)
    except NotPure as error:
        return placed(error.undecided, cell.place)
    return Mapping(tuple(found.values()))


def subscript(looker: Looker, cell: Cell) -> Value:
    """An item or a slice, or a class with its type arguments."""
    expr = cast(Subscript, cell.expr)
    value = looker.look(looker.child(cell, expr.value))
    if isinstance(value, Class):
        return value  # `Base[int]`
    if isinstance(value, Undecided):
        return value
    found = item_cell(looker, cell, expr, value)
    return looker.look(found) if isinstance(found, Cell) else found


def item_cell(looker: Looker, cell: Cell, expr: Subscript, value: Value) -> Cell | Value:
    """The element that a constant subscript picks; a slice gives a value."""
    if not isinstance(value, (Sequence, Mapping, Const)):
        return Undecided(f"an item of {describe(value)} is not decided", cell.place)
    index = expr.items[0] if len(expr.items) == 1 and not expr.tuple_ else None
    if index is None:
        return Undecided("a subscript of this kind is not read", cell.place)
    try:
        key = _index(looker, cell, index)
        if isinstance(value, Mapping):
            item = looker.item(value, key)
            if item is None:
                return Undecided(f"'{show(expr.value)}' has no key {key!r}", cell.place)
            return item
        if isinstance(value, Const):
            return python_value(cell, strings.item(value.value, key))
        looker.tick(len(value.items) // 16)
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


def _index(looker: Looker, cell: Cell, expr: Expr) -> object:
    if not isinstance(expr, SliceExpr):
        return looker.pure(looker.look(looker.child(cell, expr)))
    parts = [
        None if part is None else looker.pure(looker.look(looker.child(cell, part)))
        for part in (expr.lower, expr.upper, expr.step)
    ]
    return slice(*parts)
