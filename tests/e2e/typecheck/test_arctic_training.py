"""`check` on the installed arctic-training: its own classes, and trainers derived from them."""

from __future__ import annotations

import pytest

from tests.harness import Project

CONFIG = """
[tool.arctic-codegen]
sources = ["my_trainer.py", "arctic_training"]
semantics = "runtime"

[tool.mypy]
strict = true
"""
WRONG = """
from arctic_training import HFModelFactory, SFTTrainer


def log_loss(trainer: SFTTrainer, loss: int) -> int:
    print(loss)
    return loss


class MyModel(HFModelFactory):
    name = "my-model"

    def post_create_model_callback(self, model: str) -> str:
        return model


class MyTrainer(SFTTrainer):
    name = "mine"
    model_factory: MyModel
    callbacks = [
        ("post-loss", log_loss),
        ("pre-step", lambda self, batch: self.no_such_thing),
    ]

    def pre_epoch_callback(self) -> None:
        print(self.global_step)

    def pre_step_callback(self, batch: int) -> int:
        return batch
"""
RIGHT = """
from typing import Any, Union

from torch import Tensor

from arctic_training import HFModelFactory, SFTTrainer
from arctic_training.optimizer.factory import OptimizerFactory


class MyOptimizer(OptimizerFactory):
    name = "my-optimizer"

    def create_optimizer(self, model: Any, optimizer_config: Any) -> Any:
        return None

    def post_create_optimizer_callback(self, optimizer: Any) -> Any:
        return optimizer


class MyModel(HFModelFactory):
    name = "my-model"


class MyTrainer(SFTTrainer):
    name = "mine"
    model_factory: Union[MyModel, HFModelFactory]
    optimizer_factory: MyOptimizer
    callbacks = [("pre-step", lambda self, batch: batch)]

    def pre_epoch_callback(self) -> None:
        print(self.global_step)

    def pre_step_callback(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return batch

    def post_loss_callback(self, value: Tensor) -> Tensor:
        return value
"""


@pytest.mark.long
def test_wrong_types_are_told_at_the_person_s_own_lines(tmp_path):
    """R38; all of the package's classes are compiled as well, without findings about them. R69: nor
    are there any about factories in annotations, as in ArcticTraining's documentation, which both
    checkers take for invalid overrides."""
    p = Project(tmp_path, {"my_trainer.py": RIGHT}, CONFIG)
    assert p.build().code == 0
    for checker in ("mypy", "pyright"):
        p.write({"my_trainer.py": RIGHT})
        ran = p.cli("check", "--checker", checker, "--format", "concise", timeout=600)
        assert (ran.code, ran.stdout) == (0, ""), ran.stdout + ran.stderr
        p.write({"my_trainer.py": WRONG})
        ran = p.cli("check", "--checker", checker, "--format", "concise", timeout=600)
        lines = WRONG.lstrip("\n").split("\n")
        told = {lines[line - 1].strip() for path, line, code in ran.codes if code == "AC501"}
        assert told == {
            "def log_loss(trainer: SFTTrainer, loss: int) -> int:",
            "def post_create_model_callback(self, model: str) -> str:",
            '("pre-step", lambda self, batch: self.no_such_thing),',
            "def pre_step_callback(self, batch: int) -> int:",
        }, ran.stdout
        assert {path for path, _, code in ran.codes if code[:3] == "AC5"} == {"my_trainer.py"}
