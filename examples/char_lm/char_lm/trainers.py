"""Three trainers, each derived from the one before."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from arctic_codegen import CallbackMixin, replaces_inherited
from char_lm.callbacks import (
    Progress,
    Report,
    best_checkpoint,
    make_repeatable,
    one_cycle,
    smooth,
)
from char_lm.checkpoint import CheckpointEngine, TorchCheckpoint
from char_lm.config import Config
from char_lm.data import VOCABULARY, Batch, DataFactory, TopicsData
from char_lm.model import ModelFactory, RecurrentModelFactory
from char_lm.optim import AdamWFactory, OptimizerFactory


class Trainer(CallbackMixin, ABC):
    """The loop, without a word about logging, clipping, schedules or checkpoints."""

    data_factory: type[DataFactory]
    model_factory: type[ModelFactory]
    optimizer_factory: type[OptimizerFactory]
    checkpoint_engine: type[CheckpointEngine]

    callbacks = [("pre-init", make_repeatable)]

    def __init__(self, config: Config) -> None:
        self.config = config
        self.train_batches, self.held_out_batches = self.data_factory(config)()
        self.model = self.model_factory(config)()
        self.optimizer = self.optimizer_factory(config)(self.model)
        self.engine = self.checkpoint_engine(config.folder)
        self.total_steps = config.epochs * len(self.train_batches)
        self.step_number = 0
        self.epoch_number = 0
        self.smoothed_loss = 0.0
        self.validation_loss = float("inf")
        self.best_loss = float("inf")
        self.counts: Counter[str] = Counter()

    def train(self) -> None:
        """All epochs."""
        while self.epoch_number < self.config.epochs:
            self.epoch()

    def epoch(self) -> None:
        """Each batch once, then an evaluation."""
        self.model.train()
        for batch in self.train_batches:
            self.step(batch)
        self.epoch_number += 1
        self.validation_loss = self.evaluate()

    def step(self, batch: Batch) -> None:
        """One change of the weights."""
        self.optimizer.zero_grad()
        self.backward(self.loss(batch))
        self.apply_gradients()
        self.step_number += 1

    @abstractmethod
    def loss(self, batch: Batch) -> Tensor:
        """What is to become small."""

    def backward(self, loss: Tensor) -> None:
        """Computes the gradients."""
        loss.backward()  # type: ignore[no-untyped-call]

    def apply_gradients(self) -> None:
        """Lets the optimizer change the weights."""
        self.optimizer.step()

    @torch.no_grad()
    def evaluate(self) -> float:
        """The mean loss over the text that is held out."""
        self.model.eval()
        losses = [self.model.loss(batch).item() for batch in self.held_out_batches]
        return sum(losses) / len(losses)

    def checkpoint(self, name: str) -> Path:
        """Saves the model."""
        return self.engine.save(name, {"model": self.model.state_dict()})

    def restore(self, name: str) -> None:
        """Loads the model that was saved under that name."""
        self.model.load_state_dict(self.engine.load(name)["model"])


class LanguageModelTrainer(Trainer):
    """What every language model of this project wants."""

    callbacks = [
        ("pre-step", partial(one_cycle, warmup=50)),
        ("post-loss", smooth(decay=0.98)),
        ("post-step", Progress(every=100)),
        best_checkpoint,
    ]

    def loss(self, batch: Batch) -> Tensor:
        return self.model.loss(batch)

    def pre_loss_callback(self, batch: Batch) -> Batch:
        """Puts noise into one input in ten."""
        return self.with_noise(batch, 0.1)

    def pre_apply_gradients_callback(self) -> None:
        """Clips the gradients."""
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), max_norm=0.5)
        self.counts["steps with clipped gradients"] += int(norm.item() > 0.5)

    def post_epoch_callback(self) -> None:
        print(f"\nepoch {self.epoch_number} of {self.config.epochs}")

    def post_train_callback(self) -> None:
        print(f"\nDone: the best validation loss is {self.best_loss:.3f} nats a character")

    def with_noise(self, batch: Batch, share: float) -> Batch:
        """The batch with that share of its inputs replaced by any character."""
        codes, following = batch
        hit = torch.rand(codes.shape) < share
        return torch.where(hit, torch.randint_like(codes, VOCABULARY), codes), following


class CharTrainer(LanguageModelTrainer):
    """Trains on the help topics: this is the class that gets compiled and run."""

    name = "char_lm"
    data_factory = TopicsData
    model_factory = RecurrentModelFactory
    optimizer_factory = AdamWFactory
    checkpoint_engine = TorchCheckpoint

    # After an epoch: the parent's method, then this entry, then this class's own method.
    callbacks = [
        ("post-epoch", lambda self: print(f"  validation loss {self.validation_loss:.3f}")),
    ]

    def post_init_callback(self) -> None:
        steps, threads = self.total_steps, self.config.threads
        print(f"train   {self.config.epochs} epochs, {steps} steps, {threads} threads\n")

    @replaces_inherited
    def pre_loss_callback(self, batch: Batch) -> Batch:
        """One character in ten is too much here: one in a hundred."""
        self.counts["batches with noise"] += 1
        return self.with_noise(batch, 0.01)

    def post_epoch_callback(self) -> None:
        text = self.model.sample("The ", length=60, temperature=0.6, seed=self.config.seed)
        print(f"  it writes: {text!r}\n", flush=True)

    def post_train_callback(self) -> None:
        """Calls the parent's itself, so that one runs here and not a second time."""
        super().post_train_callback()
        print(f"It took {self.step_number} steps")


CharTrainer.callbacks.append(("post-train", Report.counts))
