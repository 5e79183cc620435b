"""Which statements change a list after it was bound (R9, R13), and what does it contain then?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.model.expr import Attr, Name
from arctic_codegen.resolve.entities import Scope, Unknown, ValueEntity
from arctic_codegen.resolve.names.constant_folding import NotConstant
from arctic_codegen.resolve.names.module_changes import CALLBACKS, PlacedChange
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.records import Const, Sequence, Value, describe
from arctic_codegen.resolve.values.thunks import ImportPath, Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

Changes = dict[ImportPath, list[PlacedChange]]


def as_list(thunk: Thunk, value: Value) -> Sequence:
    """A value as a list of callbacks; a value that is not one becomes a list with a hole."""
    match value:
        case Sequence(kind="list" | "tuple"):
            return value
        case Unknown():
            return Sequence("list", (hole(thunk, value),))
        case Sequence(kind="set"):
            unknown = Unknown(message("reasons", "unordered"), thunk.place)
        case Sequence():
            why = message("reasons", "used-up", expression=show(thunk.expr))
            unknown = Unknown(why, thunk.place)
        case Const(value=None):
            why = message("reasons", "none-list", expression=show(thunk.expr))
            unknown = Unknown(why, thunk.place)
        case _:
            unknown = not_a("list", thunk, value)
    return Sequence("list", (hole(thunk, unknown),))


def not_a(wanted: str, thunk: Thunk, value: Value) -> Unknown:
    """Why a value that is not of the required kind cannot be read."""
    shown, what = show(thunk.expr), describe(value)
    why = message("reasons", "not-a", expression=shown, what=what, wanted=wanted)
    return Unknown(why, thunk.place)


def after_statement(
    evaluator: Evaluator,
    value: Sequence,
    placed: PlacedChange,
    name: str,
) -> Sequence | Unknown:
    """The list after one change."""
    change, place = placed.change, placed.place
    if placed.not_always:
        why = message("reasons", "changed-elsewhere", name=name, where=placed.not_always)
        return Unknown(why, place)
    if change.kind in ("other", "delete"):
        return Unknown(message("reasons", "changed-by", name=name, change=change.what), place)
    if change.kind in ("append", "insert") and value.kind != "list":
        what = describe(value)
        why = message("reasons", "no-method", name=name, what=what, change=change.what)
        return Unknown(why, place)
    thunks = [evaluator.thunk(arg, placed.scope) for arg in change.args]
    match change.kind:
        case "assign":
            return as_list(thunks[0], evaluator.evaluate(thunks[0]))
        case "append":
            items = (*value.items, thunks[0])
        case "insert":
            index = evaluator.evaluate(thunks[0])
            if not isinstance(index, Const) or not isinstance(index.value, int):
                why = message("reasons", "undetermined", expression=show(change.args[0]))
                return Unknown(why, thunks[0].place)
            moved = [
                item if item.reach is None else msgspec.structs.replace(item, reach=None)
                for item in value.items
            ]
            moved.insert(index.value, thunks[1])
            items = tuple(moved)
        case _:
            other = evaluator.evaluate(thunks[0])
            if value.kind == "tuple" and isinstance(other, Sequence) and other.kind != "tuple":
                why = message("reasons", "cannot-add", left="a tuple", right=describe(other))
                return Unknown(why, place)
            items = (*value.items, *added_elements(evaluator, thunks[0].holding(other)))
    evaluator.tick_copy(items)
    return msgspec.structs.replace(value, items=items)


def added_elements(evaluator: Evaluator, thunk: Thunk) -> tuple[Thunk, ...]:
    """The elements that ``extend`` adds; a hole if they cannot be determined."""
    value = evaluator.evaluate(thunk)
    if isinstance(value, Sequence) and not (value.kind == "set" and len(value.items) > 1):
        return value.items
    try:
        return evaluator.elements(thunk.holding(value))
    except NotConstant as error:
        return (hole(thunk, error.unknown),)


def hole(thunk: Thunk, unknown: Unknown) -> Thunk:
    """An element that represents an unknown number of elements."""
    unknown = unknown.elsewhere or unknown
    code = unknown.finding_code or ("AC103" if unknown.missing else "AC205")
    return thunk.holding(msgspec.structs.replace(unknown, code=code))


def named_list_changes(names: Names, module: str) -> Changes:
    """The changes that a module makes to named lists, its own and those of others, by name."""
    return names.queries.get(("named lists", module), lambda: _named_list_changes(names, module))


def _named_list_changes(names: Names, module: str) -> Changes:
    found: Changes = {}
    for placed in names.list_changes(module):
        held = placed.change.target
        if placed.change.is_binding or not isinstance(held, (Name, Attr)):
            continue
        if isinstance(held, Attr) and held.attr == CALLBACKS:
            continue  # a class's own list (R12)
        entity = names.lookup(held, placed.scope)
        if isinstance(entity, ValueEntity) and entity.binding is not None:
            found.setdefault(entity.binding, []).append(placed)
    return found


def made_before(names: Names, path: ImportPath, bound: Scope, reader: Scope) -> list[PlacedChange]:
    """The changes of a list bound in scope ``bound`` that its own module has made when code in
    ``reader`` reads it; changes in functions may be made at any time."""
    return [
        placed
        for placed in named_list_changes(names, path[0]).get(path, ())
        if placed.scope.before is None
        or (_is_later(placed, bound, strictly=True) and not _is_later(placed, reader))
    ]


def _is_later(placed: PlacedChange, reader: Scope, *, strictly: bool = False) -> bool:
    """Whether a change is executed after code in ``reader``; ``strictly``: not by it."""
    position = placed.scope.before
    if reader.module != placed.scope.module or reader.before is None or position is None:
        return strictly
    return position > reader.before if strictly else position >= reader.before
