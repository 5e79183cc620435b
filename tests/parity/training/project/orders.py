"""A trainer for which ArcticTraining's runtime and its page differ: levels call super()."""

import torch
from arctic_training.trainer.sft_trainer import SFTTrainer
from tiny import source  # noqa: F401  (registers the data sources)
from tiny.data import TinyChat
from tiny.engine import Weights
from tiny.model import Smaller, Words
from tiny.optimizer import Decayed, Linear
from tiny.trace import note, show


def heard(self):
    note("first's entry before loss")


def doubled(self, loss):
    note(f"first's entry: {show(loss)} doubled")
    return loss * 2


def raised(self, loss):
    note(f"second's entry: {show(loss)} and a quarter")
    return loss + 0.25


def written(self, loss):
    note(f"third's entry: {show(loss)}")
    return loss


def appended(self):
    note("the appended entry after step")


class FirstLevel(SFTTrainer):
    name = "first_level"
    data_factory: TinyChat
    model_factory: Smaller
    checkpoint_engine: Weights
    optimizer_factory: Decayed
    scheduler_factory: Linear
    tokenizer_factory: Words
    callbacks = [("pre-loss", heard), ("post-loss", doubled)]

    def loss(self, batch) -> torch.Tensor:
        note("first loss")
        return super().loss(batch)

    def post_loss_callback(self, loss):
        note(f"first's method: {show(loss)} less a half")
        return loss - 0.5


class SecondLevel(FirstLevel):
    name = "second_level"
    callbacks = [("post-loss", raised)]

    def loss(self, batch) -> torch.Tensor:
        note("second loss")
        return super().loss(batch) * 0.5

    def step(self, batch) -> None:
        note("second step")
        super().step(batch)

    def post_loss_callback(self, loss):
        note(f"second's method: {show(loss)} less an eighth")
        return loss - 0.125


class ThirdLevel(SecondLevel):
    name = "third_level"
    callbacks = [("post-loss", written)]

    def loss(self, batch) -> torch.Tensor:
        note("third loss")
        return super().loss(batch) * 1.5

    def step(self, batch) -> None:
        note("third step")
        super().step(batch)

    def pre_step_callback(self, batch):
        note(f"third's method before step {show(batch['input_ids'])}")
        return {key: batch[key] for key in sorted(batch)}


ThirdLevel.callbacks.append(("post-step", appended))
