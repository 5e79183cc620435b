"""Named lists that statements change after they have been bound (R9, R13)."""

from __future__ import annotations

from arctic_codegen.model.expr import Attr, Name
from arctic_codegen.resolve.entities import Scope, ValueEntity
from arctic_codegen.resolve.names.list_changes import CALLBACKS, PlacedChange
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.records import Path


class ChangedNames:
    """Finds which named list each change of a module is about."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def before(self, path: Path, bound: Scope, reader: Scope) -> list[PlacedChange]:
        """The changes of a list, bound in one scope, that its own module has made when code in
        another reads it; those in functions may be made at any time."""
        changes = self._names.queries.get(
            ("named lists", path[0]), lambda: self._in_module(path[0])
        )
        return [
            placed
            for placed in changes.get(path, ())
            if (at := placed.scope.before) is None
            or (
                (bound.before is None or bound.before < at)
                and (reader.module != path[0] or reader.before is None or at < reader.before)
            )
        ]

    def _in_module(self, module: str) -> dict[Path, list[PlacedChange]]:
        found: dict[Path, list[PlacedChange]] = {}
        for placed in self._names.list_changes(module):
            held = placed.change.target
            if placed.change.is_binding or not isinstance(held, (Name, Attr)):
                continue
            if (held.id if isinstance(held, Name) else held.attr) == CALLBACKS:
                continue  # a class's own list (R12)
            entity = self._names.lookup(held, placed.scope)
            if isinstance(entity, ValueEntity) and entity.binding is not None:
                found.setdefault(entity.binding, []).append(placed)
        return found
