"""R60: the state of callback objects, and how a checkpoint and a program match."""

from __future__ import annotations

import functools
import logging
from collections import deque
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from arctic_codegen import CallbackMixin, every, rank_zero
from arctic_codegen.runtime import counts_of
from arctic_codegen.runtime.callback_state import CallbackState, file_of
from arctic_codegen.runtime.errors import CallbackStateError
from arctic_codegen.testing import compiled


class Counting:
    """It counts its calls, and how often its state was read."""

    def __init__(self) -> None:
        self.calls = 0
        self.taken = 0

    def __call__(self, trainer: object) -> None:
        self.calls += 1

    def other(self, trainer: object) -> None:
        self.calls += 100

    def state_dict(self) -> dict[str, object]:
        self.taken += 1
        return {"calls": self.calls}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.calls = state["calls"]


class Fixed(Counting):
    """Its state is given by a test."""

    def __init__(self, state: object) -> None:
        super().__init__()
        self.state = state

    def state_dict(self) -> dict[str, object]:
        return {"it": self.state}


def log(trainer: object) -> None: ...


one = Counting()
two = Counting()
bound = Counting()
partial = Counting()
inside = Counting()


class Base(CallbackMixin):
    callbacks = [("post-step", one), ("post-step", two), ("post-step", log)]

    def step(self) -> None: ...
    def epoch(self) -> None: ...


class Child(Base):
    callbacks = [
        ("pre-epoch", bound.other),
        ("post-epoch", bound.other),
        ("post-epoch", functools.partial(partial.other)),
        ("post-step", every(2, rank_zero(inside))),
    ]


class Stepping(CallbackMixin):
    global_step = 25
    callbacks = [("post-step", every(10, log, by="global_step"))]

    def step(self) -> None: ...


HERE = __name__
PLACES = {
    f"{HERE}:Base post-step {HERE}.Counting.__call__": one,
    f"{HERE}:Base post-step {HERE}.Counting.__call__#2": two,
    f"{HERE}:Child pre-epoch {HERE}.Counting.other": bound,
    f"{HERE}:Child post-epoch {HERE}.Counting.other#2": partial,
    f"{HERE}:Child post-step {HERE}.Counting.__call__": inside,
}


def state(*objects: object, classes: tuple[type, ...] = ()) -> CallbackState:
    return CallbackState({str(number): one for number, one in enumerate(objects)}, classes)


def save(of: CallbackState, folder: Path, rank: int, ranks: int) -> None:
    of.save(of.now(), folder, rank, ranks)


def saved(folder: Path, rank: int = 0) -> dict[str, object]:
    found: dict[str, object] = torch.load(folder / file_of(rank), weights_only=True)
    return found


def test_R60_each_object_is_saved_once_by_class_event_name_and_number(tmp_path: Path):
    for number, source in enumerate(PLACES.values()):
        source.calls, source.taken = number, 0
    made = compiled(Child)()
    # Two classes of a run share a list.
    save(state(made, classes=(compiled(Base), compiled(Child))), tmp_path, 0, 1)
    assert saved(tmp_path)["states"] == {
        key: {"calls": number} for number, key in enumerate(PLACES)
    }
    assert [source.taken for source in PLACES.values()] == [1] * 5
    for source in PLACES.values():
        source.calls = -1
    state(made).load(tmp_path, 0, 1, "cpu")
    assert [source.calls for source in PLACES.values()] == [0, 1, 2, 3, 4]


def test_R60_counts_of_every_go_along(tmp_path: Path):
    made = compiled(Child)()
    for _ in range(3):
        made.step()
    save(state(made), tmp_path, 0, 1)
    other = compiled(Child)()
    inside.calls = 0
    state(other).load(tmp_path, 0, 1, "cpu")
    calls = inside.calls
    other.step()
    assert inside.calls == calls + 1, "the fourth call"


def test_R57_a_checkpoint_without_counts_goes_on_from_the_attribute(tmp_path: Path):
    made = compiled(Stepping)()
    state(made).load(tmp_path, 0, 1, "cpu")
    assert [*counts_of(made).values()] == [2]


def test_R60_nothing_is_written_where_there_is_no_state(tmp_path: Path):
    class Bare(CallbackMixin):
        callbacks = [("post-step", log)]

        def step(self) -> None: ...

    (tmp_path / file_of(0)).write_text("of another run")
    save(state(classes=(Bare,)), tmp_path, 0, 1)
    assert [*tmp_path.iterdir()] == []


def test_R60_ranks_have_their_own_and_others_take_that_of_rank_0(tmp_path: Path):
    for rank in range(2):
        one.calls = rank
        save(state(classes=(Base,)), tmp_path, rank, 2)

    def loaded(rank: int, ranks: int) -> int:
        state(classes=(Base,)).load(tmp_path, rank, ranks, "cpu")
        return one.calls

    assert [loaded(1, 2), loaded(0, 2)] == [1, 0]
    assert [loaded(1, 3), loaded(2, 3), loaded(0, 1)] == [0, 0, 0]


def test_R60_a_state_that_is_another_one_on_each_rank_is_known_by_name(tmp_path: Path):
    for rank in range(2):
        one.calls = rank
        save(state(classes=(Base,)), tmp_path, rank, 2)
    first = next(iter(state(classes=(Base,)).now()["states"]))
    assert CallbackState.differing(tmp_path, 2) == [first]
    save(state(classes=(Base,)), tmp_path, 0, 2)
    assert CallbackState.differing(tmp_path, 2) == []
    (tmp_path / file_of(1)).unlink()
    assert CallbackState.differing(tmp_path, 2) != []


@pytest.mark.parametrize(
    "value, other",
    [
        ({"a": [1, 2.5]}, {"a": [1, 2.0]}),
        ((1, "x"), [1, "x"]),
        (torch.zeros(2), torch.zeros(2, dtype=torch.float64)),
        ([torch.zeros(2)], [torch.ones(2)]),
        (float("nan"), 0.0),
    ],
)
def test_R60_values_of_every_kind_are_compared(tmp_path: Path, value: object, other: object):
    def differing(*values: object) -> list[str]:
        for rank, one in enumerate(values):
            CallbackState.save({"states": {"key": one}, "counts": {}}, tmp_path, rank, 2)
        return CallbackState.differing(tmp_path, 2)

    assert differing(value, value) == []
    assert differing(value, other) == ["key"]


def test_R60_what_one_side_lacks_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING, "arctic_codegen"):
        state(classes=(Base,)).load(tmp_path, 0, 1, "cpu")
    first, second, *_ = PLACES
    assert caplog.messages == [
        f"{tmp_path} has no state of {key}: it starts from scratch" for key in (first, second)
    ]
    caplog.clear()
    save(state(classes=(Child,)), tmp_path, 0, 1)
    save(state(classes=(Child,)), tmp_path, 1, 2)
    with caplog.at_level(logging.WARNING, "arctic_codegen"):
        state(classes=(Base,)).load(tmp_path, 0, 1, "cpu")
        state(classes=(Base,)).load(tmp_path, 1, 2, "cpu")  # rank 0 reports it
    _, _, *lost = PLACES
    assert caplog.messages == [
        f"{tmp_path} has the state of {key}, which is not a callback of this program"
        for key in lost
    ]


def test_R60_a_state_key_stands_for_name_and_number(tmp_path: Path):
    def make(*keys: str) -> tuple[type, list[Counting]]:
        made = [Counting() for _ in keys]
        for source, key in zip(made, keys, strict=True):
            source.state_key = key
        space = {"callbacks": [("post-step", source) for source in made], "__qualname__": "Keyed"}
        return type("Keyed", (Base,), {**space, "__module__": HERE}), made

    cls, (left, right) = make("left", "right")
    left.calls, right.calls = 1, 2
    save(state(classes=(cls,)), tmp_path, 0, 1)
    assert {f"{HERE}:Keyed post-step left"} < {*saved(tmp_path)["states"]}
    cls, (right, left) = make("right", "left")
    state(classes=(cls,)).load(tmp_path, 0, 1, "cpu")
    assert (left.calls, right.calls) == (1, 2)
    cls, _ = make("same", "same")
    with pytest.raises(CallbackStateError, match="post-step same: give each its own state_key"):
        save(state(classes=(cls,)), tmp_path, 0, 1)


def test_R60_a_moved_place_of_the_same_object_is_found(tmp_path: Path):
    moving = Counting()

    def make(*events: str) -> type:
        entries = [(event, moving.other) for event in events]
        space = {"callbacks": entries, "__qualname__": "Moved", "__module__": HERE}
        return type("Moved", (Base,), space)

    moving.calls = 7
    save(state(classes=(make("post-step"),)), tmp_path, 0, 1)
    moving.calls = 0
    state(classes=(make("pre-step", "post-step"),)).load(tmp_path, 0, 1, "cpu")
    assert moving.calls == 7


@pytest.mark.parametrize("value", [deque([1]), object(), [{"deep": (frozenset(),)}]])
def test_R60_what_could_not_be_restored_is_not_saved(tmp_path: Path, value: object):
    class Wrong(CallbackMixin):
        callbacks = [("post-step", Fixed(value))]

        def step(self) -> None: ...

    kind = "collections.deque" if isinstance(value, deque) else "builtins"
    with pytest.raises(CallbackStateError, match=rf"post-step {HERE}.* holds a {kind}"):
        save(state(classes=(Wrong,)), tmp_path, 0, 1)
    assert [*tmp_path.iterdir()] == []


def test_R60_tensors_and_plain_values_are_restored(tmp_path: Path):
    value = {"a": [1.5, None, ("x", {2})], 3: torch.arange(4), "n": float("nan")}
    fixed = Fixed(value)

    class Right(CallbackMixin):
        callbacks = [("post-step", fixed)]

        def step(self) -> None: ...

    save(state(classes=(Right,)), tmp_path, 0, 1)
    (found,) = saved(tmp_path)["states"].values()
    assert str(found) == str({"it": value})


def test_R60_a_damaged_file_is_one_error(tmp_path: Path):
    (tmp_path / file_of(0)).write_text("damaged")
    with pytest.raises(CallbackStateError, match=r"callbacks_rank_0.pt cannot be loaded: "):
        state(classes=(Base,)).load(tmp_path, 0, 1, "cpu")
