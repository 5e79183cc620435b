"""How much work one question may take before it counts as too much to read."""

from __future__ import annotations

_MOST_STEPS = 1_000_000
_LEAST_STEPS = 2_000


class Patience:
    """Steps for each question, over a whole run: fewer, the more of them have taken too many.

    One list that takes for ever costs seconds; a project with a thousand of them would take hours.
    """

    def __init__(self) -> None:
        self._lost = 0

    @property
    def steps(self) -> int:
        """How many steps the next question may take."""
        return max(_MOST_STEPS // (1 + self._lost) ** 2, _LEAST_STEPS)

    def lose(self) -> None:
        """A question has taken too many."""
        self._lost += 1
