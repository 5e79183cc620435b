"""Ranks, micro batch and accumulation may change if a step has the same samples (R44)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("deepspeed")

import torch

from arctic_codegen.blocks import CausalTrainer, RecipeError, TrainerConfig, make_config, manifest
from arctic_codegen.blocks.resizing import ADAM, _convert, check_newest, place_in
from tests.pages import ROOT, section
from tests.parity.blocks.test_wrong_recipes import BASE

RECIPE = {"micro_batch_size": 4, "gradient_accumulation_steps": 2}
WRITTEN = {"ranks": 2, "recipe": RECIPE, "place": {"global_step": 7, "epoch": 1, "batch": 3}}
"""The metadata of a checkpoint of two ranks, with 16 samples per step."""


def config(folder: Path, micro: int, accumulated: int) -> TrainerConfig:
    (folder / "book.txt").write_text("Call me Ishmael.")
    values: dict[str, Any] = {
        **BASE,
        "data": {"sources": [folder / "book.txt"], "max_length": 32},
        "micro_batch_size": micro,
        "gradient_accumulation_steps": accumulated,
        "checkpoint": [{"output_dir": folder / "saved", "auto_resume": True}],
    }
    return make_config(CausalTrainer, values)


def place(folder: Path, ranks: int, micro: int, accumulated: int) -> int | str:
    """The number of finished batches, or the error."""
    try:
        found: int = place_in(WRITTEN, config(folder, micro, accumulated), ranks, folder)["batch"]
    except RecipeError as error:
        return str(error)
    return found


def test_R44_the_place_in_the_data_is_counted_in_samples(tmp_path: Path):
    layouts = (2, 4, 2), (1, 4, 4), (4, 2, 2), (1, 1, 16)
    assert [place(tmp_path, *one) for one in layouts] == [3, 6, 3, 24]
    assert place(tmp_path, 2, 8, 1) == (
        f"micro_batch_size: {tmp_path} is 24 samples into an epoch, which is not a multiple of the"
        " batch size 16: set a smaller one"
    )


def test_R44_what_gives_a_step_other_samples_is_refused_with_what_fits(tmp_path: Path):
    made = f"{tmp_path} was made with 16"
    assert place(tmp_path, 4, 4, 2) == (
        f"micro_batch_size: with 4 ranks a step has 32 samples, and {made}: micro_batch_size x"
        " gradient_accumulation_steps that fit are 1 x 4, 2 x 2, 4 x 1"
    )
    shown = section(ROOT / "docs" / "ends.md", "Another number of ranks")
    assert place(tmp_path, 4, 4, 2) in shown.replace("checkpoints/global_step_3", str(tmp_path))
    assert str(place(tmp_path, 2, 4, 4)).startswith(
        f"gradient_accumulation_steps: with 2 ranks a step has 32 samples, and {made}: "
    )
    assert place(tmp_path, 3, 4, 2) == (
        f"micro_batch_size: with 3 ranks a step has 24 samples, and {made}: 16 samples can be"
        " split over these numbers of ranks: 1, 2, 4, 8, 16"
    )


def test_R44_the_newest_checkpoint_is_looked_at_before_anything_is_loaded(tmp_path: Path):
    now = config(tmp_path, 4, 2)
    check_newest(now, 4)
    for step, ranks in (3, 4), (12, 2):
        folder = tmp_path / f"saved/global_step_{step}"
        folder.mkdir(parents=True)
        manifest.write(folder, {**WRITTEN, "files": {}, "ranks": ranks})
        check_newest(now, ranks)
    with pytest.raises(RecipeError, match="global_step_12 was made with 16"):
        check_newest(now, 4)


def test_R44_files_of_ranks_that_are_gone_are_checked_too(tmp_path: Path):
    (tmp_path / "rank_3.pt").write_text("right")
    manifest.write(tmp_path, {"files": manifest.digests(tmp_path, 3)})
    (tmp_path / "rank_3.pt").write_text("wrong")
    manifest.check(tmp_path, 0, 2)
    with pytest.raises(manifest.DamagedError):
        manifest.check(tmp_path, 1, 2)


@pytest.mark.parametrize("name", ["momentum_buffer", "max_exp_avg_sqs"])
def test_R44_a_state_that_deepspeed_would_forget_is_refused(tmp_path: Path, name: str):
    state = {0: {**dict.fromkeys(ADAM, 0), name: 0, "step": 3}}
    saved = {"optimizer_state_dict": {"base_optimizer_state": {"state": state}}}
    torch.save(saved, tmp_path / "zero_pp_rank_0_mp_rank_00_optim_states.pt")
    problem = _convert(tmp_path, tmp_path / "universal")
    kept = ", ".join(sorted(state[0]))
    assert problem == (
        f"DeepSpeed converts only the state of Adam, but that of this optimizer is {kept}"
    )
