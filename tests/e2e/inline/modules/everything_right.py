"""Valid forms: there are no findings here."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar

import arctic_codegen
from arctic_codegen import CallbackMixin, replaces_inherited

if TYPE_CHECKING:
    from nowhere import Nothing

try:
    from nowhere import optional_function
except ImportError:

    def optional_function(self: Any) -> None: ...


T = TypeVar("T")


def keep(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


def every(n: int, function: Callable[..., Any]) -> Callable[[Any], None]:
    def run(self: Any) -> None:
        if self.count % n == 0:
            function(self)

    return run


class Every:
    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, trainer: Any) -> None: ...

    def act(self, trainer: Any) -> None: ...


every_ten = Every(10)


def log(self: Any) -> None: ...


@keep
def kept(self: Any, batch: int) -> int:
    return batch


def scaled(self: Any, batch: int, by: int) -> int:
    return batch * by


def also(self: Any) -> None:
    print("also")


class Trainer(CallbackMixin, Generic[T], ABC):
    count = 0
    shared: list[tuple[str, Callable[..., Any]]] = [("pre-step", log)]

    @abstractmethod
    def step(self, batch: T) -> T: ...

    def later(self, value: Nothing) -> Nothing:
        return value


class Small(Trainer[int]):
    callbacks = [
        ("pre-step", kept),
        ("pre-step", partial(scaled, by=2)),
        ("pre-step", every(10, log)),
        ("pre-step", Every(10)),
        ("pre-step", every_ten),
        ("pre-step", every_ten.act),
        ("pre-step", optional_function),
        *Trainer.shared,
        *[(f"{phase}-later", log) for phase in ("pre",)],
    ]

    def step(self, batch: int) -> int:
        return batch

    def post_step_callback(self, value: int) -> int:
        return value


class Smaller(Small):
    callbacks = Small.callbacks + [("pre-step", also)] if sys.version_info >= (3, 8) else []

    @replaces_inherited
    def post_step_callback(self, value: int) -> int:
        return value


class Smallest(arctic_codegen.CallbackMixin):
    def step(self) -> None: ...

    pre_step_callback = None
