"""Callbacks for the trainers of this project, one of each kind of callable."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from arctic_codegen.blocks import Batch, Trainer


def share_cores(self: Trainer) -> None:
    """A plain function, before ``__init__``: the ranks on one machine share its cores."""
    ranks = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // ranks))


def tell_perplexity(self: Trainer, digits: int) -> None:
    """Used through ``functools.partial``: prints the perplexity."""
    if self.eval_loss is not None:
        print(f"        perplexity {math.exp(self.eval_loss):.{digits}f}", flush=True)


def at_most(highest: float) -> Callable[[Trainer, Tensor], Tensor]:
    """A factory of callbacks: limits the loss of an outlier batch, and thus its gradients."""

    def limit(self: Trainer, loss: Tensor) -> Tensor:
        return loss * (highest / loss.detach()).clamp(max=1.0)

    return limit


def with_noise(trainer: Trainer, batch: Batch, share: float) -> Batch:
    """Replaces a share of the tokens by random ones in training, but not in evaluations."""
    if trainer.is_evaluating:
        return batch
    tokens = batch["input_ids"]
    hit = torch.rand(tokens.shape, device=tokens.device) < share
    noise = torch.randint_like(tokens, len(trainer.tokenizer))
    return {**batch, "input_ids": torch.where(hit, noise, tokens)}


class Patience:
    """A callable object: ends the training when the evaluation loss stops improving.

    Checkpoints contain its state, so a resumed run ends at the same step as an uninterrupted one.
    """

    def __init__(self, evaluations: int) -> None:
        self.evaluations = evaluations
        self.best = float("inf")
        self.worse = 0

    def __call__(self, trainer: Trainer) -> None:
        loss = trainer.eval_loss
        if loss is None:
            return
        self.worse = 0 if loss < self.best else self.worse + 1
        self.best = min(self.best, loss)
        trainer.early_stop = self.worse >= self.evaluations

    def state_dict(self) -> dict[str, Any]:
        """The state in a checkpoint."""
        return {"best": self.best, "worse": self.worse}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restores the state from a checkpoint."""
        self.best, self.worse = state["best"], state["worse"]


class Curve:
    """The evaluation loss over time; a bound method can be a callback, too."""

    def __init__(self) -> None:
        self.points: list[tuple[int, float]] = []

    def add(self, trainer: Trainer) -> None:
        """Records the current loss."""
        if trainer.eval_loss is not None:
            self.points.append((trainer.global_step, trainer.eval_loss))

    def state_dict(self) -> dict[str, Any]:
        """The state in a checkpoint."""
        return {"points": list(self.points)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restores the state from a checkpoint."""
        self.points = state["points"]

    def draw(self, trainer: Trainer) -> None:
        """Writes the curve as an image. The training does not depend on it."""
        points = " ".join(f"{step},{800 - 100 * loss:.0f}" for step, loss in self.points)
        picture = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {trainer.global_step} 800">'
            f'<polyline points="{points}" fill="none" stroke="black" stroke-width="4"/></svg>\n'
        )
        beside = trainer.config.metrics_path
        if beside is not None:
            Path(beside).with_name("curve.svg").write_text(picture)


curve = Curve()

on_curve = ("post-evaluate", curve.add)
"""An entry that any class can add to its list."""


class Report:
    """Messages about a run."""

    @staticmethod
    def size(trainer: Trainer) -> None:
        """A static method: prints the size of the model and of the run."""
        parameters = sum(one.numel() for one in trainer.model_unwrapped.parameters())
        print(
            f"train   {parameters:,} parameters, {trainer.training_horizon} steps, ZeRO stage"
            f" {trainer.config.zero_stage}, ranks: {trainer.world_size}\n",
            flush=True,
        )

    @staticmethod
    def gradients(trainer: Trainer) -> None:
        """Prints the norm of the last gradients, before clipping."""
        norm = trainer.gradient_norm
        if norm is not None:  # there is none before the first step of the optimizer
            print(f"        the gradients' norm is {float(norm):.2f}", flush=True)
