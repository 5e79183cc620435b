"""AC201 to AC203: valid and invalid event strings."""

from enum import Enum
from functools import cached_property
from typing import final

from arctic_codegen import CallbackMixin


def note(self) -> None:
    print("note")


class Trainer(CallbackMixin):
    limit = 3

    def step(self) -> None:
        def inner() -> None: ...

    def run_all(self) -> None: ...

    @property
    def size(self) -> int:
        return 1

    @cached_property
    def total(self) -> int:
        return 1

    @staticmethod
    def helper() -> None: ...

    @classmethod
    def make(cls) -> None: ...

    @final
    def sealed(self) -> None: ...

    def __len__(self) -> int:
        return 0

    def pre_step_callback(self) -> None: ...


@final
class Sealed(CallbackMixin):
    callbacks = [
        ("pre-step", note),  # error: [AC202]
    ]

    def step(self) -> None: ...


class Right(Trainer):
    callbacks = [
        ("pre-step", note),
        ("pre-run-all", note),
        ("pre-run_all", note),  # warning: [AC218]
        ("post-init", note),
    ]


class Unknown(Trainer):
    callbacks = [
        ("pre-stpe", note),  # error: [AC201]
        ("post-inner", note),  # error: [AC201, AC202]
        ("pre-note", note),  # error: [AC201]
    ]

    def pre_stpe_callback(self) -> None: ...  # error: [AC201]

    def pre_step_callback_helper(self) -> None: ...

    def _pre_stpe_callback(self) -> None: ...


class NotAnEvent(Trainer):
    callbacks = [
        ("pre-size", note),  # error: [AC202]
        ("pre-total", note),  # error: [AC202]
        ("pre-helper", note),  # error: [AC202]
        ("pre-make", note),  # error: [AC202]
        ("pre-sealed", note),  # error: [AC202]
        ("pre-__len__", note),  # error: [AC202]
        ("pre-limit", note),  # error: [AC202]
        ("post-pre_step_callback", note),  # error: [AC202]
    ]


class Malformed(Trainer):
    callbacks = [
        ("before-step", note),  # error: [AC203]
        ("step", note),  # error: [AC203]
        ("pre-", note),  # error: [AC203]
        ("", note),  # error: [AC203]
        ("pre_step", note),  # error: [AC203]
    ]


class NoMembers(CallbackMixin, Enum):
    def step(self) -> None: ...

    def pre_step_callback(self) -> None: ...
