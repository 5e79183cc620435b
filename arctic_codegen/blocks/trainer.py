"""The trainer: a loop around a DeepSpeed engine, each part of which is an event."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, Union

import deepspeed
import torch
import torch.distributed as dist
from transformers import set_seed

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks import ranks
from arctic_codegen.blocks._choosing import choose
from arctic_codegen.blocks.checkpoint import CheckpointEngine, DSCheckpointEngine
from arctic_codegen.blocks.config import PartConfig, TrainerConfig
from arctic_codegen.blocks.data import Batch, DataFactory, Sampler, TextDataFactory, to_device
from arctic_codegen.blocks.export import HFCheckpointEngine
from arctic_codegen.blocks.metrics import Metrics
from arctic_codegen.blocks.model import HFModelFactory, ModelFactory
from arctic_codegen.blocks.optimizer import AdamWFactory, OptimizerFactory
from arctic_codegen.blocks.random_state import RandomState
from arctic_codegen.blocks.run import Run
from arctic_codegen.blocks.scheduler import HFSchedulerFactory, SchedulerFactory
from arctic_codegen.blocks.tokenizer import (
    BPETokenizerFactory,
    HFTokenizerFactory,
    TokenizerFactory,
)

P = TypeVar("P")


class Trainer(CallbackMixin, Run, ABC):
    """Trains a model. Class attributes of a subclass say with which parts, ``loss`` for what."""

    name: str
    config: TrainerConfig

    tokenizer_factory: type[TokenizerFactory] | TokenizerFactory
    data_factory: type[DataFactory] | DataFactory
    model_factory: type[ModelFactory] | ModelFactory
    optimizer_factory: type[OptimizerFactory] | OptimizerFactory
    scheduler_factory: type[SchedulerFactory] | SchedulerFactory
    checkpoint_engine: type[CheckpointEngine] | CheckpointEngine

    def __init__(self, config: TrainerConfig) -> None:
        self.config = config
        self.epoch_idx = 0
        self.train_batch_idx = 0
        self.global_step = 0
        self.early_stop = False
        self.epoch_finished = False
        self.training_finished = False
        self.eval_loss = None
        self._random_state: RandomState | None = None
        """What a checkpoint holds, until the batches are back where it was written."""

        ranks.connect()
        ranks.check_output(type(self))
        self.world_size = dist.get_world_size()
        self.global_rank = dist.get_rank()
        self.device = ranks.device()

        set_seed(config.seed)
        self.data_factory_object = self._part("data_factory", DataFactory, config.data)
        make_tokenizer = self._part("tokenizer_factory", TokenizerFactory, config.tokenizer)
        self.tokenizer = make_tokenizer()
        self.train_dataloader, self.eval_dataloader = self.data_factory_object()
        set_seed(config.seed)  # whatever the data took
        self.model = self._part("model_factory", ModelFactory, config.model)()
        make_optimizer = self._part("optimizer_factory", OptimizerFactory, config.optimizer)
        self.optimizer = make_optimizer()
        make_scheduler = self._part("scheduler_factory", SchedulerFactory, config.scheduler)
        self.scheduler = make_scheduler()
        self.model, *_ = deepspeed.initialize(
            model=self.model,
            optimizer=self.optimizer,
            lr_scheduler=self.scheduler,
            config=config.deepspeed_config(),
        )
        set_seed(config.seed)  # whatever the model took: ZeRO stages take more or less
        self.metrics = Metrics(
            config.metrics_path, self.device, config.tensorboard_dir, self.training_horizon
        )
        self.checkpoint_engines = [
            self._part("checkpoint_engine", CheckpointEngine, one) for one in config.checkpoint
        ]
        for engine in self.checkpoint_engines:
            engine.resume()

    def _part(self, attribute: str, root: Callable[..., P], config: PartConfig) -> P:
        """The factory or engine that the recipe chooses, made. ``root`` is a building block."""
        block: Any = root  # to a checker an abstract class is no `type[P]`
        made: P = choose(type(self), attribute, block, config.type)(self, config)
        return made

    @property
    def texts(self) -> list[str]:
        """All texts of the data factory: its column ``text``."""
        texts: list[str] = self.data_factory_object.loaded()["text"][:]
        return texts

    @abstractmethod
    def loss(self, batch: Batch) -> torch.Tensor:
        """What is to become small."""

    def backward(self, loss: torch.Tensor) -> None:
        """Computes the gradients."""
        self.model.backward(loss)

    def step(self, batch: Batch) -> None:
        """One batch; the weights change once in ``gradient_accumulation_steps`` of them."""
        if not self.model_unwrapped.training:  # what follows walks through all modules
            self.model.train()
        loss = self.loss(batch)
        self.backward(loss)
        self.metrics.add(loss, _tokens(batch))
        self.model.step()
        self.global_step = self.model.global_steps

    def epoch(self) -> None:
        """The batches of an epoch, or those that a resumed run has left of it."""
        self.epoch_finished = False
        for batch in self._batches_to_train():
            before = self.global_step
            self.step(batch)
            self.train_batch_idx += 1
            if self.global_step != before:
                self._after_step()
            if self.early_stop or self.global_step >= self.training_horizon:
                break
        self.epoch_finished = True

    def train(self) -> None:
        """Epoch after epoch, until the training horizon is reached."""
        while self.global_step < self.training_horizon and not self.early_stop:
            self.epoch()
            if self.train_batch_idx >= len(self.train_dataloader):
                self.epoch_idx += 1
                self.train_batch_idx = 0
            self.checkpoint()
        self.training_finished = True
        self._report()
        self.checkpoint()

    def evaluate(self) -> None:
        """The mean loss over the data to evaluate on, which ``eval_loss`` then is."""
        if self.eval_dataloader is None:
            return
        self.model.eval()
        total = torch.zeros((), device=self.device, dtype=torch.float64)
        count = 0
        with torch.no_grad():
            for batch in self.eval_dataloader:
                total += self.loss(to_device(batch, self.device)).double()
                count += 1
        self.eval_loss = ranks.mean(total, count)
        self.metrics.write({"step": self.global_step, "eval_loss": self.eval_loss})

    def checkpoint(self) -> None:
        """Lets each checkpoint engine save for which it is time."""
        for engine in self.checkpoint_engines:
            if engine.do_checkpoint:
                engine.save(self.model)

    def _after_step(self) -> None:
        """What follows on a step of the optimizer."""
        if self.global_step % self.config.log_interval == 0:
            self._report()
        if self.config.eval_interval and self.global_step % self.config.eval_interval == 0:
            self.evaluate()
        self.checkpoint()

    def _report(self) -> None:
        rate = float(self.optimizer.param_groups[0]["lr"])
        self.metrics.report(self.global_step, self.epoch_idx, rate)

    def _batches_to_train(self) -> Iterator[Batch]:
        """The batches of this epoch from ``train_batch_idx`` on, on this rank's device."""
        skipped = self.train_batch_idx
        sampler = self.train_dataloader.sampler
        if hasattr(sampler, "set_epoch"):
            sampler.set_epoch(self.epoch_idx)
        if isinstance(sampler, Sampler):
            sampler.start = skipped * self.config.micro_batch_size
            skipped = 0
        generator = self.train_dataloader.generator
        if generator is not None:  # its workers' numbers are those of the epoch, resumed or not
            generator.manual_seed(self.config.data.seed + self.epoch_idx)
        batches = iter(self.train_dataloader)
        for _ in range(skipped):
            next(batches, None)
        if self._random_state is not None:  # loaders take random numbers when they start
            self._random_state.restore()
            self._random_state = None
        for batch in batches:
            yield to_device(batch, self.device)

    def resume_from(self, place: dict[str, Any], random_state: RandomState) -> None:
        """Goes on from a checkpoint's place in the data and random state."""
        self.global_step = place["global_step"]
        self.epoch_idx = place["epoch"]
        self.train_batch_idx = place["batch"]
        self._random_state = random_state


class CausalTrainer(Trainer):
    """Trains a causal language model on texts."""

    name = "causal"
    tokenizer_factory: Union[BPETokenizerFactory, HFTokenizerFactory, type[TokenizerFactory]]
    data_factory: type[DataFactory] | DataFactory = TextDataFactory
    model_factory: type[ModelFactory] | ModelFactory = HFModelFactory
    optimizer_factory: type[OptimizerFactory] | OptimizerFactory = AdamWFactory
    scheduler_factory: type[SchedulerFactory] | SchedulerFactory = HFSchedulerFactory
    checkpoint_engine: Union[DSCheckpointEngine, HFCheckpointEngine, type[CheckpointEngine]]

    def loss(self, batch: Batch) -> torch.Tensor:
        """How badly the next tokens are foreseen, in nats a token."""
        loss: torch.Tensor = self.model(**batch).loss
        return loss


def _tokens(batch: Any) -> int:
    tokens = batch.get("input_ids") if isinstance(batch, dict) else None
    return tokens.numel() if isinstance(tokens, torch.Tensor) else 0
