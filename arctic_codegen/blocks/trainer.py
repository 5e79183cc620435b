"""The trainer: a loop around a DeepSpeed engine (R44); each part of the loop is an event."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeVar, Union

import deepspeed
import torch
import torch.distributed as dist
from transformers import set_seed

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks import newest, ranks
from arctic_codegen.blocks._choosing import choose
from arctic_codegen.blocks.agreement import Agreement
from arctic_codegen.blocks.checkpoint import CheckpointEngine, DSCheckpointEngine
from arctic_codegen.blocks.collating import IGNORED
from arctic_codegen.blocks.config import PartConfig, TrainerConfig
from arctic_codegen.blocks.data import Batch, DataFactory, Sampler, TextDataFactory, to_device
from arctic_codegen.blocks.evaluating import evaluating, one_sample
from arctic_codegen.blocks.export import HFCheckpointEngine
from arctic_codegen.blocks.metrics import Metrics, logger
from arctic_codegen.blocks.model import HFModelFactory, ModelFactory
from arctic_codegen.blocks.optimizer import AdamWFactory, OptimizerFactory
from arctic_codegen.blocks.packing import check_packing
from arctic_codegen.blocks.random_state import RandomState
from arctic_codegen.blocks.resizing import check_newest
from arctic_codegen.blocks.run import Run
from arctic_codegen.blocks.scheduler import HFSchedulerFactory, SchedulerFactory
from arctic_codegen.blocks.sft import SFTDataFactory
from arctic_codegen.blocks.tokenizer import (
    BPETokenizerFactory,
    HFTokenizerFactory,
    TokenizerFactory,
    check_fits,
    complete,
)
from arctic_codegen.callbacks.gradient_norm import norm_of
from arctic_codegen.callbacks.throughput import tokens_of
from arctic_codegen.callbacks.values import pending, report, taken
from arctic_codegen.runtime.callback_state import CallbackState

P = TypeVar("P")


class Trainer(CallbackMixin, Run, ABC):
    """Trains a model. Class attributes of a subclass name its parts; ``loss`` is minimized."""

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
        self.best_steps = {}
        self.is_evaluating = False
        self.eval_loss = None
        self.gradient_norm = None
        self._part_classes: list[type] = []
        self._random_state: RandomState | None = None
        """The random state of a checkpoint, until the data loader is at its position."""
        self._weight: torch.Tensor | None = None
        """The factor for the loss of the next batch, to average over tokens."""

        ranks.connect()
        ranks.check_output(type(self))
        self.world_size = dist.get_world_size()
        self.global_rank = dist.get_rank()
        self.device = ranks.device()
        ranks.together(lambda: check_newest(config, self.world_size))

        set_seed(config.seed)
        self.data_factory_object = self._part("data_factory", DataFactory, config.data)
        make_tokenizer = self._part("tokenizer_factory", TokenizerFactory, config.tokenizer)
        self.tokenizer = make_tokenizer()
        complete(self.tokenizer)
        self.train_dataloader, self.eval_dataloader = self.data_factory_object()
        set_seed(config.seed)  # independent of the numbers that the data took
        self.model = self._part("model_factory", ModelFactory, config.model)()
        check_fits(self.tokenizer, getattr(self.model, "config", None), config)
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
        self._agreement = Agreement(self)
        ranks.set_timeout(config.collective_timeout)
        check_packing(self)
        set_seed(config.seed)  # independent of the model, which takes other numbers in each stage
        self.metrics = Metrics(
            config.metrics_path, self.device, config.tensorboard_dir, self.training_horizon
        )
        if config.zero_stage != config.requested_zero_stage:
            logger.info("model.dtype is bf16: ZeRO stage 1 instead of 0, to keep weights in fp32")
        self.checkpoint_engines = [
            self._part("checkpoint_engine", CheckpointEngine, one) for one in config.checkpoint
        ]
        newest.resume(self.checkpoint_engines)
        ranks.together(lambda: self.metrics.begin(self.global_step))

    def _part(self, attribute: str, root: Callable[..., P], config: PartConfig) -> P:
        """Creates the factory or engine that the recipe chooses. ``root`` is a building block."""
        block: Any = root  # type checkers accept no abstract class as `type[P]`
        cls = choose(type(self), attribute, block, config.type)
        self._part_classes.append(cls)
        made: P = cls(self, config)
        return made

    @property
    def texts(self) -> list[str]:
        """All texts of the data factory."""
        return self.data_factory_object.texts

    @abstractmethod
    def loss(self, batch: Batch) -> torch.Tensor:
        """Computes the loss of a batch."""

    def backward(self, loss: torch.Tensor) -> None:
        """Computes the gradients."""
        self.model.backward(loss)

    def step(self, batch: Batch) -> None:
        """Trains on one batch; the weights change every ``gradient_accumulation_steps`` batches."""
        if not self.model_unwrapped.training:  # train() visits all modules, which takes time
            self.model.train()
        loss = self.loss(batch)
        weight = self._weight
        self.backward(loss if weight is None else loss * weight)
        self.metrics.add(loss, tokens_of(batch), 1 if weight is None else weight)
        if self.model.is_gradient_accumulation_boundary():
            self.optimizer_step()
        else:
            self.model.step()  # counts the batch

    def optimizer_step(self) -> None:
        """Changes the weights, when the gradients of all accumulated batches are computed."""
        norm = None
        if self.config.zero_stage == 0:  # DeepSpeed does not keep it there
            norm = norm_of(self.model_unwrapped)
        self.model.step()
        self.gradient_norm = self.model.get_global_grad_norm() if norm is None else norm
        self.global_step = self.model.global_steps

    def epoch(self) -> None:
        """Trains on the batches of an epoch; a resumed run trains on the remaining ones."""
        self.epoch_finished = False
        for batch in self._weighted(self._batches_to_train()):
            before = self.global_step
            self.step(batch)
            self.train_batch_idx += 1
            if self.global_step != before:
                self._after_step()
            if self._agreement.stop or self.global_step >= self.training_horizon:
                break
        else:  # batches that fill no step may be left
            self.train_batch_idx = len(self.train_dataloader)
        self.epoch_finished = True

    def train(self) -> None:
        """Runs epochs until the training horizon is reached.

        Raises :class:`Interrupted` on all ranks if one of them receives a signal, after a
        checkpoint is saved.
        """
        with self._agreement.signals.caught():
            newest.save_missing(self.checkpoint_engines)
            self._agreement.ask()
            if self._agreement.stop or self.global_step >= self.training_horizon:
                end = "early_stop ended" if self._agreement.stop else "train_iters or epochs end"
                at = f"{end} this run at step {self.global_step}"
                logger.info("nothing is left to train: %s", at)
            while self.global_step < self.training_horizon and not self._agreement.stop:
                self.epoch()
                if self.train_batch_idx >= len(self.train_dataloader):
                    self.epoch_idx += 1
                    self.train_batch_idx = 0
                self._agreement.at_once()
                if self.at_boundary:  # otherwise, the next step evaluates and saves
                    if self._agreement.evaluate:
                        self.evaluate()
                    self._save()
            self._agreement.settle()
        self.training_finished = True
        self._report()
        self.checkpoint()

    def target_tokens(self, batch: Batch) -> torch.Tensor | int:
        """The number of tokens of a batch with a loss: labels other than -100, without the first
        token of each sample. A batch without labels counts as one token."""
        labels = batch.get("labels") if isinstance(batch, dict) else None
        return 1 if labels is None else (labels[:, 1:] != IGNORED).sum()

    def evaluate(self) -> None:
        """Sets ``eval_loss`` to the mean loss over the target tokens of the evaluation data: each
        sample counts once, whatever the batches and the number of ranks."""
        loader = self.eval_dataloader
        if loader is None:
            return
        total = torch.zeros(2, device=self.device, dtype=torch.float64)
        with self.metrics.paused(), evaluating(self), torch.no_grad():
            batches, batch = iter(loader), None
            # A rank without further batches continues: others may need its part of the weights.
            for _ in range(ranks.largest(len(loader))):
                following = next(batches, None)
                if following is not None or batch is None:
                    batch = to_device(
                        one_sample(loader) if following is None else following, self.device
                    )
                number = self.target_tokens(batch) if following is not None else 0
                weight = torch.as_tensor(number, device=self.device).double()
                loss = self.loss(batch).double()
                # The mean over no tokens is NaN.
                total += torch.stack([torch.where(weight > 0, loss * weight, 0.0), weight])
        self.eval_loss = ranks.mean(total[0], total[1])
        self.log_metrics({"step": self.global_step, "eval_loss": self.eval_loss})

    def checkpoint(self) -> None:
        """Saves with each checkpoint engine that is due.

        Raises :class:`TrainingError` on all ranks, before anything is saved, if the loss or the
        gradients are NaN or infinite.
        """
        is_wanted = self._agreement.save or self._agreement.signal
        due = [
            engine
            for engine in self.checkpoint_engines
            if engine.do_checkpoint or (is_wanted and engine.can_save)
        ]
        if not due:
            return
        with self.metrics.paused():
            self.metrics.finite_loss(self.global_step, self.gradient_norm)
            for engine in due:
                engine.save(self.model)

    def request_checkpoint(self, at_once: bool = False) -> None:
        """Makes all ranks save after this step or, on several ranks, after the next one. Any rank
        may call this. If all of them call it in the same step, they may do so ``at_once``."""
        if at_once:
            self._agreement.save = True
        else:
            self._agreement.wants_save = True

    def request_evaluation(self) -> None:
        """Makes all ranks evaluate after this step or, on several ranks, after the next one. Any
        rank may call this."""
        self._agreement.wants_evaluation = True

    def log_metrics(self, values: dict[str, Any]) -> None:
        """Writes a line of values: to the log, to ``metrics_path`` and for TensorBoard. Their
        ``step`` is ``global_step`` by default."""
        self.metrics.write({"step": self.global_step, **values})

    def _after_step(self) -> None:
        """Logs, evaluates and saves after a step of the optimizer, if due."""
        self._agreement.settle()
        if self.global_step % self.config.log_interval == 0:
            self._report()
        interval = self.config.eval_interval
        if self._agreement.evaluate or (interval and self.global_step % interval == 0):
            self.evaluate()
        self._save()
        self._agreement.ask()

    def _save(self) -> None:
        """Saves if due, and ends the run if a signal has requested it."""
        self.checkpoint()
        self._agreement.done()
        if self._agreement.signal:
            saved = [one.checkpoint_dir for one in self.checkpoint_engines if one.is_saved]
            self._agreement.end(saved)

    def _report(self) -> None:
        gathered = self.metrics.summary(self.global_step)
        if not gathered:
            return
        values = {
            "step": self.global_step,
            "epoch": self.epoch_idx,
            **gathered,
            "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
        }
        if self.gradient_norm is not None:
            values["gradient_norm"] = float(self.gradient_norm)
        if self.model.skipped_steps:
            values["skipped_steps"] = self.model.skipped_steps
        self.log_metrics({**values, **taken(self)})

    def _weighted(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The batches; sets ``_weight`` for each of them if the loss is averaged over tokens.

        The batches of a step are fetched first, since the weight of each depends on all of them.
        """
        if self.config.loss_average == "batch":
            yield from batches
            return
        size = self.config.gradient_accumulation_steps
        while len(window := list(islice(batches, size))) == size:
            counts = torch.stack(
                [torch.as_tensor(self.target_tokens(one), device=self.device) for one in window]
            ).double()
            of_all = counts.sum()
            dist.all_reduce(of_all)
            # DeepSpeed divides by the numbers of batches and ranks.
            weights = (counts * (size * self.world_size) / of_all.clamp(min=1)).float()
            for batch, self._weight in zip(window, weights, strict=True):
                yield batch
        self._weight = None

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
        if generator is not None:  # the seeds of workers depend only on the epoch
            generator.manual_seed(self.config.data.seed + self.epoch_idx)
        batches = iter(self.train_dataloader)
        for _ in range(skipped):
            next(batches, None)
        if self._random_state is not None:  # loaders take random numbers when they start
            self._random_state.restore()
            self._random_state = None
        for batch in batches:
            yield to_device(batch, self.device)

    def callback_state(self) -> CallbackState:
        """The state of all callback objects of the run."""
        kept: dict[str, object] = {"trainer": self, "data factory": self.data_factory_object}
        for number, engine in enumerate(self.checkpoint_engines):
            kept[f"checkpoint engine {number}"] = engine
        return CallbackState(kept, self._part_classes)

    def own_state(self) -> dict[str, Any]:
        """The state of this rank in a checkpoint, for :meth:`resume_from`."""
        norm = self.gradient_norm
        return {
            "random": (self._random_state or RandomState.now()).values,
            "metrics": self.metrics.state(),
            "agreement": self._agreement.state(),
            "eval_loss": self.eval_loss,
            "gradient_norm": None if norm is None else float(norm),
            "reported": pending(self),
        }

    def resume_from(self, place: dict[str, Any], own_state: dict[str, Any]) -> None:
        """Continues from a checkpoint's position in the data and this rank's state."""
        self.global_step = place["global_step"]
        self.epoch_idx = place["epoch"]
        self.train_batch_idx = place["batch"]
        self._random_state = RandomState(own_state["random"])
        self.metrics.restore(own_state["metrics"])
        self._agreement.restore(own_state["agreement"])
        self.eval_loss = own_state["eval_loss"]
        self.gradient_norm = own_state["gradient_norm"]
        report(self, own_state["reported"])


class CausalTrainer(Trainer):
    """Trains a causal language model on texts."""

    name = "causal"
    tokenizer_factory: Union[
        BPETokenizerFactory, HFTokenizerFactory, TokenizerFactory, type[TokenizerFactory]
    ]
    data_factory: Union[TextDataFactory, SFTDataFactory, DataFactory, type[DataFactory]]
    model_factory: type[ModelFactory] | ModelFactory = HFModelFactory
    optimizer_factory: type[OptimizerFactory] | OptimizerFactory = AdamWFactory
    scheduler_factory: type[SchedulerFactory] | SchedulerFactory = HFSchedulerFactory
    checkpoint_engine: Union[DSCheckpointEngine, HFCheckpointEngine, type[CheckpointEngine]]

    def loss(self, batch: Batch) -> torch.Tensor:
        """The cross-entropy of the next tokens, in nats per token."""
        loss: torch.Tensor = self.model(**batch).loss
        return loss
