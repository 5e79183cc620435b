"""A trainer on the building blocks, with callbacks that record what happens."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any, Union

import torch
from datasets import Dataset
from deepspeed.runtime.zero import GatheredParameters
from transformers.modeling_layers import GradientCheckpointingLayer

from arctic_codegen import every, rank_zero
from arctic_codegen.blocks import (
    AdamWFactory,
    Batch,
    CausalTrainer,
    DSCheckpointEngine,
    HFCheckpointEngine,
    HFModelFactory,
    OptimizerConfig,
    OptimizerFactory,
    TextDataFactory,
    Trainer,
)


def write(line: str) -> None:
    """Append a line to the trace of this rank."""
    path = Path(os.environ["TRACE"] + "." + os.environ.get("RANK", "0"))
    with path.open("a") as trace:
        trace.write(line + "\n")


class Topics(TextDataFactory):
    """The help topics that come with Python."""

    name = "topics"

    def load(self, data_sources: Sequence[Path]) -> Dataset:
        texts = [topics[name] for name in sorted(topics)][:12]
        return Dataset.from_dict({"text": texts})

    def post_load_callback(self, dataset: Dataset) -> Dataset:
        write(f"load {len(dataset)}")
        return dataset

    def post_split_data_callback(self, split: tuple[Dataset, Dataset]) -> tuple[Dataset, Dataset]:
        write("split_data")
        return split


class TinyModel(HFModelFactory):
    name = "tiny"

    callbacks = [("post-create-model", lambda self, model: model)]

    def post_create_model_callback(self, model: torch.nn.Module) -> torch.nn.Module:
        write("create_model")
        return model


class Engine(DSCheckpointEngine):
    name = "kept"

    def pre_save_callback(self) -> None:
        write(f"save {self.trainer.global_step}")

    def post_load_callback(self) -> None:
        write(f"load {self.trainer.global_step}")


def note(self: Trainer) -> None:
    write(f"step {self.global_step}")


class MyTrainer(CausalTrainer):
    name = "mine"
    data_factory = Topics
    model_factory = TinyModel
    checkpoint_engine = Engine
    callbacks = [("post-step", note), ("post-init", rank_zero(lambda self: write("init")))]

    def post_loss_callback(self, loss: torch.Tensor) -> torch.Tensor:
        write("loss " + float(loss).hex())
        return loss

    def post_epoch_callback(self) -> None:
        write(f"epoch {self.epoch_idx}")

    def post_evaluate_callback(self) -> None:
        write(f"evaluate {self.eval_loss}")

    def post_train_callback(self) -> None:
        write("train")


class Seldom(MyTrainer):
    """Some of its steps differ, depending on their number."""

    name = "seldom"
    callbacks = [("pre-backward", every(4, lambda self, loss: loss * 3))]


def third(self: Trainer) -> None:
    write(f"third {self.global_step}")


class BySteps(MyTrainer):
    """It counts steps of the optimizer, each of which takes several batches."""

    name = "seldom_by_steps"
    callbacks = [("post-step", every(3, third, by="global_step"))]


def noisy(self: Trainer, loss: torch.Tensor) -> torch.Tensor:
    """It draws a random number, so that an extra or missing call changes all following ones."""
    return loss * (1 + 0.1 * torch.rand(()))


def widen(self: HFModelFactory, model: torch.nn.Module) -> torch.nn.Module:
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1.25)
    return model


def cut(self: Trainer, batch: Batch) -> Batch:
    return {name: value[:, :48] for name, value in batch.items()}


class WideModel(HFModelFactory):
    name = "wide"
    callbacks = [("post-create-model", widen)]


class Changing(CausalTrainer):
    """Its callbacks change the training."""

    name = "changing"
    data_factory = Topics
    model_factory = WideModel
    callbacks = [("pre-step", cut), ("post-loss", noisy)]

    def post_loss_callback(self, loss: torch.Tensor) -> torch.Tensor:
        write("loss " + loss.item().hex())
        return loss * 0.5

    def pre_backward_callback(self, loss: torch.Tensor) -> torch.Tensor:
        return loss + 0.01 * self.model_unwrapped.lm_head.weight.square().mean()


class WideByHand(HFModelFactory):
    name = "wide_by_hand"

    def create_model(self, model_config):
        return widen(self, super().create_model(model_config))


class ByHand(CausalTrainer):
    """The same training as ``Changing``, with callbacks called by hand."""

    name = "by_hand"
    data_factory = Topics
    model_factory = WideByHand

    def step(self, batch: Batch) -> None:
        super().step(cut(self, batch))

    def loss(self, batch: Batch) -> torch.Tensor:
        loss = noisy(self, super().loss(batch))
        write("loss " + loss.item().hex())
        return loss * 0.5

    def backward(self, loss: torch.Tensor) -> None:
        super().backward(loss + 0.01 * self.model_unwrapped.lm_head.weight.square().mean())


class SGDFactory(OptimizerFactory):
    name = "sgd"

    def create_optimizer(
        self, model: torch.nn.Module, optimizer_config: OptimizerConfig
    ) -> torch.optim.Optimizer:
        return torch.optim.SGD(model.parameters(), lr=optimizer_config.learning_rate)


class Watched(CausalTrainer):
    """It records the effects of a recipe's settings."""

    name = "watched"
    data_factory = Topics
    optimizer_factory: Union[AdamWFactory, SGDFactory]
    forwards = 0

    def weights(self) -> torch.Tensor:
        parameters = list(self.model_unwrapped.parameters())
        with GatheredParameters(parameters):
            return torch.cat([one.detach().float().flatten() for one in parameters])

    def count(self, *_: object) -> None:
        self.forwards += 1

    def post_init_callback(self) -> None:
        modules = self.model_unwrapped.modules()
        first = next(one for one in modules if isinstance(one, GradientCheckpointingLayer))
        first.register_forward_pre_hook(self.count)
        (dtype,) = {one.dtype for one in self.model_unwrapped.parameters()}
        write(f"dtype {dtype}")
        write("made " + digest(self.weights()))

    def post_loss_callback(self, loss: torch.Tensor) -> torch.Tensor:
        write("loss " + loss.item().hex())
        return loss

    def pre_step_callback(self) -> None:
        self.before = self.weights()

    def post_step_callback(self) -> None:
        write(f"change {(self.weights() - self.before).norm().item()}")

    def post_train_callback(self) -> None:
        write(f"forwards {self.forwards}")
        write("weights " + digest(self.weights()))


def digest(weights: torch.Tensor) -> str:
    return hashlib.sha256(weights.numpy().tobytes()).hexdigest()


class Plain(CausalTrainer):
    """No callback changes its training."""

    name = "plain"

    def post_loss_callback(self, loss: torch.Tensor) -> torch.Tensor:
        write("loss " + loss.item().hex())
        return loss


class OnTopics(Plain):
    name = "on_topics"
    data_factory = Topics


class Failing(CausalTrainer):
    """Its callback fails on one rank, while the other one waits for it, or is busy.

    Rank 1 fails, or with 97 epochs rank 0; the other one is busy if there are fewer than 99 epochs.
    """

    name = "failing"
    data_factory = Topics

    def pre_backward_callback(self) -> None:
        if self.global_step == 2:
            write("last")
            if self.global_rank == int(self.config.epochs != 97):
                raise RuntimeError("on purpose")
            if self.config.epochs < 99:
                time.sleep(60)


class FailingOnce(OnTopics):
    name = "failing_once"

    def pre_step_callback(self) -> None:
        first = os.environ.get("TORCHELASTIC_RESTART_COUNT") == "0"
        if first and self.global_step == 2 and self.global_rank == 1:
            raise RuntimeError("on purpose")


class FailingLambda(CausalTrainer):
    name = "failing_lambda"
    data_factory = Topics
    callbacks = [("post-loss", lambda self, loss: loss * (1 // (1 - self.global_step)))]


class Masked(Topics):
    """Each sample has a different number of target tokens."""

    name = "masked"

    def process(self, dataset: Dataset) -> Dataset:
        samples = super().process(dataset)["input_ids"]
        labels = [
            [-100 if at < 7 * number % 50 else token for at, token in enumerate(sample)]
            for number, sample in enumerate(samples)
        ]
        return Dataset.from_dict({"input_ids": samples, "labels": labels})


class OnMasked(CausalTrainer):
    """It records the parts of evaluations and optimizer steps."""

    name = "on_masked"
    data_factory = Masked

    tokens = size = 0

    def pre_loss_callback(self, batch: Batch) -> Batch:
        self.tokens = int((batch["labels"][:, 1:] != -100).sum())
        self.size = len(batch["labels"])
        return batch

    def post_loss_callback(self, loss: torch.Tensor) -> torch.Tensor:
        if not self.is_evaluating:
            assert self.model.training
            assert self.model_unwrapped.training
            write("loss " + loss.item().hex())
            return loss
        assert not any(module.training for module in self.model.modules())
        torch.rand(1)  # random numbers in an evaluation must not affect the training
        write(f"evaluated {self.size} {self.tokens} {float(loss).hex()}")
        return loss

    def pre_optimizer_step_callback(self) -> None:
        write(f"before {self.global_step}")

    def post_optimizer_step_callback(self) -> None:
        write(f"after {self.global_step} {float(self.gradient_norm or 0.0).hex()}")

    def pre_log_metrics_callback(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "marked": torch.tensor(1.5)}


class Spoiled(OnMasked):
    """On one rank, the loss of its third step is NaN."""

    name = "spoiled"

    def pre_backward_callback(self, loss: torch.Tensor) -> torch.Tensor:
        spoiled = self.global_step == 2 and self.global_rank == self.world_size - 1
        return loss * torch.nan if spoiled else loss  # arctic-codegen: ignore[AC701]


class PlainTopics(CausalTrainer):
    name = "plain_topics"
    data_factory = Topics
    checkpoint_engine: Union[DSCheckpointEngine, HFCheckpointEngine]


class NarrowModel(TinyModel):
    """Another model from the same recipe."""

    def pre_create_model_callback(self, model_config: Any) -> Any:
        model_config.num_hidden_layers = 1
        return model_config


class Narrow(MyTrainer):
    name = "narrow"
    model_factory = NarrowModel


class Steered(OnTopics):
    """Single ranks control all of them: the last one saves, the first one evaluates and stops."""

    name = "steered"

    def post_optimizer_step_callback(self) -> None:
        write(f"step {self.global_step}")
        if self.global_step == 2 and self.global_rank == self.world_size - 1:
            self.request_checkpoint()
        if self.global_rank == 0:
            if self.global_step == 3:
                self.request_evaluation()
            self.early_stop = self.global_step == 5

    def pre_evaluate_callback(self) -> None:
        write(f"evaluate {self.global_step}")

    def pre_checkpoint_callback(self) -> None:
        if self._agreement.save:
            write(f"save {self.global_step}")


class StoppedAfterEpoch(OnTopics):
    """The first rank stops all of them at the end of an epoch."""

    name = "stopped_after_epoch"

    def post_epoch_callback(self) -> None:
        write(f"epoch {self.global_step}")
        self.early_stop = self.global_rank == 0


class Signalled(OnTopics):
    """Its last rank receives signals after its second step, as many as there are epochs."""

    name = "signalled"

    def post_optimizer_step_callback(self) -> None:
        write(f"step {self.global_step}")
        if self.global_step == 2 and self.global_rank == self.world_size - 1:
            for _ in range(self.config.epochs):
                os.kill(os.getpid(), getattr(signal, os.environ["SIGNAL"]))

    def post_train_callback(self) -> None:
        write("train")


class BetweenSteps(OnTopics):
    """It gets a signal at the end of an epoch whose last batches fill no step."""

    name = "signalled_between"

    def post_epoch_callback(self) -> None:
        if not self._agreement.signals.number:
            write(f"epoch {self.global_step} {self.at_boundary}")
            os.kill(os.getpid(), signal.SIGTERM)


class Waiting(OnTopics):
    """One rank is busy for longer than the others wait."""

    name = "waiting"

    def pre_optimizer_step_callback(self) -> None:
        if self.global_step == 1 and self.global_rank == 1:
            time.sleep(60)


class Growing:
    """Its callbacks act differently at each call, so that a lost state changes all losses."""

    def __init__(self) -> None:
        self.calls = 0

    def weigh(self, trainer: Trainer, loss: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return loss * (1 + self.calls / 10)

    def state_dict(self) -> dict[str, Any]:
        return {"calls": self.calls}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.calls = state["calls"]


class Patience:
    """On rank 0 only, it ends the training after a number of evaluations without much progress."""

    state_key = "patience"

    def __init__(self, evaluations: int) -> None:
        self.evaluations = evaluations
        self.best = float("inf")
        self.worse = 0

    def __call__(self, trainer: Trainer) -> None:
        loss = trainer.eval_loss or 0.0
        self.worse = 0 if loss < self.best - 5 else self.worse + 1
        self.best = min(self.best, loss)
        if trainer.global_rank == 0:
            trainer.early_stop = self.worse >= self.evaluations

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "worse": self.worse}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.worse = state["best"], state["worse"]


class Loads:
    """A callback of a data factory, with state."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, factory: TextDataFactory) -> None:
        self.runs += 1

    def state_dict(self) -> dict[str, Any]:
        return {"runs": self.runs}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.runs = state["runs"]
        write(f"runs {self.runs}")


growing = Growing()


class CountedTopics(Topics):
    name = "counted_topics"
    callbacks = [("post-init", Loads())]


class Stateful(OnTopics):
    """Its callbacks have state, and some run only at intervals."""

    name = "stateful"
    data_factory = CountedTopics
    callbacks = [
        ("post-loss", growing.weigh),
        ("pre-backward", growing.weigh),
        ("post-loss", every(3, lambda self, loss: loss * 2)),
        ("post-evaluate", Patience(4)),
    ]

    def post_optimizer_step_callback(self) -> None:
        write(f"step {self.global_step}")


class Lost(Growing):
    """Its state cannot be restored from any checkpoint."""

    def state_dict(self) -> dict[str, Any]:
        return {"calls": object()}


class LosingState(OnTopics):
    name = "losing_state"
    callbacks = [("post-loss", Lost().weigh)]
