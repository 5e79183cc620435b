"""How many steps may the answer to one question take?"""

from __future__ import annotations

_MOST_STEPS = 1_000_000
_LEAST_STEPS = 2_000
_IN_ALL = 3_000_000
_FOR_EACH = 5_000


class StepBudget:
    """Limits the steps of each query over a whole run. The limit decreases with the number of
    queries that exceeded it, and when all queries together take more than their share.

    One list that exceeds the limit costs seconds; without a shared budget a thousand would take
    hours.
    """

    def __init__(self) -> None:
        self._lost = 0
        self._left = _IN_ALL

    @property
    def steps(self) -> int:
        """The number of steps that the next query may take."""
        return max(min(_MOST_STEPS // (1 + self._lost) ** 2, self._left), _LEAST_STEPS)

    def took(self, steps: int, *, too_many: bool) -> None:
        """Record the steps of a query."""
        self._left = min(self._left + _FOR_EACH - steps, _IN_ALL)
        self._lost += too_many
