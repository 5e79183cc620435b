"""Which value is the best so far (R66)?"""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from arctic_codegen.callbacks import EarlyStopping
from arctic_codegen.callbacks.evaluations import Best
from arctic_codegen.runtime.errors import TrainingError


@pytest.mark.parametrize(
    ("mode", "min_delta", "values", "improved"),
    [
        ("min", 0.0, [3.0, 3.0, 2.9], [True, False, True]),
        ("max", 0.0, [0.5, 0.4, 0.6], [True, False, True]),
        ("min", 0.5, [3.0, 2.6, 2.4], [True, False, True]),
        ("max", 0.5, [3.0, 3.5, 3.6], [True, False, True]),
        ("min", 0.0, [math.nan, 3.0, math.nan], [False, True, False]),
        ("min", 0.0, [math.inf, 3.0], [True, True]),
    ],
)
def test_R66_a_value_improves_by_more_than_min_delta(mode, min_delta, values, improved):
    best = Best()
    assert [best.improves(value, mode, min_delta) for value in values] == improved


def test_R66_each_trainer_has_a_state_of_its_own():
    class Trainer: ...

    first, second, stopping = Trainer(), Trainer(), EarlyStopping()
    stopping.state_of(first).worse = 2
    assert stopping.state_of(first).worse == 2
    assert stopping.state_of(second).worse == EarlyStopping().state_of(first).worse == 0


def test_R66_an_attribute_that_an_evaluation_never_sets_is_named():
    trainer, stopping = SimpleNamespace(eval_loss=1.0, early_stop=False), EarlyStopping("accurcy")
    with pytest.raises(
        TrainingError, match=r"^monitor='accurcy': SimpleNamespace has no such attr"
    ):
        stopping.post_evaluate(trainer)


@pytest.mark.parametrize("value", [None, "0.5 of all", [0.5]])
def test_R66_an_attribute_that_is_not_a_number_is_named(value: object):
    trainer = SimpleNamespace(accuracy=value, early_stop=False)
    with pytest.raises(TrainingError, match=r"^monitor='accuracy': the attribute of SimpleNamesp"):
        EarlyStopping("accuracy").post_evaluate(trainer)
