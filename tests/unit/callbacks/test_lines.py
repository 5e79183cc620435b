"""Which lines do loggers read (R66)?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from arctic_codegen.callbacks.training import training
from arctic_codegen.callbacks.values import Lines


class Arctic:
    """The used parts of ArcticTraining's trainer, after two steps."""

    early_stop = False
    global_step = 2
    global_rank = 1
    model = None

    def __init__(self) -> None:
        self.config = SimpleNamespace(train_log_iter_interval=1)
        self.metrics = SimpleNamespace(summary_dict={})

    def need_early_exit(self) -> bool:
        return False

    def after(self, **summary: Any) -> list[dict[str, Any]]:
        """The lines, after ArcticTraining has replaced its summary of a batch."""
        self.metrics.summary_dict = summary
        return training(self).lines().since(0)


def test_R66_arctic_training_has_a_line_for_each_step_and_evaluation():
    trainer = Arctic()
    training(trainer).require_lines(trainer)
    assert trainer.after(iter=2, loss=9.0) == [], "a batch of a step that is not over"
    training(trainer).report({"gradient_norm": 0.5})
    third = {"step": 3, "loss": 8.0, "gradient_norm": 0.5}
    assert trainer.after(iter=3, loss=8.0) == [third]
    evaluated = {"step": 3, "loss/eval": 7.0}
    assert trainer.after(**{"iter": 3, "loss/eval": 7.0}) == [third, evaluated]
    assert trainer.after(iter=3, loss=9.0) == [third, evaluated], "the first batch of step 4"
    assert trainer.after(iter=4, loss=6.0)[2:] == [{"step": 4, "loss": 6.0}]


def test_R66_a_reader_gets_each_line_once():
    lines = Lines()
    for step in range(5):
        lines.add({"step": step})
    assert [one["step"] for one in lines.since(3)] == [3, 4]
    assert lines.since(lines.number) == []


def test_R66_a_line_has_the_numbers_of_tensors_and_arrays():
    torch = pytest.importorskip("torch")
    trainer = Arctic()
    values = {"one": torch.tensor(1.5), "more": [1, 2], "text": "a", "nothing": None}
    expected = {"one": 1.5, "more": [1, 2], "text": "a", "nothing": None}
    training(trainer).write(values)
    (written, read) = trainer.after(iter=2, **values)
    assert written == read == {"step": 2, **expected}
