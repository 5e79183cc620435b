"""Items of dict displays, found by their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arctic_codegen.resolve.values.records import Mapping, Thunk, hashable

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_LONG = 50


class Tables:
    """Turns each long dict into a table once: a comprehension may ask for every item of it."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Mapping, dict[object, Thunk]]] = {}

    def item(self, evaluator: Evaluator, mapping: Mapping, key: object) -> Thunk | None:
        """The value under a constant; raises ``NotPure`` where a key before it is none."""
        if len(mapping.items) < _LONG:
            for thunk, value in mapping.items:
                if evaluator.pure(evaluator.evaluate(thunk)) == key:
                    return value
            return None
        known = self._known.get(id(mapping))
        if known is None:
            table = {
                hashable(evaluator.pure(evaluator.evaluate(thunk))): item
                for thunk, item in mapping.items
            }
            known = self._known[id(mapping)] = (mapping, table)
        return known[1].get(hashable(key))
