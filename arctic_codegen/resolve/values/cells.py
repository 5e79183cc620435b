"""Small makers of cells and values."""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.objects import (
    Cell,
    Const,
    Env,
    NotPure,
    Sequence,
    Undecided,
    Value,
)


def holding(cell: Cell, value: Value) -> Cell:
    """A cell at the place of another, whose value is known."""
    return msgspec.structs.replace(cell, value=value, reach=None)


def place_identity(module: str, span: Span, indices: tuple[int, ...], env: Env) -> tuple[str, ...]:
    """What tells an object made at one place in the text from all others (R16)."""
    return (
        "place",
        module,
        str(span.line),
        str(span.column),
        *(str(index) for index in indices),
        *env.site,
    )


def python_value(cell: Cell, value: object) -> Value:
    """What Python computed from constants at ``cell``, as a value."""
    if isinstance(value, (str, bytes, int, float, complex)) or value is None:
        return Const(value)
    if isinstance(value, (list, tuple)):
        items = tuple(holding(cell, python_value(cell, item)) for item in value)
        return Sequence("list" if isinstance(value, list) else "tuple", items)
    return Undecided(f"'{show(cell.expr)}' cannot be determined statically", cell.place)


def placed(undecided: Undecided, place: Place) -> Undecided:
    """With a place where the trail ends, if it has none."""
    return (
        undecided
        if undecided.place is not None
        else msgspec.structs.replace(undecided, place=place)
    )


def hashable(value: object) -> object:
    try:
        hash(value)
    except TypeError:
        raise NotPure(Undecided("a key is a list")) from None
    return value


def qualname_of(scope: Scope) -> str:
    """What Python puts before the qualified name of a lambda in that scope."""
    if not scope.frames:
        return ""
    last = scope.frames[-1]
    return f"{last.qualname}.<locals>." if isinstance(last, FunctionDecl) else f"{last.qualname}."
