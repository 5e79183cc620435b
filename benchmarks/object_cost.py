"""What making an object of a compiled class costs, against a subclass that is written by hand.

Prints one line of JSON. Run it with ``python benchmarks/object_cost.py``.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import timeit
from typing import Any

from arctic_codegen import CallbackMixin
from arctic_codegen.runtime import closed

NUMBER = 200_000
REPEATS = 9


def log(self: Any) -> None:
    """A callback."""


class Source(CallbackMixin):
    """What a person writes."""

    callbacks = [("post-step", log)]

    def __init__(self, scale: int = 2) -> None:
        self.scale = scale

    def step(self, batch: int) -> int:
        """An event."""
        return batch * self.scale


class Compiled(Source):
    """What a build writes."""

    __arctic_source__ = Source
    callbacks = closed(("post-step", log))

    def step(self, batch: int) -> int:
        result = Source.step(self, batch)
        log(self)
        return result


class PlainSource:
    """The same without this package."""

    def __init__(self, scale: int = 2) -> None:
        self.scale = scale

    def step(self, batch: int) -> int:
        """An event."""
        return batch * self.scale


class ByHand(PlainSource):
    """The subclass that a person would write."""

    def step(self, batch: int) -> int:
        result = PlainSource.step(self, batch)
        log(self)
        return result


class WithNew(PlainSource):
    """What a check in ``__new__`` would cost."""

    def __new__(cls, *args: Any, **kwargs: Any) -> WithNew:
        return super().__new__(cls)


def nanoseconds(statement: str) -> float:
    """The best median of one execution."""
    timer = timeit.Timer(statement, globals={**globals(), "made": Compiled(), "hand": ByHand()})
    return statistics.median(timer.repeat(REPEATS, NUMBER)) / NUMBER * 1e9


def main() -> None:
    """Measures, and prints."""
    result = {
        "benchmark": "object_cost",
        "python": platform.python_version(),
        "make_compiled_ns": round(nanoseconds("Compiled(3)"), 1),
        "make_by_hand_ns": round(nanoseconds("ByHand(3)"), 1),
        "make_with_new_ns": round(nanoseconds("WithNew(3)"), 1),
        "step_compiled_ns": round(nanoseconds("made.step(3)"), 1),
        "step_by_hand_ns": round(nanoseconds("hand.step(3)"), 1),
    }
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
