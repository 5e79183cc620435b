"""Checkpoints are complete or absent, and a run resumes as if it had not stopped (R44)."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

pytest.importorskip("deepspeed")

from arctic_codegen.blocks import CheckpointConfig, HFCheckpointEngine, newest
from tests.forking import Forks
from tests.harness import free_port
from tests.parity.blocks.harness import START, Project, Rank, losses, metrics

STAGE_2 = {"zero_optimization": {"stage": 2}}
WEIGHTS = "mp_rank_00_model_states.pt"
EVERY = {"output_dir": "saved", "save_every_n_steps": 3, "auto_resume": True}


@pytest.fixture(scope="module")
def whole(project: Project) -> tuple[Path, list[str]]:
    """An uninterrupted run of six steps, with checkpoints at 3 and 6, and its trace."""
    recipe = project.recipe("whole", train_iters=6, checkpoint=[EVERY])
    (trace,) = project.train(recipe)
    return recipe, trace


def resumable(project: Project, whole: Path, run: str, **changes: object) -> Path:
    """The recipe of a run that was stopped after its first checkpoint."""
    recipe = project.recipe(run, **{"train_iters": 6, "checkpoint": [EVERY], **changes})
    shutil.copytree(whole.parent / "saved/global_step_3", recipe.parent / "saved/global_step_3")
    return recipe


def test_R44_a_resumed_run_is_the_run_that_was_not_stopped(project: Project, whole):
    whole_recipe, trace = whole
    assert [line for line in trace if line.startswith("save")] == ["save 3", "save 6"]
    recipe = resumable(project, whole_recipe, "resumed", log_interval=2)
    (resumed,) = project.train(recipe)
    assert "load 3" in resumed
    assert losses(resumed) == losses(trace)[6:], "bit for bit"
    assert [line for line in resumed if line.startswith("save")] == ["save 6"]
    # The mean over steps 3 and 4 includes the interruption.
    told = [(line["step"], line["loss"], line["learning_rate"]) for line in metrics(recipe)]
    assert (
        told
        == [(line["step"], line["loss"], line["learning_rate"]) for line in metrics(whole_recipe)][
            1:
        ]
    )


def test_R44_a_finished_run_that_is_started_again_says_so(project: Project, whole):
    recipe = resumable(project, whole[0], "finished", train_iters=3)
    (trace,) = project.train(recipe)
    assert not losses(trace)
    log = (recipe.parent / "log.0").read_text()
    assert "nothing is left to train: train_iters or epochs end this run at step 3\n" in log


def test_R44_a_checkpoint_that_is_saved_on_resume_is_the_one_resumed_from(project: Project, whole):
    """With its random state, though the new process has used other numbers to start."""
    both = [EVERY, {**EVERY, "output_dir": "missing"}]
    recipe = resumable(project, whole[0], "saved_on_resume", train_iters=3, checkpoint=both)
    project.train(recipe)
    saved, missing = (
        torch.load(recipe.parent / folder / "global_step_3/rank_0.pt", weights_only=True)["random"]
        for folder in ("saved", "missing")
    )
    assert repr(missing) == repr(saved)
    assert missing["torch"].equal(saved["torch"])


@pytest.mark.long
def test_R47_counts_of_calls_go_on_where_they_were(project: Project):
    settings = {"type": "seldom", "train_iters": 6, "checkpoint": [EVERY]}
    whole = project.recipe("counted", **settings)
    (trace,) = project.train(whole)
    (resumed,) = project.train(resumable(project, whole, "counted_on", **settings))
    assert losses(resumed) == losses(trace)[6:]


@pytest.mark.long
def test_R44_exact_resume_in_all_stages_and_on_another_number_of_ranks(project: Project):
    def settings(stage: int) -> dict[str, object]:
        return {
            "train_iters": 6,
            "checkpoint": [EVERY],
            "deepspeed": {"zero_optimization": {"stage": stage}},
            "model": {"dtype": "bf16" if stage % 2 else "fp32"},
        }

    def resizable(stage: int, ranks: int) -> dict[str, object]:
        """A step has 16 samples, and no random numbers are used."""
        return {
            **settings(stage),
            "log_interval": 1,
            "micro_batch_size": 2 * ranks,
            "gradient_accumulation_steps": 8 // ranks**2,
            "optimizer": {"weight_decay": 0.3},
            "model": {"hf_config": {"attention_dropout": 0.0}},
        }

    stages = range(4)
    both = {
        ranks: [
            *[project.recipe(f"whole_{one}_{ranks}", **settings(one)) for one in stages],
            *[project.recipe(f"size_{one}_{ranks}", **resizable(one, ranks)) for one in stages],
        ]
        for ranks in (1, 2)
    }
    whole_traces = {
        ranks: project.train_each(*recipes, ranks=ranks) for ranks, recipes in both.items()
    }
    for ranks, of_both in both.items():
        wholes = of_both[:4]
        recipes = [
            resumable(project, whole, f"resumed_{stage}_{ranks}", **settings(stage))
            for stage, whole in enumerate(wholes)
        ]
        # If the last rank finds a checkpoint damaged, all ranks load the one before.
        previous = {**settings(2), "checkpoint": [{**EVERY, "on_damage": "previous"}]}
        damaged = resumable(project, wholes[2], f"damaged_{ranks}", **previous)
        newest = damaged.parent / "saved/global_step_6"
        shutil.copytree(wholes[2].parent / "saved/global_step_6", newest)
        file = newest / f"zero_pp_rank_{ranks - 1}_mp_rank_00_optim_states.pt"
        content = bytearray(file.read_bytes())
        content[-100] ^= 1
        file.write_bytes(content)
        others = both[3 - ranks][4:]  # for another number of ranks
        resized = [
            resumable(project, other, f"resized_{stage}_{ranks}", **resizable(stage, ranks))
            for stage, other in enumerate(others)
        ]
        traces = project.train_each(*recipes, damaged, *resized, ranks=ranks)
        expected = [*whole_traces[ranks][:4], whole_traces[ranks][2]]
        for whole, resumed in zip(expected, traces[:5], strict=True):
            for rank in range(ranks):
                assert "load 3" in resumed[rank]
                assert losses(resumed[rank]) == losses(whole[rank])[6:]
        for trace, other, recipe in zip(traces[5:], others, resized, strict=True):
            assert all("load 3" in one for one in trace), trace
            kept = [line["loss"] for line in metrics(other)][3:]
            found = [line["loss"] for line in metrics(recipe)]
            assert found == pytest.approx(kept, abs=1e-5), recipe
            assert not list((recipe.parent / "saved").glob("un*")), "what was converted is removed"


@pytest.mark.long
@pytest.mark.parametrize(
    "more",
    [
        {"data": {"dl_num_workers": 2}},
        {
            "data": {"max_length": 128, "train_eval_split": [0.2, 0.8]},
            "micro_batch_size": 3,
            "model": {"hf_config": {"max_position_embeddings": 128}},
        },
    ],
)
def test_R44_the_place_in_the_data_is_exact(project: Project, more: dict[str, dict[str, object]]):
    """Also if worker processes load the data, and if epochs end between two saves or within
    steps."""
    run = f"place_{len(more)}"
    settings = {"train_iters": 12, "checkpoint": [EVERY], **more}
    whole = project.recipe(run, **settings)
    (trace,) = project.train(whole)
    assert len(losses(trace)) == 24
    epochs = [line for line in trace if line.startswith("epoch")]
    assert len(epochs) > 2 or "dl_num_workers" in more["data"]
    for step in (3, 6, 9):
        recipe = project.recipe(f"{run}_{step}", **settings)
        saved = f"saved/global_step_{step}"
        shutil.copytree(whole.parent / saved, recipe.parent / saved)
        (resumed,) = project.train(recipe)
        assert losses(resumed) == losses(trace)[2 * step :], step


@pytest.mark.long
def test_what_cannot_be_resumed_from_is_one_clear_error(project: Project, whole):
    source, _ = whole
    recipes, expected = [], []

    def case(run: str, message: str, **changes: object) -> Path:
        recipe = resumable(project, source, run, **changes)
        recipes.append(recipe)
        expected.append(message)
        return recipe.parent / "saved/global_step_3"

    folder = case("truncated", f"global_step_3 is damaged: {WEIGHTS} has 100 of ")
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:100])
    folder = case("missing", "global_step_3 is damaged: rank_0.pt is missing; to resume from ")
    (folder / "rank_0.pt").unlink()
    folder = case("foreign", "global_step_3 is damaged: checkpoint.json cannot be read (")
    (folder / "checkpoint.json").unlink()
    case(
        "stage",
        "deepspeed.zero_optimization.stage: is 1, but ",
        deepspeed={"zero_optimization": {"stage": 1}},
    )
    case(
        "other_model",
        "global_step_3 belongs to another run: its digest of the model's shapes is ",
        type="narrow",
    )
    case(
        "unwanted",
        "saved has checkpoints of an earlier run: set auto_resume to continue from them, or "
        "another",
        checkpoint=[{**EVERY, "auto_resume": False}],
    )
    recipe = project.recipe("in_the_way", train_iters=6, checkpoint=[EVERY])
    (recipe.parent / "saved").mkdir()
    (recipe.parent / "saved/unfinished_global_step_1").write_text("no folder")
    recipes.append(recipe)
    expected.append("saved/global_step_3 cannot be written: ")
    for recipe, message in zip(recipes, expected, strict=True):
        assert message in project.refused(recipe)


@pytest.mark.long
def test_ranks_that_do_not_share_a_file_system_are_told(
    project: Project, tmp_path: Path, forks: Forks
):
    copy = Project(tmp_path / "copy", forks)

    def told(run: str, save: str | None) -> str:
        port = str(free_port())
        started = []
        for rank, node in enumerate([project, copy]):
            recipe = node.recipe(run, train_iters=3, checkpoint=[EVERY])
            if save is not None and rank == 0:
                (recipe.parent / "saved" / save).mkdir(parents=True)
            started += node.start(recipe, *START, rank=rank, ranks=2, port=port)
        assert [process.wait() for process in started] == [1, 1]
        out = "".join(process.out for process in started)
        assert "Traceback" not in out
        return out

    share = "output_dir has to be on a file system that all ranks share"
    folder = project.root / "apart/saved"
    assert f"{folder}/global_step_3 lacks files that rank 1 wrote elsewhere: {share}" in told(
        "apart", None
    )
    assert not (folder / "global_step_3").exists()
    out = told("apart_later", "global_step_2")
    assert "rank 0 finds global_step_2 in " in out
    assert f"/apart_later/saved, but rank 1 does not: {share}" in out


@pytest.mark.parametrize(
    "times, ranks",
    [
        (3, 1),
        pytest.param(20, 1, marks=pytest.mark.long),
        pytest.param(1, 2, marks=pytest.mark.long),
    ],
)
def test_R44_a_run_that_is_killed_while_it_saves_goes_on(project: Project, times: int, ranks: int):
    """By SIGKILL, at any point of a save; the losses are those of a run that was not killed."""
    every = [{**EVERY, "save_every_n_steps": 1}]
    steps = 2 + 2 * times
    more = {"train_iters": steps, "log_interval": 1, "epochs": 9, "deepspeed": STAGE_2}
    whole = project.recipe(f"not_killed_{times}", **more)
    project.train(whole, ranks=ranks)
    expected = {line["step"]: line["loss"] for line in metrics(whole)}
    assert sorted(expected) == list(range(1, steps + 1))
    recipe = project.recipe(f"killed_{times}", **more, checkpoint=every)
    draw = random.Random(0)
    for number in range(times):
        processes = project.start(recipe, *START, ranks=ranks)
        killed = processes[number % ranks]
        for _ in range(draw.randint(1, 2)):
            wait_for_save(recipe.parent / "saved", killed)
        time.sleep(draw.random() * 0.05)
        assert killed.poll() is None, killed.out
        killed.kill()
        for process in processes:
            if process is not killed:
                assert process.wait(timeout=30) != 0, "it has noticed"
    project.train(recipe, ranks=ranks)
    told = [(line["step"], line["loss"]) for line in metrics(recipe)]
    assert told == list(expected.items()), "each step is told once"


def wait_for_save(folder: Path, process: Rank) -> None:
    """Wait until the folder of the next, unfinished checkpoint exists."""
    before = {path.name for path in folder.glob("unfinished_*")}
    while process.poll() is None:
        now = {path.name for path in folder.glob("unfinished_*")}
        if now - before:
            return
        before &= now
        time.sleep(0.0005)


def run_at(**values: object) -> Any:
    """A run with two epochs of 9 batches, of which a step has two."""
    config = SimpleNamespace(
        gradient_accumulation_steps=2, train_iters=0, epochs=2, loss_average="batch"
    )
    place = {"global_step": 0, "epoch_idx": 0, "train_batch_idx": 0, "training_horizon": 9}
    more = {"model": None, "at_boundary": True, "training_finished": False, "config": config}
    return SimpleNamespace(train_dataloader=range(9), **{**place, **more, **values})


def test_R44_an_export_that_a_killed_run_did_not_reach_is_made_after_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The run was killed after one engine had saved its last step, and before the next one."""
    monkeypatch.setattr("arctic_codegen.blocks.ranks.gathered", lambda value: [value])
    monkeypatch.setattr(HFCheckpointEngine, "check", lambda self: None)
    run = run_at(train_batch_idx=5, training_finished=True)

    class Saved(HFCheckpointEngine):
        steps = property(lambda self: [3])

        def load(self, model: Any) -> None:
            run.global_step = 3

    def engine(cls: type[HFCheckpointEngine], name: str) -> HFCheckpointEngine:
        given = {"output_dir": tmp_path / name, "save_end_of_training": True, "auto_resume": True}
        return cls(run, CheckpointConfig(**given))

    saved, there = engine(Saved, "a"), engine(HFCheckpointEngine, "b")
    missing = engine(HFCheckpointEngine, "c")
    (tmp_path / "b/global_step_3").mkdir(parents=True)
    newest.resume([saved, there, missing])
    assert [one.do_checkpoint for one in (saved, there, missing)] == [False, False, True]


def test_R44_only_a_missing_checkpoint_is_saved_before_the_first_step(tmp_path: Path):
    run = run_at()
    saved = []

    class Always(HFCheckpointEngine):
        do_checkpoint = property(lambda self: True)

        def save(self, model: Any) -> None:
            saved.append(run.global_step)

    engine = Always(run, CheckpointConfig(output_dir=tmp_path))
    newest.save_missing([engine])
    run.global_step = 3
    engine.mark_saved()
    newest.save_missing([engine])
    assert saved == []
    engine.mark_missing()
    newest.save_missing([engine])
    assert saved == [3]


def test_R44_epochs_between_checkpoints_do_not_depend_on_other_saves(tmp_path: Path):
    """A save in the middle of an epoch, and a resume there, delay no later one."""
    run = run_at()

    def due(epoch: int, batch: int, saved: int, missing: bool = False) -> bool:
        run.global_step, run.epoch_idx, run.train_batch_idx = 7, saved, batch
        engine = HFCheckpointEngine(
            run, CheckpointConfig(output_dir=tmp_path, save_every_n_epochs=2)
        )
        engine.mark_saved()
        if missing:
            engine.mark_missing()
        else:
            run.global_step = 8
        run.epoch_idx = epoch
        return engine.do_checkpoint

    assert [due(epoch, 0, saved=1) for epoch in (1, 2, 3)] == [False, True, True]
    assert [due(epoch, 0, saved=3) for epoch in (3, 4)] == [False, True]
    # Killed at the end of an epoch, at the first step that ends in the next one, or later.
    missing = [due(epoch, batch, epoch, missing=True) for epoch in (2, 3) for batch in (0, 1, 2)]
    assert missing == [True, True, False, False, False, False]


@pytest.mark.parametrize("average, last", [("batch", 9), ("tokens", 8)])
def test_R44_an_epoch_that_ends_with_a_saved_step_is_saved_once(
    tmp_path: Path, average: str, last: int
):
    """Averages over tokens leave out the batches that fill no step."""
    run = run_at()
    run.config.loss_average = average

    def saved_again(batch: int) -> bool:
        run.global_step, run.epoch_idx, run.train_batch_idx = 4, 0, batch
        engine = HFCheckpointEngine(
            run, CheckpointConfig(output_dir=tmp_path, save_every_n_epochs=1)
        )
        engine.mark_saved()
        run.global_step, run.epoch_idx, run.train_batch_idx = 5, 1, 1
        return engine.do_checkpoint

    assert [saved_again(batch) for batch in (last - 1, last)] == [True, False]


def test_R44_the_last_epoch_is_saved_wherever_its_last_step_ends(tmp_path: Path):
    """Batches that fill no step are left, or the run was killed before the epoch was counted."""

    def due(every: int, **place: int) -> bool:
        run = run_at(global_step=9, **place)
        made = CheckpointConfig(output_dir=tmp_path, save_every_n_epochs=every)
        engine = HFCheckpointEngine(run, made)
        engine.mark_missing()
        run.training_finished = True
        return engine.do_checkpoint

    last: dict[str, int]
    for last in ({"train_batch_idx": 8}, {"train_batch_idx": 9}, {"epoch_idx": 2}):
        place = {"epoch_idx": 1, "train_batch_idx": 0, **last}
        assert [due(every, **place) for every in (1, 2, 3)] == [True, True, False]
    assert not due(1, epoch_idx=1, train_batch_idx=8, training_horizon=10), "stopped early"


@pytest.mark.long
def test_R44_an_export_in_the_middle_that_a_killed_run_did_not_reach_is_made(project: Project):
    def checkpoints(**export: int) -> list[dict[str, object]]:
        return [EVERY, {"type": "huggingface", "output_dir": "export", **export}]

    settings = {
        "type": "on_topics",
        "train_iters": 7,
        "checkpoint": checkpoints(save_every_n_steps=3),
    }
    whole = project.recipe("exporting", **settings)
    project.train(whole)
    exports = sorted((whole.parent / "export").iterdir())
    assert [one.name for one in exports] == ["global_step_3", "global_step_6"]
    resumed = resumable(project, whole, "export_missing", **settings)
    (trace,) = project.train(resumed)
    assert losses(trace) == losses((whole.parent / "trace.0").read_text().splitlines())[6:]
    for export in exports:
        same = resumed.parent / "export" / export.name / "model.safetensors"
        assert same.read_bytes() == (export / "model.safetensors").read_bytes()
