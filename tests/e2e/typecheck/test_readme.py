"""The README shows what `check` and `diff` print."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

from tests.harness import Project

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCE = """
from arctic_codegen import CallbackMixin


def half(trainer: "Trainer", value: float) -> str:
    return f"{value / 2:.2f}"


class Trainer(CallbackMixin):
    callbacks = [("post-loss", half)]

    def loss(self, batch: list[int]) -> float:
        return float(len(batch))
"""
BROKEN = """
from arctic_codegen import CallbackMixin


def half(trainer, value):
    print(value / 2)


class Trainer(CallbackMixin):
    callbacks = [("post-lsos", half)]

    def loss(self, batch: list[int]) -> float:
        return float(len(batch))
"""


def shown(command: str) -> str:
    """The output of the one block that begins with this command."""
    blocks = re.findall(r"^```console\n\$ (.*?)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (found,) = [text for first, text in blocks if first == command]
    return found


def test_check_and_diff(tmp_path):
    config = '[tool.arctic-codegen]\nsources = ["my_project"]\n'
    p = Project(tmp_path, {"my_project/trainers.py": SOURCE}, config).built()
    assert p.cli("check").stdout == shown("arctic-codegen check") + "\n"
    name = ("-c", "user.name=a", "-c", "user.email=a@b")
    for command in (("init", "-q"), ("add", "-A"), (*name, "commit", "-qm", "x")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    path = tmp_path / "my_project" / "trainers.py"
    path.write_text(path.read_text().replace('"post-loss", half', '"pre-loss", lambda self: None'))
    assert p.cli("diff").stdout == shown("arctic-codegen diff")


def test_fix_and_annotate(tmp_path):
    config = '[tool.arctic-codegen]\nsources = ["my_project"]\n'
    p = Project(tmp_path, {"my_project/trainers.py": BROKEN}, config)
    assert p.cli("check", "--fix", "--diff").stdout == shown("arctic-codegen check --fix --diff")
    p.cli("check", "--fix")
    assert p.cli("annotate", "--diff").stdout == shown("arctic-codegen annotate --diff")


def test_hooks_are_commands():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["arctic-codegen-build", "arctic-codegen-check"]
    for hook in hooks:
        assert hook["id"] in README
        assert hook["entry"].split()[0] == "arctic-codegen"
        assert not hook["pass_filenames"]
