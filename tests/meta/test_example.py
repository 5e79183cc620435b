"""The example that `make demo` runs: its output is current, typed, and it trains."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "char_lm"


def run(*command: str, folder: Path = EXAMPLE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        timeout=600,
    )


def passes(*command: str, folder: Path = EXAMPLE) -> str:
    done = run(*command, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A copy, built with the PyTorch that is installed here."""
    copy = tmp_path_factory.mktemp("example") / "char_lm"
    ignore = shutil.ignore_patterns("generated", "runs", "__pycache__", ".*_cache")
    shutil.copytree(EXAMPLE, copy, ignore=ignore)
    passes("-m", "arctic_codegen", "build", "--strict", folder=copy)
    return copy


def test_generated_output_is_current(built):
    """What is committed is what a build writes; where the PyTorch that was read is the same one
    as here, the lock file too."""
    made, committed = (
        {
            path.relative_to(root): path.read_bytes()
            for path in sorted((root / "generated").rglob("*"))
            if path.is_file() and path.suffix != ".pyc"
        }
        for root in (built, EXAMPLE)
    )
    lock = Path("generated", "arctic-codegen.lock")
    versions = [json.loads(files.pop(lock))["distributions"] for files in (made, committed)]
    assert made == committed
    if versions[0] == versions[1]:
        passes("-m", "arctic_codegen", "build", "--check", "--strict")


def test_types_and_style(tmp_path):
    passes("-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "char_lm", "generated")
    plain = ("--isolated", "--no-cache", "--select", "E4,E7,E9,F", "--ignore", "E741")
    passes("-m", "ruff", "check", *plain, "generated")


@pytest.mark.long
def test_pyright_agrees():
    passes("-m", "pyright", "--pythonpath", sys.executable, "char_lm", "generated")


TRAIN = """
import sys
from pathlib import Path
import torch
from char_lm.config import Config
from char_lm.train import curve
from generated import get_trainer

sizes = {"epochs": 2, "batch_size": 64, "context": 128, "hidden": 64}
config = Config(threads=1, folder=Path(sys.argv[1]), **sizes)
trainer = get_trainer("char_lm")(config)
trainer.train()
first, second = curve
assert second < first < 4, curve
assert trainer.counts["batches with noise"] == trainer.step_number == trainer.total_steps
assert trainer.counts["best checkpoints kept"] == 2
assert trainer.counts["steps with clipped gradients"] > 0
trainer.model.load_state_dict({k: v * 0 for k, v in trainer.model.state_dict().items()})
trainer.restore("best")
assert trainer.evaluate() == second
print(type(trainer).__module__, type(trainer.engine).__module__)
"""


def test_it_trains_on_compiled_classes(built, tmp_path):
    done = passes("-c", TRAIN, str(tmp_path), folder=built)
    assert done.splitlines()[-1] == "generated.char_lm.trainers generated.char_lm.checkpoint"
    order = [
        line for line in done.splitlines() if line.startswith(("epoch 1", "  validation", "  it"))
    ]
    assert [line.split()[0] for line in order[:3]] == ["epoch", "validation", "it"]
