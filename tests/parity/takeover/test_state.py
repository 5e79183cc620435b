"""R60 on ArcticTraining: its DeepSpeed checkpoints contain the state of callbacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import Project, forked

pytest.importorskip("arctic_training")

SOURCES = """
from arctic_training import CausalDataFactory, CausalTrainer, DSCheckpointEngine, HFDataSource

from arctic_codegen import every


class Growing:
    calls = 0

    def grow(self, trainer):
        self.calls += 1

    def grow_value(self, factory, value):
        self.calls += 1
        return value

    def state_dict(self):
        return {"calls": self.calls}

    def load_state_dict(self, state):
        self.calls = state["calls"]


growing = Growing()
ticks = []


def tick(trainer):
    ticks.append(trainer.global_step)


def show(engine):
    print(type(engine).__name__, "calls", growing.calls)


class T(CausalTrainer):
    name = "t"
    callbacks = [("post-epoch", growing.grow), ("post-epoch", every(3, tick))]

    def epoch(self):
        pass


class Data(CausalDataFactory):
    name = "data"
    callbacks = [("post-load", Growing().grow_value)]


class Source(HFDataSource):
    name = "source"
    callbacks = [("post-load", Growing().grow_value)]


class Compiled(DSCheckpointEngine):
    name = "compiled_engine"
    callbacks = [("post-save", show), ("post-load", show)]
"""
OTHERS = """
from arctic_training import DSCheckpointEngine


class Inherits(DSCheckpointEngine):
    name = "inherits"


class Overrides(DSCheckpointEngine):
    name = "overrides"

    def save(self, model):
        super().save(model)

    def load(self, model):
        super().load(model)
"""
PROGRAM = """
import logging
import os
from pathlib import Path
from types import SimpleNamespace

import torch
from app import Data, Source, growing, ticks
from arctic_training import DSCheckpointEngine
from others import Inherits, Overrides
from generated.app import Compiled, T

logging.basicConfig(format="%(message)s")


data = SimpleNamespace(factory=Data, sources=[SimpleNamespace(data_source=Source)])
config = SimpleNamespace(data=data)


class Model:
    def save_checkpoint(self, folder, tag, client_state):
        assert (folder / tag / "callbacks_rank_0.pt").is_file(), "before it is the latest one"
        self.state = client_state
        (folder / "latest").write_text(tag)

    def load_checkpoint(self, folder):
        return folder, self.state


def made(kind):
    trainer = T.__new__(T)
    vars(trainer).update(
        epoch_idx=0, global_step=1, wandb_run_id=None, global_rank=0, world_size=1,
        device=torch.device("cpu"), config=config,
    )
    engine = kind(trainer, SimpleNamespace(output_dir=Path(kind.__name__)))
    trainer.checkpoint_engines = [engine]
    return trainer, engine, Model()


for kind in (DSCheckpointEngine, Compiled, Inherits, Overrides):
    trainer, engine, model = made(kind)
    engine.load(model)  # there is nothing yet
    growing.calls = 0
    ticks.clear()
    trainer.epoch()
    trainer.epoch()
    engine.save(model)
    growing.calls = 100
    resumed, engine, _ = made(kind)
    engine.load(model)
    resumed.epoch()
    files = sorted(path.name for path in Path(kind.__name__).rglob("*"))
    print(kind.__name__, growing.calls, len(ticks), *files)
    (file,) = Path(kind.__name__).rglob("*.pt")
    keys = set(torch.load(file)["states"])
    assert keys == {
        "app:T post-epoch app.Growing.grow",
        "app:Data post-load app.Growing.grow_value",
        "app:Source post-load app.Growing.grow_value",
    }, keys
"""


def test_R60_every_engine_of_deepspeed_keeps_the_state(tmp_path: Path):
    """A compiled one, ArcticTraining's own, and subclasses that no build has seen."""
    files = {"app.py": SOURCES, "others.py": OTHERS, "program.py": PROGRAM}
    config = '[tool.arctic-codegen]\nsources = ["app.py"]\nsemantics = "documented"\n'
    built = Project(tmp_path, files, config).built()
    done = forked("blocks", ["program.py"], built.root)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = done.stdout.splitlines()
    files = "callbacks_rank_0.pt epoch_0_global_step_1 latest"
    assert [line for line in shown if "Accelerator" not in line] == [
        f"DSCheckpointEngine 3 1 {files}",
        "Compiled calls 3",
        "Compiled calls 2",
        "Compiled calls 2",
        f"Compiled 3 1 {files}",
        f"Inherits 3 1 {files}",
        f"Overrides 3 1 {files}",
    ]
