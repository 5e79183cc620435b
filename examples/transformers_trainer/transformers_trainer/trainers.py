"""A trainer on ``transformers.Trainer``, with callbacks around its methods."""

from __future__ import annotations

from typing import Any

from transformers import Trainer

from arctic_codegen import CallbackMixin, every, rank_zero
from transformers_trainer.callbacks import (
    StepTimes,
    add_perplexity,
    hide_bytes,
    tell_step,
    write_card,
)


class ByteTrainer(CallbackMixin, Trainer):  # type: ignore[misc]  # mypy skips transformers
    callbacks = [
        *StepTimes(),
        ("pre-training_step", hide_bytes),
        ("post-training_step", every(20, rank_zero(tell_step), by="state.global_step")),
        ("pre-log", add_perplexity),
        ("pre-save_model", rank_zero(write_card)),
    ]

    def post_compute_loss_callback(self, result: Any) -> Any:
        """Adds a small penalty on large weights of the last layer. In an evaluation, the result is
        a pair of the loss and the outputs."""
        penalty = 1e-2 * self.model.lm_head.weight.square().mean()
        if isinstance(result, tuple):
            return (result[0] + penalty, *result[1:])
        return result + penalty

    def post_evaluate_callback(self, metrics: dict[str, float]) -> dict[str, float]:
        print(f"evaluation at step {self.state.global_step}: loss {metrics['eval_loss']:.3f}")
        return metrics
