"""AC406 and AC409: a callback ends at a call that never returns."""

import os
import sys
import typing
from typing import NoReturn

from arctic_codegen import CallbackMixin


def fail(message: str) -> NoReturn:
    raise RuntimeError(message)


def warn(message: str) -> None:
    print(message)


class Tools:
    @staticmethod
    def fail() -> "typing.NoReturn":
        raise SystemExit


class Trainer(CallbackMixin):
    def step(self, batch: int) -> int:
        return batch

    def give_up(self) -> NoReturn:
        raise RuntimeError


def by_function(self: Trainer, batch: int) -> int:
    if batch:
        return batch
    warn("no batch")
    fail("no batch")


def by_class(self: Trainer, batch: int) -> int:
    try:
        return batch
    except ValueError:
        Tools.fail()
    except TypeError:
        sys.exit(1)
    except KeyError:
        os._exit(2)


def by_method(self: Trainer, batch: int) -> int:
    for _ in range(3):
        if batch:
            return batch
    else:
        self.give_up()


def by_both(self: Trainer, batch: int) -> int:
    match batch:
        case 1:
            return batch
        case 2:
            fail("two")
        case _:
            self.give_up()


def one_path(self: Trainer, batch: int) -> int:  # error: [AC406]
    if batch > 2:
        return batch
    if batch:
        fail("small")


def other_function(self: Trainer, batch: int) -> int:  # error: [AC406]
    if batch:
        return batch
    warn("no batch")


def shadowed(self: Trainer, batch: int) -> int:  # error: [AC406]
    fail = print
    if batch:
        return batch
    fail("no batch")


class Sub(Trainer):
    callbacks = [
        ("pre-step", by_function),
        ("pre-step", by_class),
        ("pre-step", by_method),
        ("pre-step", by_both),
        ("pre-step", one_path),
        ("pre-step", other_function),
        ("pre-step", shadowed),
    ]

    def post_step_callback(self, value: int) -> int:
        with open("log"):
            if value:
                return value
            self.give_up()

    def pre_step_callback(self, batch: int) -> int:  # error: [AC406]
        with open("log"):
            if batch:
                return batch
            self.step(batch)
