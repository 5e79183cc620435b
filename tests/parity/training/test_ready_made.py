"""Ready-made callbacks on arctic-training itself (R66), and their state (R60)."""

from __future__ import annotations

import json
import sys

import pytest

pytest.importorskip("arctic_training")

import torch

from tests.harness import free_port
from tests.parity.loggers import of_mlflow, of_tensorboard, of_wandb
from tests.parity.training.harness import BY_REGISTRY, TrainingProject

pytestmark = pytest.mark.long

SETTINGS = {
    "data": {
        "sources": [{"type": "text_topics", "rows": 12}],
        "train_eval_split": [0.75, 0.25],
        "max_length": 32,
    },
    "gradient_accumulation_steps": 2,
    "train_iters": 6,
    "eval_interval": 1,
    "checkpoint": [{"type": "deepspeed", "auto_resume": True}],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory, model):
    project = TrainingProject(tmp_path_factory.mktemp("ready") / "project", model, "documented")
    project.configure("documented", ("my_trainer.py", "ready.py", "tiny"))
    project.build()
    return project


@pytest.fixture(scope="module")
def run(project):
    """The folder of a run, and its records about steps."""
    recipe = project.recipe("ready", "ready", "generated/ready.py", **SETTINGS)
    trace = project.by_registry(recipe).trace
    return project.root / "runs/ready", steps(trace)


def steps(trace):
    return [line for line in trace if line.startswith(("finished", "Ready: stepped"))]


def test_R66_a_run_stops_before_its_next_batch(run):
    _, trace = run
    stopped = "finished step 4: has not improved eval_loss in 2 evaluations"
    assert trace[-2:] == ["Ready: stepped to 4", stopped]


def test_R66_the_best_checkpoints_are_saved_and_have_the_state(run):
    folder, _ = run
    saved = sorted(path.parent.name for path in folder.glob("saved/*/callbacks_rank_0.pt"))
    assert saved == ["epoch_0_global_step_1", "epoch_0_global_step_2"]
    states = torch.load(folder / "saved/epoch_0_global_step_2/callbacks_rank_0.pt")["states"]
    by_name = {key.rpartition(" ")[2].split(".")[-2]: one for key, one in states.items()}
    assert by_name["EarlyStopping"] == {"best": 4.0, "worse": 0}
    assert by_name["BestCheckpoint"] == {"best": 4.0, "worse": 0, "step": 2}
    assert len(by_name["SpikeGuard"]["last"]) == 2


@pytest.mark.parametrize("library", ["tensorboard", "mlflow", "wandb"])
def test_R66_a_logger_has_every_line_of_one_run(run, library):
    pytest.importorskip(library)
    folder, _ = run
    found = {
        "tensorboard": lambda: of_tensorboard(folder / "board"),
        "mlflow": lambda: of_mlflow(f"sqlite:///{folder}/mlflow.db"),
        "wandb": lambda: of_wandb(folder / "wandb"),
    }[library]()
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    losses = {line["iter"]: line["loss"] for line in lines}
    assert [*losses] == [1, 2, 3, 4]
    assert found["loss"] == pytest.approx(losses)
    assert found["loss/eval"] == pytest.approx({1: 5.0, 2: 4.0, 3: 4.5, 4: 4.2})
    for name in ("gradient_norm", "gradient_norm_max", "tokens_per_second", "mfu"):
        assert found[name].keys() == losses.keys()
        assert all(value > 0 for value in found[name].values())
    assert found["memory_allocated_gib"].keys() == losses.keys()


def test_R66_the_profiler_writes_a_trace(run):
    folder, _ = run
    assert len([*folder.glob("profile/rank_0.*.pt.trace.json")]) == 1


def test_R66_ranks_decide_by_the_mean_of_all(project):
    recipe = project.recipe("two", "stopping", "generated/ready.py", **SETTINGS)
    each = f"'{sys.executable}' -c '{BY_REGISTRY}' '{recipe}'"
    both = f"RANK=0 LOCAL_RANK=0 {each} & RANK=1 LOCAL_RANK=1 {each} && wait $!"
    alike = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    outcome = project.by_any(recipe, ["sh", "-c", both], project.root / "runs", alike)
    stopped = "finished step 4: has not improved eval_loss in 2 evaluations"
    assert [trace[-1] for trace in outcome.traces] == [stopped] * 2
