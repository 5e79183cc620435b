"""What a change of a list leaves of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.expr import Expr
from arctic_codegen.resolve.binder.list_changes import ListChange
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.comprehensions import too_long
from arctic_codegen.resolve.values.records import (
    MAX_ELEMENTS,
    Const,
    Sequence,
    Thunk,
    Undecided,
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
) -> Sequence | Undecided:
    """The list after an ``append``, ``extend`` or ``insert``."""
    if change.kind in ("append", "insert") and value.kind != "list":
        return Undecided(f"'{name}' is {describe(value)}, which has no {change.what}", place)
    thunks = [thunk_of(arg) for arg in change.args]
    match change.kind:
        case "append":
            items = (*value.items, thunks[0])
        case "insert":
            index = evaluator.evaluate(thunks[0])
            if not isinstance(index, Const) or not isinstance(index.value, int):
                return Undecided(
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
                    return Undecided(f"Python cannot add a tuple and {describe(other)}", place)
            items = (*value.items, *more)
        case _:
            return Undecided(f"{change.what} of '{name}' is not read", place)
    if len(items) > MAX_ELEMENTS:
        return too_long(thunks[0])
    return msgspec.structs.replace(value, items=items)


def added_elements(evaluator: Evaluator, thunk: Thunk) -> tuple[Thunk, ...]:
    """What ``extend`` adds; one that stands for the unknown where that is not decided."""
    value = evaluator.evaluate(thunk)
    if isinstance(value, Sequence) and not (value.kind == "set" and len(value.items) > 1):
        return value.items
    found = evaluator.elements(thunk)
    return (hole(thunk, found),) if isinstance(found, Undecided) else found


def hole(thunk: Thunk, undecided: Undecided) -> Thunk:
    """An element that stands for an unknown number of them."""
    code = undecided.code or ("AC103" if undecided.missing else "AC205")
    return msgspec.structs.replace(
        thunk, value=msgspec.structs.replace(undecided, code=code), reach=None
    )
