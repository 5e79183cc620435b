"""Trainers of users pass a type checker, however they declare their parts (R30, R32)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")
pytest.importorskip("mypy")

from tests.forking import Forks
from tests.parity.blocks.harness import Rank

SOURCES = '''
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union

import torch
from datasets import Dataset, load_dataset

from arctic_codegen.blocks import (
    AdamWFactory,
    Batch,
    CausalTrainer,
    DataConfig,
    DataFactory,
    DSCheckpointEngine,
    HFCheckpointEngine,
    OptimizerConfig,
    OptimizerFactory,
    Trainer,
)


class OwnConfig(DataConfig):
    rows: int = 3


class Own(DataFactory):
    """No text."""

    name = "own"
    config: OwnConfig

    def load(self, data_sources: Sequence[Path]) -> Any:
        return [self.config.rows, self.trainer.global_step]

    def process(self, dataset: Any) -> Any:
        return dataset


class Lines(DataFactory):
    name = "lines"

    def load(self, data_sources: Sequence[Path]) -> Dataset:
        return load_dataset("text", data_files=[str(one) for one in data_sources])["train"]

    def process(self, dataset: Dataset) -> Dataset:
        return dataset

    def post_load_callback(self, dataset: Dataset) -> Dataset:
        return dataset


class SGD(OptimizerFactory):
    name = "sgd"

    def create_optimizer(
        self, model: torch.nn.Module, optimizer_config: OptimizerConfig
    ) -> torch.optim.Optimizer:
        return torch.optim.SGD(model.parameters(), lr=optimizer_config.learning_rate)


class Engine(DSCheckpointEngine):
    name = "engine"


class ByValue(CausalTrainer):
    name = "by_value"
    data_factory = Own
    optimizer_factory = SGD
    checkpoint_engine = Engine


class ByAnnotation(CausalTrainer):
    name = "by_annotation"
    data_factory: Own
    optimizer_factory: Union[AdamWFactory, SGD]
    checkpoint_engine: Union[Engine, HFCheckpointEngine]

    def pre_step_callback(self, batch: Batch) -> Batch:
        return batch


class Other(Trainer):
    name = "other"
    data_factory = Own

    def loss(self, batch: Batch) -> torch.Tensor:
        loss: torch.Tensor = self.model(**batch).loss
        return loss
'''
CHOOSE = """
from arctic_codegen.blocks import CheckpointEngine, DataFactory, OptimizerFactory
from arctic_codegen.blocks._choosing import choose
from generated.app import ByAnnotation, ByValue

def show(trainer, attribute, root, name=""):
    chosen = choose(trainer, attribute, root, name)
    print(f"{chosen.__module__}.{chosen.__qualname__}")

for trainer in ByValue, ByAnnotation:
    show(trainer, "data_factory", DataFactory)
    show(trainer, "optimizer_factory", OptimizerFactory)
    show(trainer, "checkpoint_engine", CheckpointEngine)
show(ByAnnotation, "optimizer_factory", OptimizerFactory, "sgd")
show(ByAnnotation, "checkpoint_engine", CheckpointEngine, "huggingface")
"""
CONFIG = """
[mypy]
strict = true
explicit_package_bases = true
[mypy-deepspeed.*,transformers.*,tokenizers.*,datasets.*]
follow_imports = skip
ignore_missing_imports = true
"""


@pytest.mark.long
def test_R30_R32_parts_are_named_by_value_and_by_annotation(tmp_path: Path, forks: Forks):
    (tmp_path / "app.py").write_text(SOURCES)
    (tmp_path / "mypy.ini").write_text(CONFIG)
    for command in (
        ("arctic_codegen", "init"),
        ("arctic_codegen", "build"),
        ("arctic_codegen", "check", "--sources"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "choose.py").write_text(CHOOSE)
    log = tmp_path / "log"
    pid = forks.start(["choose.py"], os.environ, tmp_path, log)
    assert Rank(forks, pid, log).wait() == 0, log.read_text()
    assert log.read_text().split() == [
        "generated.app.Own",
        "generated.app.SGD",
        "generated.app.Engine",
        "generated.app.Own",
        "arctic_codegen.blocks.optimizer.AdamWFactory",
        "generated.app.Engine",
        "generated.app.SGD",
        "arctic_codegen.blocks.export.HFCheckpointEngine",
    ]
