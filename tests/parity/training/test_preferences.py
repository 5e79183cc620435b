"""ArcticTraining's preference trainer, whose callbacks create its reference model (R30)."""

from __future__ import annotations

import pytest

pytest.importorskip("arctic_training")


@pytest.mark.long
def test_R41_preferences(training):
    """The reference model comes from another of the factories that its annotation allows."""
    project = training("runtime")
    project.configure("runtime", sources=["preferences.py", "tiny"])
    project.build()

    def outcome(run, code):
        recipe = project.recipe(
            run,
            "tiny_dpo",
            code,
            ref_model={
                "name_or_path": str(project.model),
                "dtype": "fp32",
                "attn_implementation": "eager",
            },
            data={"sources": [{"type": "preferred"}], "max_length": 256, "max_prompt_length": 64},
            train_iters=2,
            eval_interval=0,
            checkpoint=[{"type": "weights", "save_end_of_training": True}],
        )
        return project.by_registry(recipe)

    plain = outcome("plain", "preferences.py")
    got = outcome("compiled", "generated/preferences.py")
    lines = {line.partition(" ")[0] for line in plain.trace}
    assert {"Small:", "Smaller:", "Pairs:", "TinyDPO:", "reference"} <= lines
    assert (got.traces, got.weights) == (plain.traces, plain.weights)
    assert got.classes[0]["Trainer", "tiny_dpo"] == "generated.preferences.TinyDPO"
