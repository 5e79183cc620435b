"""How many steps may the answer to one question take?"""

from __future__ import annotations

_MOST_STEPS = 1_000_000
_LEAST_STEPS = 2_000
_IN_ALL = 3_000_000
_FOR_EACH = 5_000


class StepBudget:
    """Steps for each question, over a whole run: fewer, the more of them have taken too many, or
    the more steps all have taken, for as many as they are.

    One list that takes for ever costs seconds; a project with a thousand of them would take hours.
    """

    def __init__(self) -> None:
        self._lost = 0
        self._left = _IN_ALL

    @property
    def steps(self) -> int:
        """How many steps the next question may take."""
        return max(min(_MOST_STEPS // (1 + self._lost) ** 2, self._left), _LEAST_STEPS)

    def took(self, steps: int, *, too_many: bool) -> None:
        """A question has taken so many."""
        self._left = min(self._left + _FOR_EACH - steps, _IN_ALL)
        self._lost += too_many
