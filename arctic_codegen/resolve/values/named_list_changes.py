"""Which statements change a named list after it was bound (R9, R13)?"""

from __future__ import annotations

from arctic_codegen.model.expr import Attr, Name
from arctic_codegen.resolve.entities import Scope, ValueEntity
from arctic_codegen.resolve.names.module_changes import CALLBACKS, PlacedChange
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.thunks import ImportPath

Changes = dict[ImportPath, list[PlacedChange]]


class NamedListChanges:
    """Finds which named list each change of a module is about."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def in_module(self, module: str) -> Changes:
        """The changes that a module makes of lists, its own and others', by their names."""
        return self._names.queries.get(("named lists", module), lambda: self._in_module(module))

    def _in_module(self, module: str) -> Changes:
        found: Changes = {}
        for placed in self._names.list_changes(module):
            held = placed.change.target
            if placed.change.is_binding or not isinstance(held, (Name, Attr)):
                continue
            if isinstance(held, Attr) and held.attr == CALLBACKS:
                continue  # a class's own list (R12)
            entity = self._names.lookup(held, placed.scope)
            if isinstance(entity, ValueEntity) and entity.binding is not None:
                found.setdefault(entity.binding, []).append(placed)
        return found

    def before(self, path: ImportPath, bound: Scope, reader: Scope) -> list[PlacedChange]:
        """The changes of a list, bound in one scope, that its own module has made when code in
        another reads it; those in functions may be made at any time."""
        return [
            placed
            for placed in self.in_module(path[0]).get(path, ())
            if placed.scope.before is None
            or (_is_later(placed, bound, strictly=True) and not _is_later(placed, reader))
        ]


def _is_later(placed: PlacedChange, reader: Scope, *, strictly: bool = False) -> bool:
    """Whether a change is executed after code in ``reader``; ``strictly``: not by that code."""
    position = placed.scope.before
    if reader.module != placed.scope.module or reader.before is None or position is None:
        return strictly
    return position > reader.before if strictly else position >= reader.before
