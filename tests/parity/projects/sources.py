"""The files of a project: a namespace package, derived factories, a step in a loop.

It needs no model: what ArcticTraining would load from disk is a small object that records calls.
"""

from __future__ import annotations

SAYS = """
from types import SimpleNamespace
from typing import Any

SAID: list[str] = []


def say(*words: object) -> None:
    SAID.append(" ".join(map(str, words)))


class FakeModel:
    def __init__(self, config: Any) -> None:
        self.config = config
        self.pooling = "mean"

    @property
    def encoder(self) -> str:
        return "the encoder"

    def gradient_checkpointing_enable(self) -> None:
        say("checkpointing enabled")

    def enable_input_require_grads(self) -> None:
        say("input requires gradients")


def stub_trainer(**config: Any) -> Any:
    model = SimpleNamespace(peft_config=None, disable_activation_checkpoint=False, layers=4, topk=8)
    return SimpleNamespace(config=SimpleNamespace(model=model, **config), device="cpu")
"""

QUICK = """
import math
from typing import Union

import torch

from arctic_training import DSCheckpointEngine
from arctic_training import HFCheckpointEngine
from arctic_training import HFModelFactory
from arctic_training import ModelConfig
from arctic_training import SFTTrainer
from arctic_training import TrainerConfig
from projects.quick.models import QuickConfig
from projects.says import FakeModel, say

try:
    from kernels_that_are_not_installed import fast_forward
except (ImportError, OSError):
    fast_forward = None


class QuickModelConfig(ModelConfig):
    layers: int
    \"\"\"How many layers are trained.\"\"\"


class QuickTrainerConfig(TrainerConfig):
    temperature: float = 2.0


class QuickModelFactory(HFModelFactory):
    name = "quick"
    config: QuickModelConfig

    def create_config(self):
        say("create_config")
        return {"model_type": "plain"}

    def create_model(self, model_config):
        say("create_model", sorted(vars(model_config)))
        return FakeModel(model_config)

    def post_create_config_callback(self, hf_config):
        hf_config = QuickConfig.from_dict(hf_config)
        hf_config.layers = self.config.layers
        return hf_config

    def post_create_model_callback(self, model):
        say("only the head of", type(model).__name__, "is trained")
        model.gradient_checkpointing_enable()
        return model


class QuickTrainer(SFTTrainer):
    name = "quick"
    config: QuickTrainerConfig
    model_factory: QuickModelFactory
    checkpoint_engine: Union[DSCheckpointEngine, HFCheckpointEngine]

    def forward(self, batch):
        import wandb_that_is_not_installed

        return wandb_that_is_not_installed.log(batch)

    def loss(self, batch) -> torch.Tensor:
        return torch.tensor(math.fsum(batch))
"""

QUICK_MODELS = """
class QuickConfig:
    @classmethod
    def from_dict(cls, values):
        made = cls()
        vars(made).update(values)
        return made
"""

BROKEN = """
import a_library_that_is_not_installed
from a_library_that_is_not_installed.data import Loader


class Reader(Loader):
    def read(self):
        return a_library_that_is_not_installed.read(self.path)
"""

BLOCK = """
from projects.quick.train import QuickModelConfig
from projects.quick.train import QuickModelFactory
from projects.quick.train import QuickTrainer
from projects.quick.train import QuickTrainerConfig
from projects.says import say


class BlockModelConfig(QuickModelConfig):
    topk: int = 8


class BlockModelFactory(QuickModelFactory):
    name = "block"
    config: BlockModelConfig

    def post_create_config_callback(self, hf_config):

        hf_config = super().post_create_config_callback(hf_config)
        hf_config.topk = self.config.topk
        say("block config")
        return hf_config


class BlockTrainerConfig(QuickTrainerConfig):
    pass


class BlockTrainer(QuickTrainer):
    name = "block"
    config: BlockTrainerConfig
    model_factory: BlockModelFactory
"""

LOOPING = """
from typing import Optional

from arctic_training import SFTTrainer
from arctic_training import TrainerConfig
from arctic_training.checkpoint.engine import CheckpointEngine
from projects.says import say, stub_trainer


class LoopingConfig(TrainerConfig):
    path: Optional[str] = None
    generated: int = 3


class LoopingEngine(CheckpointEngine):
    name = "looping"

    def load(self, model) -> None:
        raise NotImplementedError()

    def save(self, model) -> None:
        say("saved", model)


class SmallSteps(SFTTrainer):
    name = "small_steps"
    config: LoopingConfig

    def __init__(self) -> None:
        self.config = stub_trainer(loss_log_interval=0).config
        self.global_step = 0

    def loss(self, batch) -> float:
        return float(batch)

    def backward(self, loss) -> None:
        say("backward", loss)

    def step(self, batch) -> None:
        self.backward(self.loss(batch))
        self.global_step += 1

    def post_step_callback(self) -> None:
        say("small step done", self.global_step)


class LoopingTrainer(SmallSteps):
    name = "looping"
    checkpoint_engine: LoopingEngine
    callbacks = [("post-loss", lambda self, loss: loss + 0.5)]

    def pre_step_callback(self, batch):
        say("pre step", batch)
        return batch

    def step(self, batch) -> None:
        for index in range(3):
            super().step(batch + index)
"""

TWIN = """
import json

from arctic_training.checkpoint.hf_engine import HFCheckpointEngine

from ..says import FakeModel, say


class Saves(HFCheckpointEngine):
    name = "saves"

    def save(self, model) -> None:
        say("saves", model)

    def post_save_callback(self) -> None:
        say("saved")


class TwinEngine(Saves):
    name = "twin"

    def save(self, model: FakeModel) -> None:
        super().save(model.encoder)

        config = json.dumps({"pooling": model.pooling})
        say(config)

    def load(self, model) -> None:
        raise NotImplementedError
"""

FILES = {
    "projects/says.py": SAYS,
    "projects/quick/train.py": QUICK,
    "projects/quick/models/__init__.py": QUICK_MODELS,
    "projects/quick/data_generation/read.py": BROKEN,
    "projects/block/train.py": BLOCK,
    "projects/looping/train.py": LOOPING,
    "projects/twin/checkpointing.py": TWIN,
}

DRIVE = """
import importlib, json, sys

package = sys.argv[1]
from projects.says import SAID, FakeModel, stub_trainer

told = {}


# All of it before anything is made: ArcticTraining counts what was made before a class statement.
for module in ("quick.train", "block.train", "looping.train", "twin.checkpointing"):
    importlib.import_module(f"{package}.{module}")


def load(module, name):
    return getattr(importlib.import_module(f"{package}.{module}"), name)


def keep(key):
    told[key] = list(SAID)
    SAID.clear()


for module, name in (("quick.train", "QuickModelFactory"), ("block.train", "BlockModelFactory")):
    trainer = stub_trainer()
    made = load(module, name)(trainer)()
    told[f"{name} config"] = sorted(vars(made.config).items())
    keep(name)

trainer = load("looping.train", "LoopingTrainer")()
trainer.step(1)
told["steps"] = trainer.global_step
keep("LoopingTrainer")

load("twin.checkpointing", "TwinEngine")(stub_trainer(), None).save(FakeModel(None))
keep("TwinEngine")

from arctic_training.registry import RegistryMeta

told["registry"] = {
    name: f"{cls.__module__}.{cls.__qualname__}"
    for table in RegistryMeta._registry.values()
    for name, cls in table.items()
    if "projects" in cls.__module__
}
hints = load("block.train", "BlockTrainer").__annotations__
told["hint"] = str(hints.get("model_factory"))
print("TOLD" + json.dumps(told))
"""
