"""Handwritten equivalents of the callbacks in ``orders.py``, in both orders.

The callbacks are called by name at the right positions, in methods that ArcticTraining's own
callback code does not change.
"""

import torch
from arctic_training.trainer.sft_trainer import SFTTrainer
from arctic_training.trainer.trainer import Trainer
from orders import FirstLevel, SecondLevel, ThirdLevel, appended, doubled, heard, raised, written
from tiny.data import TinyChat
from tiny.engine import Weights
from tiny.model import Smaller, Words
from tiny.optimizer import Decayed, Linear
from tiny.trace import note

# ArcticTraining wraps a method to run its callbacks; inside is the author's method.
sft_loss = SFTTrainer.loss.__wrapped__
plain_step = Trainer.step.__wrapped__


class Bare(SFTTrainer):
    name = "bare"
    data_factory: TinyChat
    model_factory: Smaller
    checkpoint_engine: Weights
    optimizer_factory: Decayed
    scheduler_factory: Linear
    tokenizer_factory: Words

    def bare_loss(self, batch):
        note("third loss")
        note("second loss")
        note("first loss")
        return sft_loss(self, batch) * 0.5 * 1.5

    def bare_step(self, batch):
        batch = ThirdLevel.pre_step_callback(self, batch)
        note("third step")
        note("second step")
        plain_step(self, batch)


class Documented(Bare):
    name = "documented"

    def loss(self, batch) -> torch.Tensor:
        heard(self)
        loss = self.bare_loss(batch)
        loss = doubled(self, loss)
        loss = FirstLevel.post_loss_callback(self, loss)
        loss = raised(self, loss)
        loss = SecondLevel.post_loss_callback(self, loss)
        return written(self, loss)

    def step(self, batch) -> None:
        self.bare_step(batch)
        appended(self)


class Runtime(Bare):
    name = "runtime"

    def loss(self, batch) -> torch.Tensor:
        heard(self)
        loss = self.bare_loss(batch)
        loss = doubled(self, loss)
        loss = raised(self, loss)
        loss = written(self, loss)
        return SecondLevel.post_loss_callback(self, loss)

    def step(self, batch) -> None:
        self.bare_step(batch)
