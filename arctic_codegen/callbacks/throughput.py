"""A callback that reports tokens per second, and the share of the devices' peak performance."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from arctic_codegen.callbacks.base import ReadyMade, option
from arctic_codegen.callbacks.training import Trainer, training
from arctic_codegen.callbacks.values import clock

B = TypeVar("B")


def tokens_of(batch: Any) -> int:
    """The number of tokens in a batch on this rank; 0 if it has none."""
    tokens = batch.get("input_ids") if isinstance(batch, Mapping) else None
    return 0 if tokens is None else int(tokens.numel())


class Meter:
    """Counts tokens, and the time in which they were processed."""

    def __init__(self) -> None:
        self.tokens = 0
        self._since = time.perf_counter()
        self._paused = 0.0
        self._depth = 0
        """The number of open pauses: a checkpoint may be saved during an evaluation."""

    def pause(self, now: float) -> None:
        """Stops the clock until :meth:`go_on`."""
        if not self._depth:
            self._paused = now
        self._depth += 1

    def go_on(self, now: float) -> None:
        """Continues the clock, unless another pause is open."""
        self._depth -= 1
        if not self._depth:
            self._since += now - self._paused

    def take(self, now: float) -> tuple[int, float]:
        """The tokens and seconds since the last call."""
        taken = self.tokens, max(now - self._since, 1e-9)
        self.tokens, self._since = 0, now
        self._depth = 0  # an evaluation that failed has not ended its pause
        return taken


class Window:
    """The tokens and seconds of the last steps of a trainer."""

    def __init__(self, size: int) -> None:
        self.meter = Meter()
        self.steps: deque[tuple[int, float]] = deque(maxlen=size)
        self.length = 0
        """The number of positions of a sample."""


@dataclass(frozen=True, eq=False)
class Throughput(ReadyMade[Window]):
    """Adds ``tokens_per_second`` of all ranks to each line, over the last ``window_size`` steps.
    The time of evaluations and checkpoints is not counted.

    ``available_flops`` are the peak FLOPs per second of one device; with them each line has
    ``mfu``, the share that the model uses. A token needs 6 FLOPs for each parameter, and 12 for
    each layer, hidden unit and position of its sample.
    """

    window_size: int = option(100, at_least=1)
    available_flops: float | None = None

    def new_state(self) -> Window:
        """A state without steps."""
        return Window(self.window_size)

    def pre_train(self, trainer: Trainer) -> None:
        """Starts the clock."""
        self.state_of(trainer).meter.take(clock(trainer))

    def pre_step(self, trainer: Trainer, batch: B) -> B:
        """Counts the tokens of a batch."""
        state, tokens = self.state_of(trainer), tokens_of(batch)
        state.meter.tokens += tokens
        state.length = (
            tokens // len(batch["input_ids"]) if isinstance(batch, Mapping) and tokens else 0
        )
        return batch

    def pre_evaluate(self, trainer: Trainer) -> None:
        """Stops the clock."""
        self.state_of(trainer).meter.pause(clock(trainer))

    def post_evaluate(self, trainer: Trainer) -> None:
        """Continues the clock."""
        self.state_of(trainer).meter.go_on(clock(trainer))

    def pre_checkpoint(self, trainer: Trainer) -> None:
        """Stops the clock."""
        self.state_of(trainer).meter.pause(clock(trainer))

    def post_checkpoint(self, trainer: Trainer) -> None:
        """Continues the clock."""
        self.state_of(trainer).meter.go_on(clock(trainer))

    def post_step(self, trainer: Trainer) -> None:
        """Adds a step of the optimizer to the window."""
        run, state = training(trainer), self.state_of(trainer)
        if not run.after_optimizer:
            return
        state.steps.append(state.meter.take(clock(trainer)))
        if run.logs_now:
            rate = sum(one for one, _ in state.steps) / sum(one for _, one in state.steps)
            values = {"tokens_per_second": round(rate * run.trainer.world_size, 1)}
            if self.available_flops:
                flops = flops_of_a_token(run.trainer.model_unwrapped, state.length)
                values["mfu"] = rate * flops / self.available_flops
            run.report(values)


def flops_of_a_token(model: Any, length: int) -> int:
    """The FLOPs for a token of a sample of that length, forward and backward."""
    size = sum(getattr(one, "ds_numel", one.numel()) for one in model.parameters())
    config = getattr(model, "config", None)
    layers = getattr(config, "num_hidden_layers", 0)
    return int(6 * size + 12 * layers * getattr(config, "hidden_size", 0) * length)
