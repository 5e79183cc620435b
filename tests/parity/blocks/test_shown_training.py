"""The training in `docs/blocks.md` runs, and prints the output that the page shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from tests.pages import ROOT, blocks, section

pytest.importorskip("deepspeed")

SECTION = section(ROOT / "docs" / "blocks.md", "A training")
NUMBER = r"-?\d+(\.\d+)?(e-\d+)?"


def masked(text: str) -> list[str]:
    """The lines without what differs between machines and versions of libraries."""
    names = "loss|eval_loss|tokens_per_second|gradient_norm"
    return [re.sub(rf"({names}) {NUMBER}", r"\1 ...", line) for line in text.splitlines()]


@pytest.mark.long
def test_R43_R47_the_training_that_is_shown(tmp_path: Path):
    source = blocks(SECTION, "python")[0]
    (recipe,) = blocks(SECTION, "yaml")
    (console,) = blocks(SECTION, "console")
    (tmp_path / "my_trainer.py").write_text(source)
    (tmp_path / "recipe.yaml").write_text(recipe)
    (tmp_path / "book.txt").write_text("\n".join(topics[name] for name in sorted(topics)))
    commands = [line for line in console.splitlines() if line.startswith("$ ")]
    assert [line.split()[1] for line in commands] == ["pip", "arctic-codegen", "python"]
    told = ""
    for command in commands[1:]:
        program, *arguments = shlex.split(command.removeprefix("$ "))
        module = ["-m", "arctic_codegen"] if program == "arctic-codegen" else []
        done = subprocess.run(
            [sys.executable, *module, *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        told = done.stdout
    assert masked(told) == masked(console.partition(f"{commands[-1]}\n")[2])


def test_the_readme_shows_the_same_trainer():
    readme = section(ROOT / "README.md", "On PyTorch and DeepSpeed")
    assert blocks(readme, "python") == blocks(SECTION, "python")[:1]
