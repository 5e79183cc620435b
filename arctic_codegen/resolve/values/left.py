"""What the statements that change a class's list leave, each after those before it."""

from __future__ import annotations

from collections.abc import Sequence as Sequence_

from arctic_codegen.resolve.values.operations import Operation
from arctic_codegen.resolve.values.records import Sequence

_MOST_KEPT = 2_000_000


class Left:
    """One list, after each of its changes as far as they were looked at.

    Without it a statement that reads the list would evaluate all statements before itself, and
    each of these all before it: forty of them would take for ever.
    """

    def __init__(self, start: Sequence) -> None:
        self._start = start
        self._changes: list[Operation] = []
        self._lists: list[Sequence | None] = []
        self._elements = 0

    def serves(self, start: Sequence, changes: Sequence_[Operation]) -> bool:
        """Whether these are changes of the same list, fewer or more of them. They come from one
        record of each module, so that the ends tell."""
        if start.items is not self._start.items or start.kind != self._start.kind:
            return False
        common = min(len(changes), len(self._changes))
        return not common or (
            changes[0] is self._changes[0] and changes[common - 1] is self._changes[common - 1]
        )

    def after(self, count: int) -> tuple[int, Sequence]:
        """How many of the first ``count`` changes are known, and what they have left."""
        for number in range(min(count, len(self._lists)), 0, -1):
            found = self._lists[number - 1]
            if found is not None:
                return number, found
        return 0, self._start

    def keep(self, number: int, change: Operation, value: Sequence) -> None:
        """What is left after a change; ``number`` counts them from 0."""
        if number > len(self._lists):
            return
        self._elements += len(value.items)
        if self._elements > _MOST_KEPT:
            # Long lists of many changes: the last one is what is asked for next.
            self._lists = [None] * len(self._lists)
            self._elements = len(value.items)
        if number == len(self._lists):
            self._changes.append(change)
            self._lists.append(value)
        else:
            self._lists[number] = value
