"""Queries that take too many steps reduce the budget of the next ones."""

from __future__ import annotations

from arctic_codegen.resolve.names.budget import StepBudget


def test_lost_questions_shorten_the_next():
    budget = StepBudget()
    first = budget.steps
    budget.took(10, too_many=True)
    assert budget.steps == first // 4
    for _ in range(1000):
        budget.took(10, too_many=True)
    assert 0 < budget.steps < first // 100


def test_a_run_as_a_whole_has_an_end():
    budget = StepBudget()
    taken = 0
    for _ in range(1000):
        steps = budget.steps
        budget.took(steps, too_many=False)
        taken += steps
    assert taken < 10_000_000
    for _ in range(1000):  # small queries earn budget for a larger one
        budget.took(10, too_many=False)
    assert budget.steps == 1_000_000
