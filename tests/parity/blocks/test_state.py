"""R60 on the blocks: callback objects resume with their state, as does early stopping."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")

import torch

from tests.parity.blocks.harness import Project, losses, metrics

SETTINGS = {
    "type": "stateful",
    "train_iters": 12,
    "eval_interval": 1,
    "log_interval": 2,
    "checkpoint": [{
        "output_dir": "saved", "save_every_n_steps": 2, "auto_resume": True,
        "save_end_of_training": True,
    }],
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(project: Project) -> tuple[Path, list[str]]:
    recipe = project.recipe("stateful", **SETTINGS)
    (trace,) = project.train(recipe)
    return recipe, trace


def steps(trace: list[str]) -> list[str]:
    return [line for line in trace if line.startswith("step")]


def test_R60_a_killed_and_resumed_run_is_the_whole_run(project: Project, whole):
    recipe, trace = whole
    assert steps(trace) == [f"step {number}" for number in range(1, 6)], "it has stopped early"
    resumed = project.recipe("stateful_on", **SETTINGS)
    folder = "saved/global_step_2"
    shutil.copytree(recipe.parent / folder, resumed.parent / folder)
    (rest,) = project.train(resumed)
    assert steps(rest) == ["step 3", "step 4", "step 5"]
    expected = losses(trace)[-len(losses(rest)) :]
    assert losses(rest) == expected, "bit for bit"
    assert "runs 1" in rest, "the state of a data factory's callback"
    logged = {(line["step"], "loss" in line): line.get("loss") for line in metrics(recipe)}
    assert {
        (line["step"], "loss" in line): line.get("loss") for line in metrics(resumed)
    }.items() <= logged.items()


def test_R60_a_run_that_has_stopped_early_stays_stopped(project: Project, whole):
    recipe, _ = whole
    before = (recipe.parent / "metrics.jsonl").read_text()
    (trace,) = project.train(recipe)
    assert steps(trace) == []
    assert (recipe.parent / "metrics.jsonl").read_text() == before
    log = (recipe.parent / "log.0").read_text()
    assert "nothing is left to train: early_stop ended this run at step 5" in log
    assert sorted(one.name for one in (recipe.parent / "saved").iterdir()) == [
        "global_step_2", "global_step_4", "global_step_5"
    ]  # fmt: skip


def test_R60_a_state_that_cannot_be_saved_ends_the_run_in_one_line(project: Project):
    recipe = project.recipe("losing", **{**SETTINGS, "type": "losing_state"})
    assert project.refused(recipe) == (
        "the state of app:LosingState post-loss app.Growing.weigh holds a builtins.object:"
        " state_dict() must return numbers, text, tensors, and lists, tuples, sets and dicts of"
        " these"
    )


def test_R44_the_last_line_is_written_once(project: Project):
    """A run that starts again at its end, from a checkpoint that is older than its last line."""
    every = {"output_dir": "saved", "save_every_n_steps": 2, "auto_resume": True}
    more = {"train_iters": 2, "log_interval": 3, "checkpoint": [every]}
    recipe = project.recipe("ended", **{**SETTINGS, **more})
    project.train(recipe)
    before = (recipe.parent / "metrics.jsonl").read_text()
    assert before.count('"loss"') == 1
    project.train(recipe)
    assert (recipe.parent / "metrics.jsonl").read_text() == before


def test_R60_each_rank_has_its_file_and_what_is_asked_for_is_kept(project: Project):
    """Rank 0 stops the run at step 5, before the ranks have agreed on it."""
    recipe = project.recipe("stateful_2", **SETTINGS)
    traces = project.train(recipe, ranks=2)
    assert [steps(trace)[-1] for trace in traces] == ["step 6"] * 2
    folder = recipe.parent / "saved/global_step_4"
    found = [torch.load(folder / f"callbacks_rank_{rank}.pt")["states"] for rank in range(2)]
    assert (
        [*found[0]]
        == [*found[1]]
        == [
            "app:Stateful post-loss app.Growing.weigh",
            "app:Stateful post-evaluate patience",
            "app:CountedTopics post-init app.Loads.__call__",
        ]
    )
    (growing, patience, _) = found[1].values()
    assert growing["calls"] > 8
    assert patience["worse"] == 3
