"""Callbacks that any trainer of this project can use, one of each kind of callable."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from char_lm.config import Config

if TYPE_CHECKING:
    from char_lm.trainers import Trainer


def make_repeatable(self: Trainer, config: Config) -> Config:
    """A plain function, before ``__init__``: fixes the seed and the number of threads."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    return config


def one_cycle(self: Trainer, warmup: int) -> None:
    """Used through ``functools.partial``: sets the learning rate for the coming step."""
    done = self.step_number / self.total_steps
    factor = min(1.0, (self.step_number + 1) / warmup) * (0.53 + 0.47 * math.cos(math.pi * done))
    for group in self.optimizer.param_groups:
        group["lr"] = self.config.learning_rate * factor


def smooth(decay: float) -> Callable[[Trainer, Tensor], Tensor]:
    """Makes a callback: a moving average of the loss, which is easier to read."""

    def update(self: Trainer, loss: Tensor) -> Tensor:
        value = loss.item()
        if not self.step_number:
            self.smoothed_loss = value
        self.smoothed_loss = decay * self.smoothed_loss + (1 - decay) * value
        return loss

    return update


def keep_best(self: Trainer, validation_loss: float) -> float:
    """Saves a checkpoint each time that the validation loss is the lowest so far."""
    if validation_loss < self.best_loss:
        self.best_loss = validation_loss
        self.counts["best checkpoints kept"] += 1
        self.checkpoint("best")
    return validation_loss


best_checkpoint = ("post-evaluate", keep_best)
"""An entry that any class can put into its list."""


class Progress:
    """A callable object: prints a line at every n-th step."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.since = time.perf_counter()

    def __call__(self, trainer: Trainer) -> None:
        if trainer.step_number == 1:
            self.since = time.perf_counter()
        if trainer.step_number % self.every:
            return
        now = time.perf_counter()
        characters = self.every * trainer.config.batch_size * trainer.config.context
        print(
            f"step {trainer.step_number:5d}/{trainer.total_steps}"
            f"   loss {trainer.smoothed_loss:.3f}"
            f"   lr {trainer.optimizer.param_groups[0]['lr']:.1e}"
            f"   {characters / (now - self.since):7,.0f} characters/s",
            flush=True,
        )
        self.since = now


class Report:
    """What is printed when a run is over."""

    @staticmethod
    def counts(trainer: Trainer) -> None:
        """A static method: tells how often the callbacks did something."""
        print("\nWhat the callbacks did:")
        for what, count in sorted(trainer.counts.items()):
            print(f"  {count:5d}  {what}")
