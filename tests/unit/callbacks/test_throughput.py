"""Which time counts for tokens per second (R66)?"""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from arctic_codegen.callbacks import Throughput
from arctic_codegen.callbacks.training import training
from arctic_codegen.callbacks.values import clock


def test_R66_what_other_callbacks_do_after_an_evaluation_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
):
    now = 0.0

    def passes(seconds: float) -> None:
        nonlocal now
        now += seconds

    class Arctic:
        early_stop, global_step, global_rank, model = False, 0, 0, None
        checkpoint_engines = (
            SimpleNamespace(config=SimpleNamespace(enabled=True), save=lambda _: passes(10)),
            SimpleNamespace(config=SimpleNamespace(enabled=False), save=lambda _: passes(100)),
        )

        def need_early_exit(self) -> bool:
            return False

    monkeypatch.setattr(time, "perf_counter", lambda: now)
    trainer, throughput = Arctic(), Throughput()
    throughput.pre_train(trainer)
    passes(1)
    throughput.pre_evaluate(trainer)
    passes(1000)
    training(trainer).save_now()  # the callback that saves is before it in the list
    throughput.post_evaluate(trainer)
    training(trainer).save_now()  # after it
    passes(2)
    assert throughput.state_of(trainer).meter.take(clock(trainer)) == (0, 3.0)


def test_R66_a_checkpoint_within_an_evaluation_is_left_out_once(monkeypatch: pytest.MonkeyPatch):
    now = 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    trainer, throughput = Plain(), Throughput()
    for fails in (False, True):
        throughput.pre_train(trainer)
        throughput.pre_evaluate(trainer)
        now += 10
        throughput.pre_checkpoint(trainer)
        now += 100
        if not fails:
            throughput.post_checkpoint(trainer)
            throughput.post_evaluate(trainer)
        now += 3
        meter = throughput.state_of(trainer).meter
        assert meter.take(now) == (0, 3.0 if not fails else 113.0)
    throughput.pre_evaluate(trainer)
    now += 10
    throughput.post_evaluate(trainer)
    assert meter.take(now + 1) == (0, 1.0)


class Plain:
    """A trainer in name only."""
