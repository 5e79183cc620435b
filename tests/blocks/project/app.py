"""A trainer on the building blocks, with callbacks that write down what happens."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from pydoc_data.topics import topics

import torch
from datasets import Dataset

from arctic_codegen import rank_zero
from arctic_codegen.blocks import (
    Batch,
    CausalTrainer,
    DSCheckpointEngine,
    HFModelFactory,
    TextDataFactory,
    Trainer,
)


def write(line: str) -> None:
    """Adds a line to the trace of this rank."""
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


class ByHand(CausalTrainer):
    """The same training, its callbacks called by hand."""

    name = "by_hand"
    data_factory = Topics
    model_factory = TinyModel

    def loss(self, batch: Batch) -> torch.Tensor:
        loss = super().loss(batch)
        write("loss " + float(loss).hex())
        return loss


class Failing(CausalTrainer):
    """Its callback fails on one rank, while the other one waits for it, or is busy by itself."""

    name = "failing"
    data_factory = Topics

    def pre_backward_callback(self) -> None:
        if self.global_step == 2:
            write("last")
            if self.global_rank == 1:
                raise RuntimeError("on purpose")
            if self.config.epochs == 98:
                time.sleep(60)
