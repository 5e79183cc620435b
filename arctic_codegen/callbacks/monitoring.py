"""Callbacks that watch a value of the evaluations: they stop, or save the best weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from arctic_codegen.callbacks.ready_made import ReadyMade, State
from arctic_codegen.callbacks.training import Trainer, training

Mode = Literal["min", "max"]


class Best(State):
    """The best value so far, and how many evaluations came after it."""

    def __init__(self) -> None:
        self.best: float | None = None
        self.worse = 0

    def improves(self, value: float, mode: Mode, min_delta: float) -> bool:
        """Takes one more value; whether it is the best. NaN never is."""
        ahead = (
            0.0 if self.best is None else self.best - value if mode == "min" else value - self.best
        )
        better = value == value if self.best is None else ahead > min_delta
        self.worse = 0 if better else self.worse + 1
        if better:
            self.best = value
        return better


@dataclass(frozen=True, eq=False)
class EarlyStopping(ReadyMade[Best]):
    """Ends the training once ``monitor`` has not improved in ``patience`` evaluations.

    ``monitor`` is ``eval_loss`` or the name of a number that the trainer has after an evaluation,
    which is averaged over the ranks. It improves by more than ``min_delta``.
    """

    monitor: str = "eval_loss"
    mode: Mode = "min"
    patience: int = 3
    min_delta: float = 0.0

    def new_state(self) -> Best:
        """Nothing is known yet."""
        return Best()

    def pre_train(self, trainer: Trainer) -> None:
        """Stays stopped where the checkpoint was.

        Raises :class:`~arctic_codegen.runtime.errors.TrainingError` where the run has no
        evaluation.
        """
        training(trainer).require_evaluation(self)
        self._stop_if_over(trainer)

    def post_evaluate(self, trainer: Trainer) -> None:
        """Looks at the new value."""
        value = training(trainer).monitored(self.monitor)
        self.state_of(trainer).improves(value, self.mode, self.min_delta)
        self._stop_if_over(trainer)

    def _stop_if_over(self, trainer: Trainer) -> None:
        worse = self.state_of(trainer).worse
        if worse >= self.patience:
            training(trainer).stop(f"has not improved {self.monitor} in {worse} evaluations")
