"""Callbacks that monitor a value of the evaluations: to stop early, or to save the best weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from arctic_codegen.callbacks.base import ReadyMade, State, option
from arctic_codegen.callbacks.training import Trainer, training

Mode = Literal["min", "max"]


class Best(State):
    """The best value so far, and the number of evaluations since then."""

    def __init__(self) -> None:
        self.best: float | None = None
        self.worse = 0

    def improves(self, value: float, mode: Mode, min_delta: float) -> bool:
        """Adds a value, and returns whether it is the best so far. NaN never is."""
        if self.best is None:
            better = not math.isnan(value)
        else:
            better = (self.best - value if mode == "min" else value - self.best) > min_delta
        self.worse = 0 if better else self.worse + 1
        if better:
            self.best = value
        return better


class BestStep(Best):
    """The best value so far, and its step."""

    def __init__(self) -> None:
        super().__init__()
        self.step: int | None = None


@dataclass(frozen=True, eq=False)
class BestCheckpoint(ReadyMade[BestStep]):
    """Saves a checkpoint after each evaluation with the best ``monitor`` so far, with all engines
    of the recipe. The building blocks' ``keep_last`` does not remove the best one."""

    monitor: str = "eval_loss"
    mode: Mode = option("min", one_of=("min", "max"))

    def new_state(self) -> BestStep:
        """A state without a value."""
        return BestStep()

    def pre_train(self, trainer: Trainer) -> None:
        """Checks the run, and protects the best checkpoint of a resumed run.

        Raises :class:`~arctic_codegen.runtime.errors.TrainingError` if the run has no evaluation or
        no checkpoint engine.
        """
        run, step = training(trainer), self.state_of(trainer).step
        run.require_evaluation(self)
        run.require_checkpoints(self)
        if step is not None:
            run.keep_best(self.monitor, step)

    def post_evaluate(self, trainer: Trainer) -> None:
        """Saves a checkpoint if the new value is the best."""
        run, state = training(trainer), self.state_of(trainer)
        if state.improves(run.monitored(self.monitor), self.mode, 0.0):
            state.step = trainer.global_step
            run.keep_best(self.monitor, trainer.global_step)
            run.save_now()


@dataclass(frozen=True, eq=False)
class EarlyStopping(ReadyMade[Best]):
    """Stops training once ``monitor`` has not improved in ``patience`` evaluations.

    ``monitor`` is ``eval_loss`` or the name of a number that the trainer has after an evaluation,
    which is averaged over the ranks. It improves by more than ``min_delta``.
    """

    monitor: str = "eval_loss"
    mode: Mode = option("min", one_of=("min", "max"))
    patience: int = option(3, at_least=1)
    min_delta: float = option(0.0, at_least=0)

    def new_state(self) -> Best:
        """A state without a value."""
        return Best()

    def pre_train(self, trainer: Trainer) -> None:
        """Stops a resumed run again if it had stopped before.

        Raises :class:`~arctic_codegen.runtime.errors.TrainingError` if the run has no evaluation.
        """
        training(trainer).require_evaluation(self)
        self._stop_if_over(trainer)

    def post_evaluate(self, trainer: Trainer) -> None:
        """Stops training if the new value is one too many without improvement."""
        value = training(trainer).monitored(self.monitor)
        self.state_of(trainer).improves(value, self.mode, self.min_delta)
        self._stop_if_over(trainer)

    def _stop_if_over(self, trainer: Trainer) -> None:
        worse = self.state_of(trainer).worse
        if worse >= self.patience:
            training(trainer).stop(f"has not improved {self.monitor} in {worse} evaluations")
