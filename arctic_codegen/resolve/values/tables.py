"""Items of dict displays, found by their keys."""

from __future__ import annotations

from arctic_codegen.resolve.values.cells import hashable
from arctic_codegen.resolve.values.objects import Cell, Looker, Mapping

_LONG = 50


class Tables:
    """Turns each long dict into a table once: a comprehension may ask for every item of it."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Mapping, dict[object, Cell]]] = {}

    def item(self, looker: Looker, mapping: Mapping, key: object) -> Cell | None:
        """The value under a constant; raises ``NotPure`` where a key before it is none."""
        if len(mapping.items) < _LONG:
            for cell, value in mapping.items:
                if looker.pure(looker.look(cell)) == key:
                    return value
            return None
        known = self._known.get(id(mapping))
        if known is None:
            table = {hashable(looker.pure(looker.look(cell))): item for cell, item in mapping.items}
            known = self._known[id(mapping)] = (mapping, table)
        return known[1].get(hashable(key))
