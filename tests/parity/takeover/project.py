"""The project for the checks: small classes on the real mixin and registry."""

from __future__ import annotations

BLOCKS = '''
import copy
import functools
from abc import ABC, abstractmethod

from arctic_training.callback.mixin import CallbackMixin, callback_wrapper
from arctic_training.registry import RegistryMeta

calls = []


def kept(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        calls.append("decorated")
        return function(*args, **kwargs)
    return inner


class Trainer(ABC, CallbackMixin, metaclass=RegistryMeta):
    """A root that is called as ArcticTraining's is."""

    @classmethod
    def _validate_subclass(cls) -> None:
        calls.append(f"validated {cls.__name__}")

    def __init__(self, size: int = 3) -> None:
        self.size = size

    @callback_wrapper("loss")
    def loss(self, batch: int) -> int:
        calls.append("loss")
        return batch + self.size

    @callback_wrapper("step")
    def step(self, batch: int) -> None:
        calls.append("step")

    @kept
    @callback_wrapper("evaluate")
    def evaluate(self) -> None:
        calls.append("evaluate")

    def unwrapped(self) -> int:
        calls.append("unwrapped")
        return 1


Trainer.step.__wrapped__.__annotations__["return"] = None
'''

COMMON = """
from abc import abstractmethod

from blocks import Trainer, calls


class Common(Trainer):
    \"\"\"Registered and abstract, in a module without a compiled class.\"\"\"

    name = "common"
    callbacks = [("post-step", lambda self: calls.append("common"))]

    @abstractmethod
    def more(self) -> None: ...
"""

TRAINERS = '''
import functools
from typing import ClassVar

from blocks import Trainer, calls, kept
from common import Common
from arctic_training.callback.mixin import CallbackMixin


def note(self) -> None:
    calls.append("note")


def tell(text: str, self) -> None:
    calls.append(text)


class Every:
    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, trainer) -> None:
        calls.append(f"every {self.n}")


def bound(text):
    hidden = object()
    return lambda self: calls.append((text, hidden is not None)[0])


class One(Trainer):
    name = "one"
    callbacks = [
        ("post-step", functools.partial(tell, "partial")),
        ("post-step", Every(2)),
        ("post-step", bound("closure")),
    ]

    def step(self, batch: int) -> None:
        super().step(batch)
        super().step(batch)


class Two(One):
    name = "two"

    def step(self, batch: int) -> None:
        calls.append("two")
        super().step(batch)

    def unwrapped(self) -> int:
        return super().unwrapped() + 1

    def pre_unwrapped_callback(self) -> None:
        calls.append("pre-unwrapped")


class Three(Two):
    name = "three"

    def step(self, batch: int) -> None:
        calls.append("three")
        super().step(batch)

    @kept
    def loss(self, batch: int) -> int:
        return super().loss(batch) * 2

    def post_loss_callback(self, value: int) -> int:
        calls.append("post-loss")
        return value + 1


class Made(Trainer):
    name = "made"
    made: ClassVar[int] = 0

    def __new__(cls, *args, **kwargs):
        cls.made += 1
        return super().__new__(cls, *args, **kwargs)

    def post_init_callback(self) -> None:
        calls.append("made")


class Concrete(Common):
    name = "concrete"

    def more(self) -> None:
        pass


class Unlisted(Trainer):
    name = "unlisted"


class Helper(CallbackMixin):
    """On the mixin, and not in the registry."""

    def run(self) -> str:
        return "run"

    def post_run_callback(self, value: str) -> str:
        return value + "!"


Unlisted.callbacks.append(("post-step", functools.partial(tell, "unlisted")))
One.callbacks.insert(0, ("post-step", functools.partial(tell, "first")))
'''

ACROSS = """
import functools

import trainers
from trainers import tell

trainers.One.callbacks.append(("post-step", functools.partial(tell, "far")))
"""

CONFIGURATION = """
[tool.arctic-codegen]
sources = ["blocks.py", "common.py", "trainers.py", "across.py"]
semantics = "documented"
late-callbacks = {late}
"""
