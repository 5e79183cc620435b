"""Callbacks for a trainer of transformers: functions, and an object with two methods."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import torch
from transformers import Trainer

from arctic_codegen.callbacks import Callback

Inputs = dict[str, torch.Tensor]


def hide_bytes(trainer: Trainer, inputs: Inputs) -> Inputs:
    """Replaces one byte in twenty by a zero, so that the model learns to handle gaps."""
    draw = torch.Generator().manual_seed(trainer.state.global_step)
    hidden = torch.rand(inputs["input_ids"].shape, generator=draw) < 0.05
    return {**inputs, "input_ids": inputs["input_ids"].masked_fill(hidden, 0)}


def add_perplexity(trainer: Trainer, logs: dict[str, float]) -> dict[str, float]:
    """Adds the perplexity to the log lines of evaluations."""
    if "eval_loss" not in logs:
        return logs
    return {**logs, "eval_perplexity": math.exp(logs["eval_loss"])}


def tell_step(trainer: Trainer, loss: torch.Tensor) -> torch.Tensor:
    """Prints the step and its loss."""
    print(f"step {trainer.state.global_step}: loss {loss.item():.3f}")
    return loss


def write_card(trainer: Trainer, output_dir: str | None) -> str | None:
    """Writes a file beside the model that describes its training."""
    folder = Path(output_dir or trainer.args.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    card = {"steps": trainer.state.global_step, "learning_rate": trainer.args.learning_rate}
    (folder / "card.json").write_text(json.dumps(card))
    return output_dir


class StepTimes(Callback):
    """Measures how long the steps take."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._begun = 0.0

    def pre_training_step(self, trainer: Trainer) -> None:
        self._begun = time.perf_counter()

    def post_training_step(self, trainer: Trainer, loss: torch.Tensor) -> torch.Tensor:
        self.seconds.append(time.perf_counter() - self._begun)
        return loss

    def pre_evaluate(self, trainer: Trainer) -> None:
        middle = sorted(self.seconds)[len(self.seconds) // 2]
        print(f"half of the {len(self.seconds)} steps took {1000 * middle:.0f} ms or more")
