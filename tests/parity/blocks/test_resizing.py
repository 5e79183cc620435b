"""Ranks, micro batch and accumulation may change while a step has the same samples (R44)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("deepspeed")

from arctic_codegen.blocks import CausalTrainer, CheckpointError, RecipeError, make_config, manifest
from arctic_codegen.blocks.resizing import Layout, check_newest, resized
from tests.parity.blocks.test_wrong_recipes import BASE

BEFORE = Layout(ranks=2, micro=4, accumulated=2)


def refused(folder: Path, ranks: int, micro: int, accumulated: int) -> str:
    """What is said before a run resumes from a checkpoint of ``BEFORE``."""
    (folder / "book.txt").write_text("Call me Ishmael.")
    saved = folder / "saved/global_step_3"
    if not saved.exists():
        saved.mkdir(parents=True)
        recipe = {"micro_batch_size": 4, "gradient_accumulation_steps": 2}
        manifest.write(saved, {"files": {}, "ranks": 2, "recipe": recipe})
    values: dict[str, Any] = {
        **BASE,
        "data": {"sources": [folder / "book.txt"], "max_length": 32},
        "micro_batch_size": micro,
        "gradient_accumulation_steps": accumulated,
        "checkpoint": [{"output_dir": folder / "saved", "auto_resume": True}],
    }
    try:
        check_newest(make_config(CausalTrainer, values), ranks)
    except RecipeError as error:
        return str(error)
    return ""


def test_R44_what_gives_a_step_other_samples_is_refused_with_what_fits(tmp_path: Path):
    for fits in (2, 4, 2), (1, 4, 4), (2, 1, 8), (16, 1, 1):
        assert refused(tmp_path, *fits) == ""
    made = f"{tmp_path}/saved/global_step_3 was made with 16"
    assert refused(tmp_path, 4, 4, 2) == (
        f"micro_batch_size: with 4 ranks a step has 32 samples, and {made}: micro_batch_size x"
        " gradient_accumulation_steps that fit are 1 x 4, 2 x 2, 4 x 1"
    )
    assert refused(tmp_path, 3, 4, 2) == (
        f"micro_batch_size: with 3 ranks a step has 24 samples, and {made}: 16 samples can be"
        " shared by a number of ranks among 1, 2, 4, 8, 16"
    )


def test_R44_the_place_in_the_data_is_counted_in_samples(tmp_path: Path):
    place = {"global_step": 7, "epoch": 1, "batch": 3}

    def batch(now: Layout) -> int:
        found: int = resized(place, BEFORE, now, tmp_path)["batch"]
        return found

    assert [batch(Layout(2, 4, 2)), batch(Layout(1, 4, 4)), batch(Layout(4, 2, 2))] == [3, 6, 3]
    with pytest.raises(CheckpointError, match="24 samples into an epoch, which is no whole number"):
        batch(Layout(2, 8, 1))


def test_R44_files_of_ranks_that_are_gone_are_checked_too(tmp_path: Path):
    (tmp_path / "rank_3.pt").write_text("right")
    manifest.write(tmp_path, {"files": manifest.digests(tmp_path, 3)})
    (tmp_path / "rank_3.pt").write_text("wrong")
    manifest.check(tmp_path, 0, 2)
    with pytest.raises(manifest.DamagedError):
        manifest.check(tmp_path, 1, 2)
