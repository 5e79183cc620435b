"""What the README says of ArcticTraining holds: its commands are run, its recipe trains."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.harness import Project
from tests.parity.training.harness import TrainingProject, write_model

pytest.importorskip("arctic_training")

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("\n## On ArcticTraining\n")[2].partition("\n## ")[0]

HELPERS = "\nimport stock\nimport tiny.data\nimport tiny.source\n"
"""What the training run needs on a machine without a network or a GPU."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    lines = "".join(blocks("console")).splitlines()
    return [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]


def changed_line() -> tuple[str, str]:
    (diff,) = blocks("diff")
    old, new = diff.splitlines()
    return old.removeprefix("-"), new.removeprefix("+")


def test_the_commands_that_come_before_the_training(tmp_path):
    (source,) = blocks("python")
    (configuration,) = blocks("toml")
    project = Project(tmp_path, {"my_trainer.py": source})
    (tmp_path / "pyproject.toml").unlink()
    told = {}
    for command in commands():
        if command[0] == "arctic-codegen":
            ran = project.cli(*command[1:])
            assert ran.code == 0, ran.stdout + ran.stderr
            told[command[1]] = ran.stdout
    assert list(told) == ["init", "build", "explain"]
    assert (tmp_path / "pyproject.toml").read_text(encoding="utf-8") == configuration
    assert len(configuration.splitlines()) == 4
    calls = re.findall(r"\d\. +(pre|call|post) +(\S+)", told["explain"])
    assert [name.rpartition(".")[2] for _, name in calls] == [
        "shorten",
        "loss",
        "post_loss_callback",
    ]
    assert project.cli("build", "--check", "--strict").code == 0
    code = changed_line()[1].removeprefix("code: ")
    assert (tmp_path / code).is_file()


@pytest.mark.long
def test_the_recipe_trains_with_one_line_changed(tmp_path):
    project = TrainingProject(tmp_path / "project", write_model(tmp_path / "model"))
    (source,) = blocks("python")
    (project.root / "my_trainer.py").write_text(source + HELPERS, encoding="utf-8")
    (project.root / "pyproject.toml").write_text(blocks("toml")[0], encoding="utf-8")
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
    (launch,) = [command for command in commands() if command[0] == "arctic_training"]
    assert launch == ["arctic_training", recipe.name]
    got = project.by_command(recipe, cwd=tmp_path)
    assert got.classes[0]["Trainer", "my_trainer"] == "generated.my_trainer.MyTrainer"
