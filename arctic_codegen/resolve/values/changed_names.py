"""Named lists that statements change after they have been bound (R9, R13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.expr import Attr, Expr, Name
from arctic_codegen.resolve.binder.list_changes import held_by
from arctic_codegen.resolve.entities import Scope, Unknown, ValueEntity
from arctic_codegen.resolve.names.list_changes import AS_SCRIPT, CALLBACKS, PlacedChange
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.list_changes import applied
from arctic_codegen.resolve.values.records import Alias, Sequence, Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

Changes = dict[Alias, list[PlacedChange]]


class ChangedNames:
    """Tells which named list each change of a module is about."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def in_module(self, module: str) -> Changes:
        """The changes that a module makes of lists, its own and others', by their names."""
        return self._names.queries.get(("named lists", module), lambda: self._in_module(module))

    def _in_module(self, module: str) -> Changes:
        found: Changes = {}
        for placed in self._names.list_changes(module):
            held = held_by(placed.change.target)
            if placed.change.is_binding or not isinstance(held, (Name, Attr)):
                continue
            if (held.id if isinstance(held, Name) else held.attr) == CALLBACKS:
                continue  # a class's own list (R12)
            entity = self._names.lookup(held, placed.scope)
            if isinstance(entity, ValueEntity) and entity.binding is not None:
                found.setdefault(entity.binding, []).append(placed)
        return found

    def _of(self, alias: Alias) -> list[PlacedChange]:
        return self.in_module(alias[0]).get(alias, [])

    def before(self, alias: Alias, bound: Scope, reader: Scope) -> list[PlacedChange]:
        """The changes of a list, bound in one scope, that its own module has made when code in
        another reads it; those in functions may be made at any time."""
        return [
            placed
            for placed in self._of(alias)
            if _in_function(placed)
            or (_is_later(placed, bound, strictly=True) and not _is_later(placed, reader))
        ]

    def later(self, alias: Alias, reader: Scope) -> Place | None:
        """Where the list is changed after ``reader`` has read it."""
        for placed in self._of(alias):
            if _in_function(placed) or _is_later(placed, reader):
                return placed.place
        return None


def after(
    evaluator: Evaluator, value: Sequence, alias: Alias, placed: PlacedChange
) -> Sequence | Unknown:
    """The list after one change."""
    undecided = not_read(alias, placed)
    if undecided is not None:
        return undecided

    def thunk_of(expr: Expr) -> Thunk:
        return Thunk(expr, placed.scope, msgspec.structs.replace(placed.place, span=expr.span))

    return applied(evaluator, value, placed.change, thunk_of, alias[1], placed.place)


def not_read(alias: Alias, placed: PlacedChange) -> Unknown | None:
    """A change that does not run exactly once, whenever the module is imported."""
    where = placed.where or (AS_SCRIPT if placed.main_only else "")
    return Unknown(f"'{alias[1]}' is changed {where}", placed.place) if where else None


def _in_function(placed: PlacedChange) -> bool:
    return placed.scope.before is None


def _is_later(placed: PlacedChange, reader: Scope, *, strictly: bool = False) -> bool:
    """Whether a change is executed after code in ``reader``; ``strictly``: not by that code."""
    if reader.module != placed.scope.module or reader.before is None:
        return strictly
    assert placed.scope.before is not None
    position = placed.scope.before
    return position > reader.before if strictly else position >= reader.before
