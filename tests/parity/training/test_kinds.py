"""Every kind of callback on each of the eight building blocks, in a training run (R9, R10, R12)."""

from __future__ import annotations

import pytest

from tests.parity.training.matrix import BLOCKS, DOCUMENTED, RUNTIME, text

pytest.importorskip("arctic_training")

DATA = {
    "sources": [{"type": "Source"}],
    "eval_sources": [{"type": "Source"}],
    "max_length": 256,
    "mask_inputs": False,
    "div_length": 32,
}


@pytest.mark.long
@pytest.mark.parametrize(("semantics", "order"), [("documented", DOCUMENTED), ("runtime", RUNTIME)])
def test_R38_each_runs_once_in_its_place(training, semantics, order):
    project = training(semantics)
    (project.root / "kinds.py").write_text(text(), encoding="utf-8")
    project.configure(semantics, sources=["kinds.py"])
    project.build()
    recipe = project.recipe(
        "kinds",
        "Learner",
        "generated/kinds.py",
        data=DATA,
        eval_interval=4,
        checkpoint=[{"type": "Engine", "save_every_n_steps": 2}],
    )
    got = project.by_registry(recipe)
    for block in BLOCKS:
        of_block = [line for line in got.trace if line.startswith(f"{block.name}: ")]
        assert of_block == [f"{block.name}: {label}" for label in order] * block.times
    assert len(got.trace) == len(order) * sum(block.times for block in BLOCKS)
