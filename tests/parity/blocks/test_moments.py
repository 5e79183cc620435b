"""`docs/migration/moments.md` is right about what has happened at each event of the blocks."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("deepspeed")

from tests.pages import ROOT, section
from tests.parity.blocks.harness import Project

pytestmark = pytest.mark.long
PAGE = ROOT / "docs" / "migration" / "moments.md"
SOURCE = """
from typing import Any

from app import OnTopics, write
from arctic_codegen import unless, when
from arctic_codegen.blocks import Trainer
from arctic_codegen.callbacks import Callback


def note(name: str, trainer: Any) -> None:
    gradients = next(trainer.model_unwrapped.parameters()).grad is not None
    numbers = trainer.global_step, trainer.epoch_idx, trainer.train_batch_idx
    write(" ".join(map(str, ["at", name, *numbers, gradients])))


class Look(Callback):
"""
METHOD = """    def {phase}_{event}(self, trainer: Trainer{more}:
        note("{phase}-{event}", trainer){result}

"""
END = """
class Looking(OnTopics):
    name = "looking"
    callbacks = [
        *Look(),
        ("pre-step", when("at_boundary", lambda self: write("first of a step"))),
        ("post-step", unless("at_boundary", lambda self: write("not the last of a step"))),
    ]
"""
EVENTS = ("train", "epoch", "step", "loss", "backward", "optimizer_step", "evaluate")


def method(phase: str, event: str) -> str:
    gives = (phase, event) == ("post", "loss")
    more, result = (", loss: Any) -> Any", "\n        return loss") if gives else (") -> None", "")
    return METHOD.format(phase=phase, event=event, more=more, result=result)


def moments(heading: str) -> list[str]:
    """The events in the first column of a table, in order."""
    rows = re.findall(r"^\| (`.+?) \|", section(PAGE, heading), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`((?:pre|post)-\w+)`", row)]


def of_last(names: list[str]) -> list[str]:
    """The names, ordered by their last occurrence."""
    return list(dict.fromkeys(reversed(names)))[::-1]


def test_moments_of_a_training(project: Project) -> None:
    methods = "".join(method(phase, event) for event in EVENTS for phase in ("pre", "post"))
    (project.root / "looking.py").write_text(SOURCE + methods + END, encoding="utf-8")
    configuration = '[tool.arctic-codegen]\nsources = ["app.py", "looking.py"]\n'
    (project.root / "pyproject.toml").write_text(configuration, encoding="utf-8")
    project.build()
    recipe = project.recipe(
        "looking", type="looking", train_iters=2, log_interval=1, eval_interval=2
    )
    (trace,) = project.train(recipe)
    seen: dict[str, list[list[str]]] = {}
    for line in trace:
        if line.startswith("at "):
            _, name, *state = line.split()
            seen.setdefault(name, []).append(state)
    names = [line.split()[1] for line in trace if line.startswith("at ")]
    evaluation = names.index("pre-evaluate")
    assert moments("One batch") == of_last(names[:evaluation])[1:]
    after = [name for name in of_last(names[evaluation:]) if not name.endswith("-loss")]
    assert moments("After a step, and at the end") == after
    # The optimizer step, finished epochs and batches, and whether there are gradients.
    assert seen["pre-step"][:2] == [["0", "0", "0", "False"], ["0", "0", "1", "True"]]
    assert seen["post-step"][:2] == [["0", "0", "0", "True"], ["1", "0", "1", "False"]]
    assert seen["pre-optimizer_step"][0] == ["0", "0", "1", "True"]
    assert seen["post-optimizer_step"][0] == ["1", "0", "1", "False"]
    assert seen["post-epoch"][-1][1] == "0"
    assert trace.count("first of a step") == trace.count("not the last of a step") == 2
