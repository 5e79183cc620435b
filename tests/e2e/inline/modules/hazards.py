"""AC801 to AC803: callbacks of one event that interfere with each other (R61)."""
# arguments: --strict

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from app import tools
from arctic_codegen import (
    CallbackMixin,
    always,
    every,
    on_error,
    optional,
    rank_zero,
    unless,
    when,
)

logger = logging.getLogger(__name__)


class Base(CallbackMixin):
    def __init__(self) -> None:
        self.made = 0
        self.limit = 0.0

    def step(self) -> None: ...

    def loss(self) -> float:
        return 1.0

    def show_limit(self) -> None:
        print(self.limit)

    def show_nothing(self) -> None:
        print("nothing")


# Read before it is there.


class Early(Base):
    early_mean: float
    early_count: int
    early_best: float
    early_inner: float
    early_name: str

    def reads(self) -> None:
        print("the mean", self.early_mean)  # note: [AC801]

    def reads_it_in_a_test(self) -> None:
        if self.early_count > 3:  # note: [AC801]
            print("many")

    def adds(self) -> None:
        self.early_best += 1

    def through_a_method(self) -> None:
        self.inner()  # note: [AC801]

    def inner(self) -> None:
        print(self.early_inner)

    def through_a_function(self) -> None:
        tools.show_name(self)  # note: [AC801]

    def sets(self) -> None:
        self.early_mean = 0.5
        self.early_count, self.early_best = 1, 2.0
        self.early_inner = 1.0
        self.early_name = "x"

    callbacks = [
        ("post-step", reads),
        ("post-step", rank_zero(reads_it_in_a_test)),
        ("post-step", optional(adds)),
        ("post-step", through_a_method),
        ("post-step", through_a_function),
        ("post-step", sets),
    ]


class InTime(Base):
    """Nothing is read too early, or that is not certain."""

    with_default = 1
    annotated_default: int = 1
    deleted: int
    guarded: int
    tested: int
    tried: int
    later: int
    by_setattr: int
    kept: int
    skipped: int
    after_return: int
    counted: int
    in_loop: int
    elsewhere: int
    by_method: int
    short: int
    by_function: int
    listed_twice: int
    called: int
    noted: int
    by_comprehension: int
    suppressed: int

    def looks(self) -> None:
        print(self.made, self.with_default, self.annotated_default, self.elsewhere)
        print(self.by_method, self.by_function, self.listed_twice, self.called)
        if self.made:
            print(self.guarded)
        if hasattr(self, "tested"):
            print(self.tested)
        try:
            print(self.tried)
        except AttributeError:
            print("not yet")
        print(getattr(self, "noted", None), self.noted)
        print(self.made and self.short)
        print([self.by_comprehension for _ in range(self.made)])
        with contextlib.suppress(AttributeError):
            print(self.suppressed)
        for _ in range(self.made):
            print(self.in_loop)
        if self.made:
            return
        print(self.after_return)

    def looks_later(self) -> Callable[[], None]:
        return lambda: print(self.later)

    def looks_at_times(self) -> None:
        print(self.counted)

    def sets(self) -> None:
        self.made = self.with_default = self.annotated_default = 1
        self.guarded = self.tested = self.tried = self.later = self.kept = 1
        self.after_return = self.counted = self.in_loop = self.elsewhere = 1
        self.noted = self.short = self.by_comprehension = self.suppressed = 1
        self.by_method = 1

    def sets_by_a_function(self) -> None:
        tools.set_it(self)

    def sets_and_is_called(self) -> None:
        self.called = 1

    def calls(self) -> None:
        self.sets_and_is_called()
        self.set_by_method()

    def set_by_method(self) -> None:
        self.by_method = 2

    def sets_twice(self) -> None:
        self.listed_twice = 1

    callbacks = [
        ("pre-step", sets_twice),
        ("post-step", looks),
        ("post-step", lambda self: self.looks_later() and None),
        ("post-step", every(10, looks_at_times)),
        ("post-step", sets),
        ("post-step", sets_by_a_function),
        ("post-step", sets_and_is_called),
        ("post-step", sets_twice),
    ]


class GivenAway(Base):
    """Someone unknown has had the object before."""

    given: int

    def gives(self) -> None:
        logging.getLogger("x").info("%s", self)

    def reads(self) -> None:
        print(self.given)

    def sets(self) -> None:
        self.given = 1

    callbacks = [("post-step", gives), ("post-step", reads), ("post-step", sets)]


class Dynamic(Base):
    def __getattr__(self, name: str) -> Any:
        return 0

    def reads(self) -> None:
        print(self.anything_at_all)

    def sets(self) -> None:
        self.anything_at_all = 1

    callbacks = [("post-step", reads), ("post-step", sets)]


@dataclass
class Fields(CallbackMixin):
    field: int

    def step(self) -> None: ...

    def reads(self) -> None:
        print(self.field)

    def sets(self) -> None:
        self.field = 1


Fields.callbacks = [("post-step", Fields.reads), ("post-step", Fields.sets)]


# Written twice.


class Parent(Base):
    def post_step_callback(self) -> None:
        self.limit = 1.0


class Child(Parent):
    def post_step_callback(self) -> None:
        self.limit = 2.0  # note: [AC802]


class CallsTheParent(Parent):
    def post_step_callback(self) -> None:
        super().post_step_callback()
        self.limit = 2.0


class TakesItIntoAccount(Parent):
    def post_step_callback(self) -> None:
        self.limit = self.limit / 2


class AddsToIt(Parent):
    def post_step_callback(self) -> None:
        self.limit += 1


class UnderATest(Parent):
    def post_step_callback(self) -> None:
        if self.made:
            self.limit = 2.0


class SetsTheSame(Parent):
    def post_step_callback(self) -> None:
        self.limit = 1.0


class Elsewhere(Parent):
    def post_loss_callback(self, value: float) -> float:
        self.limit = 2.0
        return value


def by_function(trainer: Base) -> None:
    tools.limit(trainer, 3.0)  # note: [AC802]


def reads_between(trainer: Base) -> None:
    trainer.show_limit()


def reads_nothing(trainer: Base) -> None:
    trainer.show_nothing()


def unknown_between(trainer: Base) -> None:
    logging.getLogger("x").info("%s", trainer)


def tagged(trainer: Base, tag: float) -> None:
    trainer.limit = tag  # note: [AC802]


class ByFunctions(Parent):
    callbacks = [("post-step", reads_nothing), ("post-step", by_function)]


class ByPartials(Parent):
    callbacks = [
        ("post-step", partial(tagged, tag=2.0)),
    ]


class ReadsBetween(Parent):
    callbacks = [("post-step", reads_between)]

    def post_step_callback(self) -> None:
        self.limit = 4.0


class UnknownBetween(Parent):
    callbacks = [("post-step", unknown_between)]

    def post_step_callback(self) -> None:
        self.limit = 4.0


class AtTimes(Parent):
    @every(10)
    def post_step_callback(self) -> None:
        self.limit = 4.0


class AtTimesBefore(Base):
    @staticmethod
    def warm(trainer: Base) -> None:
        trainer.limit = 0.1

    callbacks = [("post-step", every(10, warm))]

    def post_step_callback(self) -> None:
        self.limit = 4.0  # note: [AC802]


# What reads it is the condition of a wrapper, or runs when something fails.


def begin(trainer: "Moded") -> None:
    trainer.mode = 1


def end(trainer: "Moded") -> None:
    trainer.mode = 0


def end_too(trainer: "Moded") -> None:
    trainer.mode = 0  # note: [AC802]


def count(trainer: "Moded") -> None:
    trainer.made += 1


def show_mode(trainer: "Moded") -> None:
    print(trainer.mode)


def show_error(trainer: "Moded", error: BaseException) -> None:
    print(trainer.mode, error)


class Moded(Base):
    mode = 0

    def is_eval(self) -> bool:
        return self.mode == 1

    @property
    def is_training(self) -> bool:
        return self.mode == 0


class ByPath(Moded):
    callbacks = [("post-step", begin), ("post-step", when("mode", count)), ("post-step", end)]


class ByProperty(Moded):
    callbacks = [
        ("post-step", begin),
        ("post-step", unless("is_training", count)),
        ("post-step", end),
    ]


class ByLambda(Moded):
    callbacks = [
        ("post-step", begin),
        ("post-step", when(lambda s: s.mode == 1, count)),
        ("post-step", end),
    ]


class ByMethod(Moded):
    callbacks = [
        ("post-step", begin),
        ("post-step", when(lambda s: s.is_eval(), count)),
        ("post-step", end),
    ]


class ByNumber(Moded):
    callbacks = [
        ("post-step", begin),
        ("post-step", every(2, count, by="mode")),
        ("post-step", end),
    ]


class OfSomethingElse(Moded):
    callbacks = [
        ("post-step", begin),
        ("post-step", when("made", count)),
        ("post-step", when(lambda s: s.made > 1, count)),
        ("post-step", end_too),
    ]


def again(function: Callable[[Moded], None]) -> Callable[[Moded], None]:
    @wraps(function)
    def called(trainer: Moded) -> None:
        function(trainer)

    return called


class InsideADecorator(Moded):
    callbacks = [
        ("post-step", begin),
        ("post-step", when("made", again(when(lambda s: s.mode == 1, count)))),
        ("post-step", end),
    ]


class WhenItFails(Moded):
    callbacks = [
        ("pre-step", begin),
        ("pre-step", count),
        ("pre-step", end),
        ("post-step", on_error(show_error)),
    ]


class InAnyCase(Moded):
    callbacks = [
        ("post-step", always(show_mode)),
        ("post-step", begin),
        ("post-step", end),
    ]


class OfAnotherEvent(Moded):
    callbacks = [
        ("post-step", always(count)),
        ("post-step", begin),
        ("post-step", end_too),
        ("post-loss", always(show_mode)),
    ]


class Silenced(Parent):
    def post_step_callback(self) -> None:
        self.limit = 2.0  # arctic-codegen: ignore[AC802]


class Watched(Base):
    """An assignment runs code here."""

    @property
    def level(self) -> int:
        return self.made

    @level.setter
    def level(self, value: int) -> None:
        self.made += value

    def one(self) -> None:
        self.level = 1

    def two(self) -> None:
        self.level = 2

    callbacks = [("post-step", one), ("post-step", two)]


# A value that makes no difference.


def constant(trainer: Base, loss: float) -> float:  # note: [AC803]
    return 0.0


def shown(trainer: Base, loss: float) -> float:  # note: [AC803]
    print("the loss", loss)
    logger.info("%s", loss)
    return trainer.limit


def meant(trainer: Base, _loss: float) -> float:
    return 0.0


def depends(trainer: Base, loss: float) -> float:
    return loss / 2


def depends_by_a_test(trainer: Base, loss: float) -> float:
    if loss > 1:
        return 1.0
    return 0.0


def depends_by_an_attribute(trainer: Base, loss: float) -> float:
    trainer.limit = max(trainer.limit, loss)
    return trainer.limit


def always_fails(trainer: Base, loss: float) -> float:
    raise ValueError("no loss")


def by_names(trainer: Base, loss: float) -> float:
    return float(locals()["loss"])


class Values(Base):
    callbacks = [
        ("post-loss", constant),
        ("post-loss", shown),
        ("post-loss", meant),
        ("post-loss", depends),
        ("post-loss", depends_by_a_test),
        ("post-loss", depends_by_an_attribute),
        ("post-loss", by_names),
        ("post-loss", lambda self, loss: 0.0),  # note: [AC803]
        ("post-loss", lambda self, loss: loss),
        ("post-loss", always_fails),
        ("pre-step", lambda self: None),
    ]


# file: app/tools.py
from typing import Any


def show_name(trainer: Any) -> None:
    print(trainer.early_name)


def set_it(trainer: Any) -> None:
    trainer.by_function = 1


def limit(trainer: Any, value: float) -> None:
    trainer.limit = value


# file: app/script.py
from app.hazards import InTime


def main() -> None:
    trainer = InTime()
    trainer.elsewhere = 2
