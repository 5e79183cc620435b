"""The CI setup in `docs/ci.md` and the README works: its commands pass, its hooks exist."""

from __future__ import annotations

import re
import shlex
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import AUTHOR, Project
from tests.pages import ROOT, blocks

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
PRE_COMMIT = (ROOT / "docs" / "how-to" / "pre-commit.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCE = """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self) -> None: ...

    def post_step_callback(self) -> None: ...
"""
CONFIG = '[tool.arctic-codegen]\nsources = ["my_project"]\n'


def commands(value: Any) -> list[str]:
    """The commands of arctic-codegen in a workflow or in a configuration of hooks."""
    if isinstance(value, list):
        return [command for one in value for command in commands(one)]
    if isinstance(value, dict):
        return [
            command for key in ("run", "entry", "hooks") for command in commands(value.get(key))
        ]
    return [value] if isinstance(value, str) and value.startswith("arctic-codegen ") else []


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    files = {"my_project/trainers.py": SOURCE}
    project = Project(tmp_path_factory.mktemp("ci"), files, CONFIG).built()
    for command in ("init -q", "add -A", "commit -qm x"):
        project.run("git", *command.split(), env=AUTHOR)
    return project


@pytest.mark.parametrize("text", [*blocks(PAGE, "yaml"), *blocks(PRE_COMMIT, "yaml")])
def test_commands_pass(text: str, project: Project) -> None:
    for command in commands(yaml.safe_load(text)):
        ran = project.cli(*shlex.split(command)[1:])
        assert ran.code == 0, ran.stdout + ran.stderr


def test_each_way_has_a_command() -> None:
    found = [commands(yaml.safe_load(text)) for text in blocks(PAGE, "yaml")]
    assert [len(one) for one in found] == [1, 0, 1, 0]
    assert blocks(PAGE, "yaml")[0] in blocks(README, "yaml")


def test_hooks_are_commands() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["arctic-codegen-build", "arctic-codegen-check"]
    for hook in hooks:
        assert hook["id"] in README
        assert hook["id"] in PAGE
        assert hook["entry"].split()[0] == "arctic-codegen"
        assert not hook["pass_filenames"]
    shown = [yaml.safe_load(text) for text in blocks(PAGE, "yaml")]
    named = [hook["id"] for (one,) in (shown[1], shown[2]) for hook in one["hooks"]]
    assert set(named) <= {hook["id"] for hook in hooks}
    assert re.search(r"rev: v\d", PAGE)


def test_the_workflow_gives_no_token_to_code_of_a_fork(project: Project) -> None:
    text = blocks(PAGE, "yaml")[3]
    assert text == (ROOT / "docs" / "workflows" / "callbacks.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow[True] == "pull_request"  # YAML 1.1 reads `on` as this
    assert workflow["permissions"] == {"contents": "read"}
    diff, comment = workflow["jobs"]["diff"], workflow["jobs"]["comment"]
    assert "permissions" not in diff
    assert "head.repo.full_name == github.repository" in comment["if"]
    assert not any("checkout" in step.get("uses", "") for step in comment["steps"])
    for command in commands(diff["steps"]):
        assert project.cli(*shlex.split(command.replace("$BASE", "HEAD"))[1:]).code == 0
    assert (project.root / "callbacks.md").read_text().startswith("### Callbacks")


def test_the_interpreter_of_another_environment(tmp_path: Path) -> None:
    (config,) = blocks(PAGE, "toml")
    project = Project(tmp_path, {"my_project/trainers.py": SOURCE}, config)
    environment = tmp_path / ".venv"
    venv.create(environment, with_pip=False)
    (packages,) = environment.glob("lib/*/site-packages")
    assert project.build().code == 1, "arctic-codegen itself is not in it"
    (packages / "here.pth").write_text(str(ROOT), encoding="utf-8")
    project.built()
