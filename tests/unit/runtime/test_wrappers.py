"""Wrappers are ordinary callables if nothing is compiled (R47)."""

from __future__ import annotations

import asyncio
import copy
import functools
import inspect
import logging
import pickle
import types
from typing import get_args

import pytest

import arctic_codegen
from arctic_codegen import (
    after,
    before,
    every,
    optional,
    rank_zero,
    replaces_inherited,
    unless,
    when,
)
from arctic_codegen.model.wrappers import WRAPPERS, WrapperKind
from arctic_codegen.runtime import counts_of, restore_counts, unwrapped, wrappers
from arctic_codegen.runtime import every_counts as _counting


class Thing:
    __slots__ = ()


class Loose: ...


def nothing(self):
    self.seen.append(1)


def double(self, batch):
    return batch * 2


def swap(self, a, *, b):
    return b, a


async def later(self, batch):
    return batch * 2


def fail(self, batch):
    raise ValueError("broken")


def test_the_build_knows_every_wrapper():
    """One that it did not know would be compiled as a decorator of the project."""
    functions = {
        name
        for name, value in vars(wrappers).items()
        if inspect.isfunction(value) and value.__module__ == wrappers.__name__ and name[0] != "_"
    }
    assert functions - {"replaces_inherited", "after", "before"} == WRAPPERS.keys()
    assert WRAPPERS.keys() == set(get_args(WrapperKind))
    assert functions <= set(arctic_codegen.__all__)


def test_R19_replaces_inherited_has_no_effect_at_run_time():
    assert replaces_inherited(double) is double


@pytest.mark.parametrize("rank, expected", [("0", 6), ("1", 3)])
def test_R47_rank_zero(monkeypatch, rank, expected):
    monkeypatch.setenv("RANK", rank)
    assert rank_zero(double)(Loose(), 3) == expected


def test_R47_rank_zero_asks_torch_once_it_knows(monkeypatch):
    import sys

    fake = types.SimpleNamespace(
        is_available=lambda: True, is_initialized=lambda: True, get_rank=lambda: 2
    )
    monkeypatch.setitem(sys.modules, "torch.distributed", fake)
    monkeypatch.setenv("RANK", "0")
    assert rank_zero(double)(Loose(), 3) == 3
    fake.is_initialized = lambda: False
    assert rank_zero(double)(Loose(), 3) == 6


def test_R47_what_is_skipped_leaves_the_values(monkeypatch):
    monkeypatch.setenv("RANK", "1")
    loose = Loose()
    loose.seen = []
    assert rank_zero(nothing)(loose) is None
    assert loose.seen == []
    assert rank_zero(swap)(loose, 1, b=2) == (1, 2)


@pytest.mark.parametrize("wrap", [rank_zero, optional])
def test_R47_what_asks_nothing_of_the_object_can_be_called_without_one(wrap):
    assert wrap(lambda: 3)() == 3
    assert wrap(lambda self: self)(self=4) == 4


def test_R56_when_and_unless_ask_the_object():
    loose = Loose()
    loose.config = types.SimpleNamespace(trace=False)
    by_path, by_function = (
        when("config.trace", double),
        when(lambda self: self.config.trace, double),
    )
    not_by_path = unless("config.trace")(double)
    assert [one(loose, 3) for one in (by_path, by_function, not_by_path)] == [3, 3, 6]
    loose.config.trace = True
    assert [one(loose, 3) for one in (by_path, by_function, not_by_path)] == [6, 6, 3]
    assert asyncio.run(when("config.trace", later)(loose, 2)) == 4
    assert [str(one.__arctic_wrapper__) for one in (by_path, when(nothing, double))] == [
        'when("config.trace")',
        f"when({__name__}.nothing)",
    ]


def test_R56_a_condition_stands_inside_optional(caplog):
    assert optional(when("missing", double))(Loose(), 3) == 3
    assert "AttributeError" in caplog.text
    with pytest.raises(AttributeError):
        when("missing", optional(double))(Loose(), 3)


@pytest.mark.parametrize("path", ["", "a.", "a b", "a.is", "a[0]", "a.1"])
def test_R56_a_path_is_made_of_names(path):
    with pytest.raises(ValueError, match="attributes such as"):
        when(path, double)
    with pytest.raises(TypeError, match="not 3"):
        unless(3, double)


def test_R47_every_counts_for_each_object():
    third = every(3, double)
    one, two = Loose(), Loose()
    assert [third(one, 1) for _ in range(7)] == [1, 1, 2, 1, 1, 2, 1]
    assert [third(two, 1) for _ in range(3)] == [1, 1, 2]
    tight, other = Thing(), Thing()
    assert [third(tight, 1) for _ in range(3)] == [1, 1, 2]
    assert third(other, 1) == 1
    assert [every(1, double)(one, 1) for _ in range(2)] == [2, 2]


def test_R57_every_counts_by_an_attribute():
    tenth = every(10, by="state.step")(double)
    one, other = Loose(), Loose()
    one.state = other.state = types.SimpleNamespace(step=0)
    seen = []
    for one.state.step in (0, 9, 10, 11, 35, 39, 20, 3, 10):
        if tenth(one, 1) == 2:
            seen.append(one.state.step)
    assert seen == [10, 35, 20, 10]
    one.state.step = 25
    assert tenth(other, 1) == 2
    assert tenth(copy.copy(other), 1) == 1
    key = f"quotient of {__name__}.double, "
    assert [number for place, number in counts_of(one).items() if place.startswith(key)] == [1]
    third = Loose()
    third.state = one.state
    restore_counts(third, {})  # an older checkpoint: that of the attribute
    assert tenth(third, 1) == 1
    assert str(tenth.__arctic_wrapper__) == 'every(10 by "state.step")'


def test_R57_whole_numbers_only():
    loose = Loose()
    loose.part = 12.5
    with pytest.raises(TypeError):
        every(10, double, by="part")(loose, 1)
    with pytest.raises(ValueError, match="attributes such as"):
        every(10, double, by="no path")


def test_R47_the_count_is_part_of_the_object():
    third = every(3, double)
    loose = Loose()
    assert [third(loose, 1) for _ in range(2)] == [1, 1]
    for made in (copy.copy(loose), copy.deepcopy(loose), pickle.loads(pickle.dumps(loose))):
        assert [third(made, 1) for _ in range(4)] == [2, 1, 1, 2]
    assert third(loose, 1) == 2


def test_R47_counts_can_be_saved_and_restored():
    third = every(3, double)
    loose, other = Loose(), Loose()
    loose._arctic_post_step_log_calls_2 = 4
    loose._arctic_other = loose.calls_of = 5
    assert [third(loose, 1) for _ in range(2)] == [1, 1]
    counts = counts_of(loose)
    assert sorted(counts.values()) == [2, 4]
    third(other, 1)
    restore_counts(other, counts)
    assert counts_of(other) == counts
    assert third(other, 1) == 2
    tight = Thing()
    third(tight, 1)
    assert list(counts_of(tight).values()) == [1]


def test_R47_every_forgets_objects_that_are_gone():
    class Tight:
        __slots__ = ("__weakref__",)

    before = len(_counting._loose)
    tight = Tight()
    every(3, double)(tight, 1)
    assert len(_counting._loose) == before + 1
    del tight
    assert len(_counting._loose) == before


def test_R47_two_of_one_function_count_apart():
    one, two = every(2, double), every(2, double)
    loose = Loose()
    assert [one(loose, 1), two(loose, 1), one(loose, 1), two(loose, 1)] == [1, 1, 2, 2]


def test_R47_every_as_a_decorator():
    @every(2)
    def double_it(self, batch):
        return batch * 2

    loose = Loose()
    assert [double_it(loose, 1) for _ in range(4)] == [1, 2, 1, 2]
    assert double_it.__name__ == "double_it"


@pytest.mark.parametrize("wrap", [rank_zero, optional, every(1)])
def test_R47_what_is_no_function_is_wrapped_too(wrap):
    class Doubler:
        number = 2

        def __call__(self, thing, batch):
            return batch * self.number

        async def later(self, thing, batch):
            return batch * self.number

    assert wrap(Doubler())(Loose(), 3) == 6
    assert wrap(Doubler()).__name__ == "__call__"
    assert "number" not in vars(wrap(Doubler()))
    added = wrap(functools.partial(lambda self, batch, by: batch + by, by=4))
    assert added(Loose(), 3) == 7
    assert list(inspect.signature(added).parameters) == ["self", "batch", "by"]
    waiting = wrap(functools.partial(Doubler().later))
    assert inspect.iscoroutinefunction(waiting)
    assert asyncio.run(waiting(Loose(), 3)) == 6
    with pytest.raises(TypeError, match="a callable"):
        wrap(3)


def test_R47_what_is_wrapped_is_found_through_all_of_ours_and_no_others():
    assert unwrapped(rank_zero(every(3, optional(double)))) is double
    assert unwrapped(double) is double
    outer = functools.wraps(rank_zero(double))(lambda *args: None)
    assert unwrapped(outer) is outer
    assert unwrapped(optional(outer)) is outer
    # Serializing functions by value (as launchers do) recreates them from the same parts.
    whole = rank_zero(every(3, double))
    again = types.FunctionType(
        whole.__code__.replace(), whole.__globals__, None, None, whole.__closure__
    )
    vars(again).update(vars(whole))
    assert unwrapped(again) is double


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "2"])
def test_R47_every_takes_a_whole_number_from_1(n):
    with pytest.raises(ValueError, match="every"):
        every(n, double)


def test_R47_optional_logs_once_per_kind(caplog):
    guarded = optional(fail)
    with caplog.at_level(logging.ERROR, logger="arctic_codegen"):
        assert guarded(Loose(), 3) == 3
        assert guarded(Loose(), 4) == 4
    assert len(caplog.records) == 1
    assert "fail" in caplog.records[0].getMessage()
    assert caplog.records[0].exc_info[0] is ValueError
    assert optional(double)(Loose(), 2) == 4


def test_R47_optional_tells_lambdas_of_one_name_apart(caplog):
    many = [
        optional(lambda self: 1 / 0),
        # On another line: for one line, Python 3.10 creates a single code object for both.
        optional(rank_zero(lambda self: 1 / 0)),
    ]
    with caplog.at_level(logging.ERROR, logger="arctic_codegen"):
        for guarded in many * 2:
            assert guarded(Loose()) is None
    assert len(caplog.records) == 2


def test_R47_optional_lets_an_interrupt_pass():
    def stop(self):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        optional(stop)(Loose())


def test_R47_coroutines(monkeypatch):
    async def broken(self, batch):
        raise ValueError

    monkeypatch.setenv("RANK", "1")
    second = every(2, later)
    loose = Loose()
    for function, expected in (
        (optional(later), 6),
        (optional(broken), 3),
        (rank_zero(later), 3),
        (second, 3),
        (second, 6),
    ):
        assert inspect.iscoroutinefunction(function)
        assert asyncio.run(function(loose, 3)) == expected


@pytest.mark.parametrize("wrap", [rank_zero, optional, lambda fn: every(1, fn)])
def test_R47_the_signature_is_kept_and_methods_bind(wrap, monkeypatch):
    monkeypatch.setenv("RANK", "0")
    wrapped = wrap(double)
    assert inspect.signature(wrapped) == inspect.signature(double)
    assert wrapped.__qualname__ == "double"

    class Holder:
        method = wrapped

    assert Holder().method(2) == 4
    assert wrap(optional(double))(Loose(), 2) == 4


def test_R59_assertions_give_the_callback_itself():
    assert after(len, nothing) is nothing
    assert before(len, fn=nothing) is nothing

    def mine(self): ...

    assert after(len)(mine) is mine
    assert before(other=len)(mine) is mine
