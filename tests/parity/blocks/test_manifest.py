"""Damaged checkpoints, and the choice of the checkpoint to resume from (R44)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")

from arctic_codegen.blocks import CheckpointError, manifest, whole
from arctic_codegen.blocks.manifest import DamagedError
from tests.parity.blocks.harness import Project, losses

MODEL = "mp_rank_00_model_states.pt"
EVERY = {"output_dir": "saved", "save_every_n_steps": 2, "auto_resume": True}
FILES = {
    MODEL: None,
    "zero_pp_rank_0_mp_rank_00_optim_states.pt": 0,
    "bf16_zero_pp_rank_1_mp_rank_00_optim_states.pt": 1,
    "rank_0.pt": 0,
    "rank_1.pt": 1,
    "notes.txt": None,
}
"""Files of a checkpoint of two ranks, and the only rank that reads each."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_bytes(name.encode() * 100)
    found = [manifest.digests(tmp_path, rank) for rank in range(2)]
    assert not found[0].keys() & found[1].keys()
    manifest.write(tmp_path, {"files": {**found[0], **found[1]}, "place": {"batch": 1}})
    assert manifest.read(tmp_path)["place"] == {"batch": 1}
    for rank in range(2):
        manifest.check(tmp_path, rank, 2)
    return tmp_path


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", FILES)
def test_R44_one_changed_bit_is_found_by_whoever_reads_the_file(folder: Path, name: str):
    flip(folder / name, -7)
    for rank in range(2):
        if FILES[name] not in (None, rank):
            manifest.check(folder, rank, 2)  # the other rank finds it
            continue
        with pytest.raises(DamagedError) as caught:
            manifest.check(folder, rank, 2)
        assert str(caught.value) == f"{folder} is damaged: the content of {name} has changed"


def test_R44_one_changed_bit_of_the_manifest_is_found(folder: Path):
    text = (folder / manifest.NAME).read_text()
    for at, sign in enumerate(text):
        if sign.isspace():
            continue
        flip(folder / manifest.NAME, at)
        with pytest.raises(DamagedError, match=r"checkpoint\.json"):
            manifest.check(folder, 0, 2)
        flip(folder / manifest.NAME, at)


def test_a_checkpoint_of_another_version_is_not_called_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(manifest, "FORMAT", manifest.FORMAT + 1)
    with pytest.raises(CheckpointError, match="has the format of another version") as caught:
        manifest.check(folder, 0, 2)
    assert not isinstance(caught.value, DamagedError)
    (folder / manifest.NAME).write_text('{"format": 1, "files": {}}')
    with pytest.raises(CheckpointError, match="has the format of another version"):
        manifest.check(folder, 0, 2)


def test_older_folders_go_and_later_ones_stay(tmp_path: Path):
    for step in (2, 4, 10, 12, 6):
        (tmp_path / f"global_step_{step}/deep").mkdir(parents=True)
    (tmp_path / "global_step_x").mkdir()
    whole.remove_older(tmp_path / "global_step_10", 0)
    assert sorted(whole.steps(tmp_path)) == [2, 4, 6, 10, 12]
    whole.remove_older(tmp_path / "global_step_10", 2)
    assert sorted(whole.steps(tmp_path)) == [6, 10, 12]


@pytest.fixture(scope="module")
def saved(project: Project) -> tuple[Path, list[str]]:
    """A run of six steps with a checkpoint every two, and its trace."""
    recipe = project.recipe("undamaged", train_iters=6, checkpoint=[EVERY])
    (trace,) = project.train(recipe)
    return recipe.parent / "saved", trace


def damaged(
    project: Project, saved: Path, run: str, *steps: int, file: str = MODEL, **changes: object
) -> Path:
    """A recipe whose run finds the checkpoints of steps 2 and 4, with those of ``steps``
    damaged."""
    section = {**EVERY, **changes}
    recipe = project.recipe(run, train_iters=6, checkpoint=[section])
    for step in (2, 4):
        folder = recipe.parent / f"saved/global_step_{step}"
        shutil.copytree(saved / folder.name, folder)
        if step in steps:
            flip(folder / file, -100)
    return recipe


def test_R44_a_damaged_checkpoint_is_named_or_the_one_before_is_taken(project: Project, saved):
    folder, trace = saved
    recipes = [
        damaged(project, folder, "named", 4),
        damaged(project, folder, "own_file", 4, file="rank_0.pt"),
        damaged(project, folder, "before", 4, on_damage="previous"),
        damaged(project, folder, "none_before", 2, 4, on_damage="previous"),
    ]
    named, own_file, before, none_before = (each[0] for each in project.train_each(*recipes))

    def damage(run: str, step: int, file: str = MODEL) -> str:
        at = project.root / run / f"saved/global_step_{step}"
        return f"error {at} is damaged: the content of {file} has changed; "

    help = "to resume from the checkpoint before it, set on_damage: previous, or delete that folder"
    assert named[-1] == damage("named", 4) + help
    assert own_file[-1] == damage("own_file", 4, "rank_0.pt") + help
    assert "load 2" in before
    assert losses(before) == losses(trace)[4:]
    assert none_before[-1] == damage("none_before", 2) + "there is no intact checkpoint before it"


def test_R44_older_checkpoints_are_removed_once_the_new_one_is_whole(project: Project):
    sections = [
        {"output_dir": "saved", "save_every_n_steps": 1, "keep_last": 2},
        {"type": "huggingface", "output_dir": "export", "save_every_n_steps": 1, "keep_last": 1},
    ]
    recipe = project.recipe("kept", type="plain_topics", train_iters=5, checkpoint=sections)
    project.train(recipe)
    assert sorted(whole.steps(recipe.parent / "saved")) == [4, 5]
    assert sorted(whole.steps(recipe.parent / "export")) == [5]
    assert not [*recipe.parent.glob("*/unfinished*")]


def test_R44_the_newest_checkpoint_of_all_engines_is_resumed(project: Project, saved):
    """Whichever section is first; if it is damaged, the previous one of any engine is used."""
    folder, trace = saved
    also = {**EVERY, "output_dir": "also", "save_every_n_steps": 5, "on_damage": "previous"}

    def recipe(run: str, steps: dict[str, list[int]], broken: int = 0) -> Path:
        made = project.recipe(
            run, train_iters=6, checkpoint=[{**EVERY, "on_damage": "previous"}, also]
        )
        for name, those in steps.items():
            for step in those:
                copy = made.parent / name / f"global_step_{step}"
                shutil.copytree(folder / copy.name, copy)
                if step == broken:
                    flip(copy / MODEL, -100)
        return made

    recipes = [
        recipe("first_newest", {"saved": [4], "also": [2]}),
        recipe("second_newest", {"saved": [2], "also": [4]}),
        recipe("other_engine", {"saved": [4], "also": [2]}, broken=4),
    ]
    traces = [each[0] for each in project.train_each(*recipes)]
    loads = [
        [line for line in one if line.startswith("load ") and len(line) == 6] for one in traces
    ]
    assert loads == [["load 4"], ["load 4"], ["load 2"]]
    assert [losses(one) for one in traces] == [losses(trace)[8:]] * 2 + [losses(trace)[4:]]
