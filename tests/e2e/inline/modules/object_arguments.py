"""AC416: callback objects created with arguments that their classes do not accept (R66)."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from app import of_project
from arctic_codegen import CallbackMixin, every
from arctic_codegen.callbacks import Callback, EarlyStopping, NaNGuard, SpikeGuard, TensorBoardLogger

NONE = 0


class Base(CallbackMixin):
    def step(self) -> None: ...

    def loss(self) -> float:
        return 1.0

    def backward(self) -> None: ...

    def train(self) -> None: ...

    def evaluate(self) -> None: ...

    def checkpoint(self) -> None: ...


@dataclass
class Fields(Callback):
    one: int
    two: int = 2
    three: list[int] = field(default_factory=list)
    four: int = field(default=0, init=False)
    six: int = field(kw_only=True, default=6)
    shared: ClassVar[int] = 3

    def post_step(self, trainer: Base) -> None: ...


@dataclass
class More(Fields):
    seven: int = 7


class Plain(Callback):
    def __init__(self, one: int, /, two: int = 2) -> None: ...

    def post_step(self, trainer: Base) -> None: ...


class TakesAll(Callback):
    def __init__(self, *values: int, **more: int) -> None: ...

    def post_step(self, trainer: Base) -> None: ...


class WithoutInit(Callback, ABC):
    def post_step(self, trainer: Base) -> None: ...


class OfText(str):
    def __call__(self, trainer: Base) -> None: ...


class New:
    def __new__(cls, *values: Any) -> Any:
        return super().__new__(cls)

    def __call__(self, trainer: Base) -> None: ...


class Calls:
    def __init__(self, number: int) -> None: ...

    def __call__(self, trainer: Base) -> None: ...


class OwnInit(EarlyStopping):
    def __init__(self, name: str, mode: str = "auto", patience: int = 0) -> None:
        super().__init__("eval_" + name, "max" if mode == "auto" else mode, patience + 1)


class OwnCheck(EarlyStopping):
    def __post_init__(self) -> None:
        self.patience = max(1, self.patience)
        super().__post_init__()


def configurable(cls: type[Any]) -> type[Any]:
    made = cls.__init__

    def init(self: Any, *values: Any, verbose: bool = False, **more: Any) -> None:
        made(self, *values, **more)

    cls.__init__ = init
    return cls


@configurable
class Decorated(Callback):
    def __init__(self, one: int) -> None: ...

    def post_step(self, trainer: Base) -> None: ...


class Registers(Callback):
    def __init_subclass__(cls) -> None:
        dataclass(cls)


class Registered(Registers):
    one: int

    def post_step(self, trainer: Base) -> None: ...


by_name = partial(field, kw_only=True)


def hidden(value: Any = None) -> Any:
    return field(init=False, default=value)


@dataclass
class Helped(Callback):
    one: int = hidden()
    two: int = 2

    def post_step(self, trainer: Base) -> None: ...


@dataclass
class Partial(Callback):
    one: int = by_name()
    two: float = float("inf")

    def post_step(self, trainer: Base) -> None: ...


class SameName(Callback):
    def __init__(self, one: int, /, two: int, **more: int) -> None: ...

    def post_step(self, trainer: Base) -> None: ...


class NoSelf(Callback):
    def __init__(*values: Any, **more: Any) -> None: ...

    def post_step(self, trainer: Base) -> None: ...


stopping = EarlyStopping(patince=3)  # error: [AC416]


class Wrong(Base):
    callbacks = [
        *EarlyStopping(patience=3, mod="min"),  # error: [AC416]
        ("post-evaluate", stopping.post_evaluate),
        *TensorBoardLogger(),  # error: [AC416]
        *EarlyStopping("loss", "minimum"),  # error: [AC416]
        *EarlyStopping(patience=NONE, min_delta=-0.5),  # error: [AC416]
        *SpikeGuard(window="50"),  # error: [AC416]
        *SpikeGuard(factor=0.5),  # error: [AC416]
        *NaNGuard(action="skip"),  # error: [AC416]
        *Fields(),  # error: [AC416]
        *Fields(1, one=1),  # error: [AC416]
        *Fields(1, four=1),  # error: [AC416]
        *More(1, 2, [], 7, 8),  # error: [AC416]
        *Plain(one=1),  # error: [AC416]
        *SameName(1, 2, two=2),  # error: [AC416]
        *WithoutInit(1),  # error: [AC416]
        ("post-step", Calls()),  # error: [AC416]
        ("post-step", every(2, Calls(number=2, more=3))),  # error: [AC416]
        *of_project.Logger("x"),  # error: [AC416]
    ]


class Right(Base):
    callbacks = [
        *EarlyStopping("loss", "max", 3, 0.0),
        *SpikeGuard(factor=1.5, window=1 if SpikeGuard else 2, action="warn"),
        *TensorBoardLogger("logs"),
        *TensorBoardLogger(save_dir="logs"),
        *Fields(1, 2, [3]),
        *Fields(one=1, six=2),
        *More(1, 2, [3], 4, six=5),
        *Plain(1),
        *Plain(1, two=2),
        *TakesAll(1, 2, three=3),
        *WithoutInit(),
        ("post-step", OfText("x")),
        ("post-step", New(1, 2)),
        ("post-step", Calls(2)),
        *of_project.Logger(),
        *OwnInit("loss"),
        *OwnInit("loss", "auto", 0),
        *OwnInit("loss", patience=0),
        *OwnCheck(patience=0),
        *Decorated(1, verbose=True),
        *Registered(1),
        *Helped(2),
        *Partial(two=2),
        *Partial(2, one=1),
        *SameName(1, two=2, one=3),
        *NoSelf(1, 2, three=3),
    ]


# file: app/of_project.py
from typing import Any

from arctic_codegen.callbacks import Callback


class Logger(Callback):
    def __init__(self) -> None: ...

    def post_step(self, trainer: Any) -> None: ...
