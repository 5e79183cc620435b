"""Preference training: ArcticTraining's trainer creates its reference model in a callback."""

from pydoc_data.topics import topics
from typing import Union

from arctic_training.config.data import DataSourceConfig
from arctic_training.data.dpo_factory import DPODataFactory
from arctic_training.data.source import DataSource
from arctic_training.trainer.dpo_trainer import DPOTrainer
from datasets import Dataset
from tiny.engine import Resumable, Weights
from tiny.model import Small, Smaller, Words
from tiny.optimizer import Decayed, Linear
from tiny.trace import note, returned, show


class Preferred(DataSource):
    name = "preferred"

    def load(self, config: DataSourceConfig, split: str) -> Dataset:
        return Dataset.from_list([row(name) for name in sorted(topics)[:8]])


def row(name):
    return {
        "prompt": [{"role": "user", "content": f"What is {name}?"}],
        "chosen": [{"role": "assistant", "content": topics[name][40:100]}],
        "rejected": [{"role": "assistant", "content": topics[name][300:340]}],
    }


class Pairs(DPODataFactory):
    name = "pairs"
    callbacks = [("post-process", returned("process"))]


class TinyDPO(DPOTrainer):
    name = "tiny_dpo"
    data_factory: Pairs
    model_factory: Union[Smaller, Small]
    ref_model_factory: Union[Small, Smaller]
    checkpoint_engine: Union[Weights, Resumable]
    optimizer_factory: Decayed
    scheduler_factory: Linear
    tokenizer_factory: Words
    callbacks = [("post-init", lambda self: note(f"reference {show(self.ref_model)}"))]

    def post_loss_callback(self, loss):
        note(f"{type(self).__name__}: loss {show(loss)}")
        return loss
