"""Questions that take too many steps make the next ones end sooner."""

from __future__ import annotations

from arctic_codegen.resolve.names.patience import Patience


def test_lost_questions_shorten_the_next():
    patience = Patience()
    first = patience.steps
    patience.took(10, too_many=True)
    assert patience.steps == first // 4
    for _ in range(1000):
        patience.took(10, too_many=True)
    assert 0 < patience.steps < first // 100


def test_a_run_as_a_whole_has_an_end():
    patience = Patience()
    taken = 0
    for _ in range(1000):
        steps = patience.steps
        patience.took(steps, too_many=False)
        taken += steps
    assert taken < 10_000_000
    for _ in range(1000):  # small questions earn what a larger one may take again
        patience.took(10, too_many=False)
    assert patience.steps == 1_000_000
