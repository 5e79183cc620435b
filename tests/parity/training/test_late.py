"""Callbacks that ArcticTraining's Ray launcher adds to an existing trainer (R40).

Ray itself is not installed: the stub below has what the launcher's code for workers needs.
"""

from __future__ import annotations

import pytest

pytest.importorskip("arctic_training")

WORKER = """
import sys
import types
from pathlib import Path

def report(metrics, checkpoint=None):
    from tiny.trace import note
    note(f"Ray: loss {metrics.get('loss')!r}, {checkpoint}")

context = types.SimpleNamespace(
    get_local_rank=lambda: 0,
    get_storage=lambda: types.SimpleNamespace(storage_fs_path="/elsewhere"),
)
checkpoint = types.SimpleNamespace(from_directory=lambda folder: Path(folder).name)
train = types.ModuleType("ray.train")
train.__dict__.update(
    report=report,
    get_context=lambda: context,
    Checkpoint=checkpoint,
    RunConfig=None,
    ScalingConfig=None,
)
torch = types.ModuleType("ray.train.torch")
torch.TorchTrainer = None
ray = types.ModuleType("ray")
ray.train = train
sys.modules |= {"ray": ray, "ray.train": train, "ray.train.torch": torch}

from arctic_training.launcher.ray_launcher import make_arctic_train_func

make_arctic_train_func()({"arctic_config": Path(sys.argv[1]), "mode": "train"})
"""


@pytest.fixture
def project(training):
    made = training("runtime")
    made.configure("runtime", more="late-callbacks = true")
    return made


@pytest.mark.long
def test_R40_late_callbacks_run_where_they_are_let_in(project):
    plain = project.by_program(project.recipe("plain", "tiny", "my_trainer.py"), WORKER)
    project.build()
    compiled = project.recipe("compiled", "tiny", "generated/my_trainer.py")
    got = project.by_program(compiled, WORKER)
    reports = [line for line in plain.trace if line.startswith("Ray: ")]
    assert len([line for line in reports if line.endswith("None")]) == 4
    assert len([line for line in reports if line.endswith("global_step_2")]) == 1
    assert (got.traces, got.weights) == (plain.traces, plain.weights)


@pytest.mark.long
def test_R40_they_are_an_error_that_names_the_setting(training):
    project = training("runtime")
    project.build()
    compiled = project.recipe("compiled", "tiny", "generated/my_trainer.py")
    with pytest.raises(AssertionError) as failed:
        project.by_program(compiled, WORKER)
    assert "late-callbacks = true" in str(failed.value)
    assert "step begins" not in str(failed.value)
