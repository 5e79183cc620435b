"""The recipe of `docs/arctic-training.md` trains; `test_shown` runs the rest of the page."""

from __future__ import annotations

import re

import pytest

from tests.pages import ROOT, blocks, section
from tests.parity.training.harness import TrainingProject, write_model

pytest.importorskip("arctic_training")

PAGE = (ROOT / "docs" / "arctic-training.md").read_text(encoding="utf-8")
README = section(ROOT / "README.md", "On ArcticTraining")

HELPERS = "\nimport stock\nimport tiny.data\nimport tiny.source\n"
"""Settings that the training run needs on a machine without a network or a GPU."""


def changed_line() -> tuple[str, str]:
    (diff,) = blocks(PAGE, "diff")
    old, new = diff.splitlines()
    return old.removeprefix("-"), new.removeprefix("+")


def test_the_calls_are_those_of_the_documentation():
    (_, explained, _) = blocks(PAGE, "console")[1:]
    calls = re.findall(r"\d\. +(pre|call|post) +(\S+)", explained)
    assert [name.rpartition(".")[2] for _, name in calls] == [
        "shorten",
        "loss",
        "post_loss_callback",
    ]
    assert len(blocks(PAGE, "toml")[0].splitlines()) == 4


def test_the_readme_changes_the_same_line_of_the_same_trainer():
    assert blocks(README, "diff") == blocks(PAGE, "diff")
    away = (ROOT / "docs" / "how-to" / "moving-away.md").read_text(encoding="utf-8")
    old, new = changed_line()
    assert f"-{new}\n+{old}\n" in blocks(away, "diff")
    (short,), (whole,) = blocks(README, "python"), blocks(PAGE, "python")
    assert whole.startswith(short)


@pytest.mark.long
def test_the_recipe_trains_with_one_line_changed(tmp_path):
    project = TrainingProject(tmp_path / "project", write_model(tmp_path / "model"))
    (source,) = blocks(PAGE, "python")
    (project.root / "my_trainer.py").write_text(source + HELPERS, encoding="utf-8")
    (project.root / "pyproject.toml").write_text(blocks(PAGE, "toml")[0], encoding="utf-8")
    project.build()
    recipe = project.recipe(
        "recipe",
        "my_trainer",
        "my_trainer.py",
        optimizer={"type": "plain"},
        data={"type": "chat", "sources": [{"type": "topics"}], "max_length": 256},
        checkpoint=[],
        eval_interval=0,
        skip_validation=True,
    )
    old, new = changed_line()
    text = recipe.read_text(encoding="utf-8")
    assert text.count(f"{old}\n") == 1
    recipe.write_text(text.replace(f"{old}\n", f"{new}\n"), encoding="utf-8")
    assert blocks(PAGE, "console")[-1] == f"$ arctic_training {recipe.name}\n"
    got = project.by_command(recipe, cwd=tmp_path)
    assert got.classes[0]["Trainer", "my_trainer"] == "generated.my_trainer.MyTrainer"
