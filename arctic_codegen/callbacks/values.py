"""The values that callbacks report, and the lines that loggers read.

They belong to one trainer, and are discarded with it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

Values = dict[str, Any]

_reported: WeakKeyDictionary[object, Values] = WeakKeyDictionary()


def report(trainer: object, values: Values) -> None:
    """Adds values to the next line of a run."""
    _reported.setdefault(trainer, {}).update(values)


def taken(trainer: object) -> Values:
    """The values reported since the last line."""
    return _reported.pop(trainer, {})


def pending(trainer: object) -> Values:
    """The values reported since the last line, which stay reported."""
    return plain(_reported.get(trainer, {}))


def plain(values: Values) -> Values:
    """The values, with the number of each tensor or array that has one element."""
    return {name: _number_in(value) for name, value in values.items()}


def _number_in(value: Any) -> Any:
    try:
        return value.item()
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return value


class Lines:
    """The last lines of a run. Each reader remembers how many it has read."""

    def __init__(self) -> None:
        self.number = 0
        self.latest = (0, True)
        """The step of the last line, and whether it was that of an evaluation."""
        self._last: deque[Values] = deque(maxlen=100)

    def add(self, values: Values) -> None:
        """Adds a line of plain values."""
        self.number += 1
        self._last.append(values)

    def since(self, number: int) -> list[Values]:
        """The lines after the first ``number`` ones."""
        new = self.number - number
        return list(self._last)[-new:] if new > 0 else []


_lines: WeakKeyDictionary[object, Lines] = WeakKeyDictionary()


def lines_of(trainer: object) -> Lines:
    """The lines of a trainer that does not keep them itself."""
    return _lines.setdefault(trainer, Lines())


_paused: WeakKeyDictionary[object, float] = WeakKeyDictionary()


def clock(trainer: object) -> float:
    """A clock in seconds that stands still while a run is paused."""
    return time.perf_counter() - _paused.get(trainer, 0.0)


@contextmanager
def paused(trainer: object) -> Iterator[None]:
    """Excludes the time in this context from the training time."""
    began = clock(trainer)
    try:
        yield
    finally:
        _paused[trainer] = _paused.get(trainer, 0.0) + clock(trainer) - began
