"""1xx: names and bases that have to be followed."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.diagnostics.table.entry import Code

NAMES = (
    Code(
        "AC101",
        "base-not-found",
        "A base of a class with callbacks cannot be found.",
        "The base may define events and callbacks of its own. Without it neither the order of "
        "the callbacks nor the events are known.",
        """
from arctic_codegen import CallbackMixin
from company_trainers import BaseTrainer


class Trainer(BaseTrainer, CallbackMixin):
    def step(self) -> None:
        print("step")
""",
        """
from arctic_codegen import CallbackMixin
from base import BaseTrainer


class Trainer(BaseTrainer, CallbackMixin):
    def step(self) -> None:
        print("step")

# file: base.py
class BaseTrainer:
    pass
""",
    ),
    Code(
        "AC102",
        "callbacks-without-mixin",
        "A class declares callbacks, has a base that cannot be found, and no mixin in sight.",
        "If the missing base brings the mixin, the class should have been compiled. If not, "
        "its `callbacks` mean something else, and the warning can be ignored.",
        """
from company_trainers import BaseTrainer


class Trainer(BaseTrainer):
    callbacks = [("post-step", print)]
""",
        """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [("post-step", lambda self: print("after the step"))]

    def step(self) -> None:
        print("step")
""",
        Severity.WARNING,
    ),
    Code(
        "AC103",
        "name-not-found",
        "A name that decides an event or a callback is not defined.",
        "Python would raise a NameError, an AttributeError or an ImportError as soon as the "
        "module is imported.",
        """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [("post-step", report)]

    def step(self) -> None:
        print("step")
""",
        """
from arctic_codegen import CallbackMixin


def report(self: "Trainer") -> None:
    print("after the step")


class Trainer(CallbackMixin):
    callbacks = [("post-step", report)]

    def step(self) -> None:
        print("step")
""",
    ),
    Code(
        "AC104",
        "undecided-base",
        "A base of a class with callbacks is an expression that cannot be determined statically.",
        "Which class it is turns out only when the program runs, but callbacks are compiled "
        "before it does.",
        """
import os

from arctic_codegen import CallbackMixin


class Small(CallbackMixin):
    def step(self) -> None:
        print("small step")


class Large(CallbackMixin):
    def step(self) -> None:
        print("large step")


class Trainer(Large if os.environ.get("LARGE") else Small, CallbackMixin):
    pass
""",
        """
from arctic_codegen import CallbackMixin


class Small(CallbackMixin):
    def step(self) -> None:
        print("small step")


class Trainer(Small):
    pass
""",
    ),
)
