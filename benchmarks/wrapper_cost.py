"""A wrapper around a callback, against the same statements in a hand-written subclass.

    python benchmarks/wrapper_cost.py [--rounds N] [--check]

An event with one callback under ``when``, ``every`` with ``by``, or ``always`` is compiled into a
temporary folder. The hand-written subclass has the ``if``, the quotient or the ``finally`` that one
would write. Both are called alternately.

A line of JSON is printed for each; with ``--check``, the exit code is 1 if a ratio exceeds its
bound.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from calling import build, finish, in_turns, options, row  # type: ignore[import-not-found]

BOUND = 1.1

SOURCE = """
from arctic_codegen import CallbackMixin, always, every, when

class Trainer(CallbackMixin):
    on = False
    number = 0
    def step(self, batch: int) -> int:
        self.number += batch
        return batch

def post(self: Trainer, value: int) -> int:
    return value

def end(self: Trainer) -> None:
    pass

class When(Trainer):
    callbacks = [("post-step", when("on", post))]

class Lambda(Trainer):
    callbacks = [("post-step", when(lambda self: not self.on, post))]

class By(Trainer):
    callbacks = [("post-step", every(100, post, by="number"))]

class Each(Trainer):
    callbacks = [("post-step", every(1, post, by="number"))]

class Always(Trainer):
    callbacks = [("post-step", always(end))]
"""
BY_HAND = """
class Trainer:
    on = False
    number = 0
    last = 0
    def step(self, batch: int) -> int:
        self.number += batch
        return batch

def post(self: Trainer, value: int) -> int:
    return value

def end(self: Trainer) -> None:
    pass

class When(Trainer):
    def step(self, batch: int) -> int:
        value = Trainer.step(self, batch)
        if self.on:
            value = post(self, value)
        return value

class Lambda(Trainer):
    def step(self, batch: int) -> int:
        value = Trainer.step(self, batch)
        if not self.on:
            value = post(self, value)
        return value

class Always(Trainer):
    def step(self, batch: int) -> int:
        try:
            return Trainer.step(self, batch)
        finally:
            end(self)
"""
COUNTING = """
class {name}(Trainer):
    def step(self, batch: int) -> int:
        value = Trainer.step(self, batch)
        passed = self.number // {n}
        if passed != self.last:
            self.last = passed
            if passed:
                value = post(self, value)
        return value
"""
CLASSES = {
    "When": "when, a path that is false",
    "Lambda": "when, a lambda that is true",
    "By": "every 100 by an attribute",
    "Each": "every 1 by an attribute, due at each call",
    "Always": "always",
}


def compiled_modules(folder: Path) -> tuple[Any, Any]:
    """The compiled module, and the one written by hand."""
    (folder / "wrapped_sources.py").write_text(SOURCE)
    (folder / "wrapped_by_hand.py").write_text(
        BY_HAND + COUNTING.format(name="By", n=100) + COUNTING.format(name="Each", n=1)
    )
    (folder / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["wrapped_sources.py"]\n'
    )
    build(folder)
    compiled = importlib.import_module("generated.wrapped_sources")
    return compiled, importlib.import_module("wrapped_by_hand")


def main() -> int:
    """Measures, prints, and compares with the bounds if requested."""
    arguments = options(__doc__, 1001)
    with tempfile.TemporaryDirectory() as folder:
        compiled, hand = compiled_modules(Path(folder))
    rows = []
    for name, what in CLASSES.items():
        ours, theirs = (getattr(module, name)() for module in (compiled, hand))
        found = in_turns(ours.step, theirs.step, arguments.rounds, 1000)
        rows.append(row(f"event with {what} / by hand", found, BOUND))
    return int(finish(rows, arguments))


if __name__ == "__main__":
    sys.exit(main())
