"""What a change of a list leaves of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.expr import Expr
from arctic_codegen.resolve.binder.list_changes import ListChange
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.names.computed import NotConstant
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.records import (
    Const,
    Sequence,
    Thunk,
    describe,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

ThunkOf = Callable[[Expr], Thunk]


def applied(
    evaluator: Evaluator,
    value: Sequence,
    change: ListChange,
    thunk_of: ThunkOf,
    name: str,
    place: Place,
) -> Sequence | Unknown:
    """The list after an ``append``, ``extend`` or ``insert``."""
    if change.kind in ("append", "insert") and value.kind != "list":
        return Unknown(f"'{name}' is {describe(value)}, which has no {change.what}", place)
    thunks = [thunk_of(arg) for arg in change.args]
    match change.kind:
        case "append":
            items = (*value.items, thunks[0])
        case "insert":
            index = evaluator.evaluate(thunks[0])
            if not isinstance(index, Const) or not isinstance(index.value, int):
                return Unknown(
                    f"the position '{show(change.args[0])}' cannot be determined statically",
                    thunks[0].place,
                )
            moved = [
                item if item.reach is None else msgspec.structs.replace(item, reach=None)
                for item in value.items
            ]
            moved.insert(index.value, thunks[1])
            items = tuple(moved)
        case "extend":
            more = added_elements(evaluator, thunks[0])
            if value.kind == "tuple":
                other = evaluator.evaluate(thunks[0])
                if isinstance(other, Sequence) and other.kind != "tuple":
                    return Unknown(f"Python cannot add a tuple and {describe(other)}", place)
            items = (*value.items, *more)
        case _:
            return Unknown(f"{change.what} of '{name}' is not read", place)
    evaluator.tick_copy(items)
    return msgspec.structs.replace(value, items=items)


def added_elements(evaluator: Evaluator, thunk: Thunk) -> tuple[Thunk, ...]:
    """What ``extend`` adds; one that stands for the unknown where that is not decided."""
    value = evaluator.evaluate(thunk)
    if isinstance(value, Sequence) and not (value.kind == "set" and len(value.items) > 1):
        return value.items
    try:
        return evaluator.elements(thunk.holding(value))
    except NotConstant as error:
        return (hole(thunk, error.unknown),)


def hole(thunk: Thunk, unknown: Unknown) -> Thunk:
    """An element that stands for an unknown number of them."""
    unknown = unknown.elsewhere or unknown
    code = unknown.code or ("AC103" if unknown.missing else "AC205")
    return thunk.holding(msgspec.structs.replace(unknown, code=code))
