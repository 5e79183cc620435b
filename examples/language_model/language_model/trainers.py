"""Two trainers, the second derived from the first."""

from __future__ import annotations

from functools import partial
from typing import Union

from arctic_codegen import every, optional, rank_zero, replaces_inherited
from arctic_codegen.blocks import Batch, CausalTrainer, HFCheckpointEngine
from language_model.callbacks import (
    Patience,
    Report,
    at_most,
    curve,
    on_curve,
    share_cores,
    tell_perplexity,
    with_noise,
)
from language_model.checkpoint import HelpCheckpoint
from language_model.data import HelpData
from language_model.model import HelpModel, HelpTokenizer
from language_model.optimizer import HelpOptimizer, HelpScheduler
from language_model.writing import Writing


class LanguageModelTrainer(CausalTrainer):
    """The base of all trainers of this project."""

    callbacks = [
        ("pre-init", share_cores),
        ("post-loss", at_most(highest=20.0)),
        ("post-evaluate", Patience(evaluations=3)),
        ("post-evaluate", rank_zero(partial(tell_perplexity, digits=1))),
        on_curve,
    ]

    def pre_loss_callback(self, batch: Batch) -> Batch:
        """Replaces one token in ten by a random one."""
        return with_noise(self, batch, 0.1)

    @rank_zero
    def post_epoch_callback(self) -> None:
        print(f"\nepoch {self.epoch_idx + 1} of {self.config.epochs} is over")

    @rank_zero
    def post_train_callback(self) -> None:
        print(f"\nDone after {self.global_step} steps")


class HelpTrainer(Writing, LanguageModelTrainer):
    """Trains on questions about Python's library. The recipe names this class."""

    name = "help"
    tokenizer_factory = HelpTokenizer
    data_factory = HelpData
    model_factory = HelpModel
    optimizer_factory = HelpOptimizer
    scheduler_factory = HelpScheduler
    checkpoint_engine: Union[HelpCheckpoint, HFCheckpointEngine]  # `type` in the recipe chooses

    # After an epoch: the parent's method, then this entry. An evaluation is an event itself.
    callbacks = [
        ("post-init", rank_zero(Report.size)),
        ("post-step", every(200, rank_zero(Report.gradients))),
        ("post-epoch", lambda self: self.evaluate()),
    ]

    @replaces_inherited
    def pre_loss_callback(self, batch: Batch) -> Batch:
        """Replaces one token in a hundred; one in ten would be too many here."""
        return with_noise(self, batch, 0.01)

    def post_train_callback(self) -> None:
        """Calls the parent's method, which is then not run a second time."""
        super().post_train_callback()
        if self.global_rank == 0:
            step, loss = min(curve.points, key=lambda point: point[1])
            print(
                f"The held out answers were foreseen best at step {step}: {loss:.2f} nats a token"
            )


HelpTrainer.callbacks.append(("post-train", optional(rank_zero(curve.draw))))
