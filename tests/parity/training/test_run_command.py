"""``arctic-codegen run`` starts real training from recipes in another folder (R39)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.harness import free_port

pytest.importorskip("arctic_training")

pytestmark = pytest.mark.long


def run(project, recipe, cwd, *options):
    """The outcome of the command, without a previous build."""
    program = str(Path(sys.executable).parent / "arctic-codegen")
    command = [program, "run", *options, str(recipe), "--"]
    launcher = ["--num_gpus", "1", "--master_port", str(free_port())]
    return project.by_any(recipe, [*command, *launcher], cwd)


@pytest.fixture
def plain(uncompiled):
    return uncompiled("tiny", "my_trainer.py")


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def test_a_recipe_that_names_its_source(training, plain, elsewhere):
    project = training("runtime")
    recipe = project.recipe("as_it_is", "tiny", "my_trainer.py")
    before = recipe.read_bytes()
    got = run(project, recipe, elsewhere)
    assert (got.traces, got.weights) == (plain.traces, plain.weights)
    assert got.classes[0]["Trainer", "tiny"] == "generated.my_trainer.TinyTrainer"
    assert recipe.read_bytes() == before


def test_code_that_only_imports(training, plain, elsewhere):
    """It has no compiled module of its own, and registers a class that nothing else registers."""
    project = training("runtime")
    (project.root / "train.py").write_text(
        "from my_trainer import *\n"
        "from arctic_training.trainer.sft_trainer import SFTTrainer as _Other\n\n"
        "globals()['Extra'] = type('Extra', (_Other,), {'name': 'extra'})\n"
    )
    recipe = project.recipe("imports", "tiny", "train.py")
    got = run(project, recipe, elsewhere)
    assert (got.traces, got.weights) == (plain.traces, plain.weights)
    classes = got.classes[0]
    assert classes["Trainer", "tiny"] == "generated.my_trainer.TinyTrainer"
    assert ("Trainer", "extra") in classes


def test_R63_a_traced_recipe_trains_the_same(training, plain, elsewhere):
    project = training("runtime")
    recipe = project.recipe("traced", "tiny", "my_trainer.py")
    got = run(project, recipe, elsewhere, "--trace", "trace.json")
    assert (got.traces, got.weights) == (plain.traces, plain.weights)
    events = json.loads((elsewhere / "trace.json").read_text())
    found = {(e["args"]["class"], e["args"]["event"], e["cat"]) for e in events if e["ph"] == "X"}
    assert {("TinyTrainer", "loss", kind) for kind in ("event", "method", "post")} <= found
