"""Guards that check the loss of each step before the weights change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from arctic_codegen.callbacks.base import ReadyMade, State, option
from arctic_codegen.callbacks.training import Trainer, training
from arctic_codegen.runtime.errors import TrainingError

if TYPE_CHECKING:
    import torch

Action = Literal["stop", "warn"]


def not_finite(value: float, what: str) -> str | None:
    """The message about a value that is NaN or infinite; ``None`` for a finite one."""
    if math.isfinite(value):
        return None
    return (
        f"{what} is {value}: lower optimizer.learning_rate, set gradient_clipping, or look for a "
        "callback that causes it"
    )


class Losses(State):
    """The losses of the batches of the current step, and those of the last steps."""

    def __init__(self) -> None:
        self.total: Any = 0.0
        self.batches = 0
        self.last: list[float] = []

    def add(self, loss: torch.Tensor) -> torch.Tensor:
        """Adds the loss of a batch, without waiting for the device."""
        if loss.requires_grad:  # an evaluation computes losses, too
            self.total = self.total + loss.detach()
            self.batches += 1
        return loss

    def of_step(self, trainer: Trainer) -> float | None:
        """The mean loss of a step over all ranks and batches; ``None`` before its last batch."""
        run = training(trainer)
        if not run.before_optimizer or not self.batches:
            return None
        loss = run.mean(self.total, self.batches)
        self.total, self.batches = 0.0, 0
        return loss


@dataclass(frozen=True, eq=False)
class NaNGuard(ReadyMade[Losses]):
    """Stops training, or warns, if the loss of a step is NaN or infinite.

    It stops with an error on all ranks, before the weights change and before anything is saved.
    """

    action: Action = option("stop", one_of=("stop", "warn"))

    def new_state(self) -> Losses:
        """A state without losses."""
        return Losses()

    def post_loss(self, trainer: Trainer, loss: torch.Tensor) -> torch.Tensor:
        """Adds the loss of a batch, and returns it unchanged."""
        return self.state_of(trainer).add(loss)

    def post_backward(self, trainer: Trainer) -> None:
        """Checks the loss of a step after its last batch.

        Raises :class:`TrainingError` if it is NaN or infinite and ``action`` is ``stop``.
        """
        loss = self.state_of(trainer).of_step(trainer)
        if loss is None:
            return
        problem = not_finite(loss, f"the loss at step {trainer.global_step + 1}")
        if problem is None:
            return
        if self.action == "stop":
            raise TrainingError(problem)
        training(trainer).warn(problem)


@dataclass(frozen=True, eq=False)
class SpikeGuard(ReadyMade[Losses]):
    """Warns, or stops training after this step, if the loss is more than ``factor`` times the
    median of the last ``window`` steps."""

    factor: float = option(2.0, above=1)
    window: int = option(50, at_least=1)
    action: Action = option("warn", one_of=("stop", "warn"))

    def new_state(self) -> Losses:
        """A state without losses."""
        return Losses()

    def post_loss(self, trainer: Trainer, loss: torch.Tensor) -> torch.Tensor:
        """Adds the loss of a batch, and returns it unchanged."""
        return self.state_of(trainer).add(loss)

    def post_backward(self, trainer: Trainer) -> None:
        """Compares the loss of a step with those of the last ``window`` steps."""
        state = self.state_of(trainer)
        loss = state.of_step(trainer)
        if loss is None or not math.isfinite(loss):
            return
        usual = median(state.last) if len(state.last) == self.window else math.inf
        state.last = [*state.last, loss][-self.window :]
        if loss > self.factor * usual:
            step = trainer.global_step + 1
            problem = f"the loss at step {step} is {loss:.6g}, the median before it {usual:.6g}"
            if self.action == "stop":
                training(trainer).stop(f"has a spike: {problem}")
            else:
                training(trainer).warn(problem)
