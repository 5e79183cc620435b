"""Ready-made callbacks on the blocks (R66), and their state (R60)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")

import torch

from tests.forking import Forks
from tests.parity.blocks.harness import START, Project, losses, metrics
from tests.parity.loggers import of_mlflow, of_tensorboard, of_wandb

pytestmark = pytest.mark.long

SETTINGS = {
    "type": "ready",
    "train_iters": 7,
    "eval_interval": 1,
    "log_interval": 2,
    "checkpoint": [{"output_dir": "saved", "save_every_n_steps": 1, "auto_resume": True}],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Project:
    project = Project(tmp_path_factory.mktemp("ready") / "project", forks)
    (project.root / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["app.py", "ready.py"]\n'
    )
    project.build()
    return project


def steps(trace: list[str]) -> list[str]:
    return [line for line in trace if line.startswith("step")]


def states(recipe: Path, step: int, rank: int = 0) -> dict[str, dict[str, object]]:
    """The state of each callback in a checkpoint."""
    file = recipe.parent / f"saved/global_step_{step}/callbacks_rank_{rank}.pt"
    found = torch.load(file)["states"]
    return {key.rpartition(" ")[2].split(".")[-2]: value for key, value in found.items()}


@pytest.fixture(scope="module")
def whole(project: Project) -> tuple[Path, list[str]]:
    """A run in a process that has already trained the same class."""
    first = project.recipe("first", **{**SETTINGS, "train_iters": 3})
    recipe = project.recipe("whole", **SETTINGS)
    _, (trace,) = project.train_each(first, recipe)
    return recipe, trace


def test_R66_a_run_stops_early_and_has_more_values(whole):
    recipe, trace = whole
    assert steps(trace) == [f"step {number}" for number in range(1, 7)]
    lines = [line for line in metrics(recipe) if "loss" in line]
    assert [line["step"] for line in lines] == [2, 4, 6]
    for line in lines:
        assert line["gradient_norm_max"] >= line["gradient_norm"] > 0
        assert line["tokens_per_second"] > 0
        assert 0 < line["mfu"] < 1


def test_R60_a_killed_and_resumed_run_is_the_whole_run(project: Project, whole):
    recipe, trace = whole
    resumed = project.recipe("resumed", **SETTINGS)
    shutil.copytree(recipe.parent / "saved/global_step_5", resumed.parent / "saved/global_step_5")
    (rest,) = project.train(resumed)
    assert steps(rest) == ["step 6"], "the patience goes on"
    log = (resumed.parent / "log.0").read_text()
    assert "the loss at step 6 is" in log, "the window goes on"
    assert "training stops: it has not improved eval_loss in 2 evaluations" in log
    assert losses(rest) == losses(trace)[-len(losses(rest)) :]
    name = "gradient_norm_max"  # of two steps, one of them before the checkpoint
    (last,) = [line[name] for line in metrics(resumed) if name in line]
    assert last == [line[name] for line in metrics(recipe) if name in line][-1]
    assert states(resumed, 6) == states(recipe, 6)
    assert states(recipe, 6)["EarlyStopping"] == {"best": 3.5, "worse": 2}
    assert len(states(recipe, 6)["SpikeGuard"]["last"]) == 2  # type: ignore[arg-type]


def test_R60_a_run_that_was_killed_before_its_last_line_writes_it(project: Project, whole):
    recipe, _ = whole
    first = recipe.parent.parent / "first"
    resumed = project.recipe("last_line", **{**SETTINGS, "train_iters": 3})
    shutil.copytree(first / "saved/global_step_3", resumed.parent / "saved/global_step_3")
    project.train(resumed)
    (line,) = metrics(resumed)
    expected = metrics(first / "recipe.yaml")[-1]
    times = {"tokens_per_second": 0, "mfu": 0}
    assert line["gradient_norm_max"] > 0
    assert {**line, **times} == {**expected, **times}


def test_R66_ranks_stop_together(project: Project):
    recipe = project.recipe("ranks", **SETTINGS)
    traces = project.train(recipe, ranks=2)
    assert [steps(trace)[-1] for trace in traces] == ["step 7"] * 2, "agreed on one step later"
    assert states(recipe, 6, 0) == states(recipe, 6, 1), "losses are those of all ranks"


def test_R66_a_loss_that_is_nan_on_one_rank_ends_all_before_the_weights_change(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    recipe = project.recipe("broken", **{**SETTINGS, "type": "broken"})
    monkeypatch.setenv("ARCTIC_CODEGEN_TRACE", str(recipe.parent / "times.json"))
    started = project.start(recipe, *START, ranks=2)
    assert [process.wait() for process in started] == [1, 1]
    said = "".join(process.out for process in started)
    assert "the loss at step 2 is nan: lower optimizer.learning_rate" in said
    assert "Traceback" not in said
    assert [one.name for one in (recipe.parent / "saved").iterdir()] == ["global_step_1"]
    trace = (recipe.parent / "trace.0").read_text().splitlines()
    assert steps(trace) == ["step 1"]
    for file in ("times.json", "times.rank1.json"):  # traces of failed ranks are complete (R63)
        assert json.loads((recipe.parent / file).read_text())


def test_R66_a_run_without_evaluations_is_refused(project: Project):
    without = {"eval_interval": 0, "data": {"max_length": 64, "train_eval_split": [1.0, 0.0]}}
    recipe = project.recipe("without", **{**SETTINGS, **without})
    assert project.refused(recipe) == (
        "EarlyStopping needs evaluations, but this run has none: set eval_interval, and hold out"
        " data for evaluation, such as data.train_eval_split: [0.9, 0.1]"
    )


OBSERVED = {
    "type": "observed",
    "train_iters": 6,
    "eval_interval": 1,
    "log_interval": 2,
    "checkpoint": [{
        "output_dir": "saved", "save_every_n_steps": 5, "auto_resume": True, "keep_last": 1,
    }],
}  # fmt: skip


@pytest.fixture(scope="module")
def observed(project: Project) -> Path:
    """A run that resumes after its fifth step. Its loggers write to the project's folder."""
    first = project.recipe("observed", **{**OBSERVED, "train_iters": 5})
    project.train(first)
    recipe = project.recipe("observed", **OBSERVED)
    project.train(recipe)
    return recipe


def test_R66_the_best_checkpoint_is_kept(observed: Path):
    saved = sorted(one.name for one in (observed.parent / "saved").iterdir())
    assert saved == ["global_step_4", "global_step_5"]


def test_R66_values_of_the_device_are_on_each_line(observed: Path):
    lines = [line for line in metrics(observed) if "loss" in line]
    assert all(line["memory_allocated_gib"] > 0 for line in lines)
    texts = [line for line in metrics(observed) if "sample_0" in line]
    assert [line["step"] for line in texts] == [1, 2, 3, 4, 5, 6]
    assert all(isinstance(line["sample_1"], str) for line in texts)


def test_R66_the_profiler_writes_a_trace_for_each_rank(project: Project, observed: Path):
    traces = [*(project.root / "profile").glob("rank_0.*.pt.trace.json")]
    assert len(traces) == 2, "of both runs"


@pytest.mark.parametrize("library", ["tensorboard", "mlflow", "wandb"])
def test_R66_a_logger_has_every_line_of_one_run(project: Project, observed: Path, library: str):
    pytest.importorskip(library)
    found = {
        "tensorboard": lambda: of_tensorboard(project.root / "board"),
        "mlflow": lambda: of_mlflow(f"sqlite:///{project.root}/mlflow.db"),
        "wandb": lambda: of_wandb(project.root / "wandb"),
    }[library]()
    for name in ("loss", "eval_loss", "learning_rate", "memory_allocated_gib"):
        written = {line["step"]: line[name] for line in metrics(observed) if name in line}
        assert found[name] == pytest.approx(written), name
    if library != "mlflow":
        assert "sample_0" in found
