"""Making an object of a compiled class, against a hand-written subclass.

    python benchmarks/object_cost.py [--rounds N] [--check]

The classes are compiled into a temporary folder. One has a callback on each side of ``init``, which
the hand-written subclass calls itself; the other has callbacks only on another method. Both sides
set one attribute. A line of JSON is printed for each, with the cost of a check in ``__new__``,
which source classes avoid (ADR 1). With ``--check``, the exit code is 1 if a ratio exceeds its
bound.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from calling import build, finish, in_turns, options, row  # type: ignore[import-not-found]

BOUND = 1.1
_BODY = """
class Source{bases}:
    def __init__(self, scale: int = 2) -> None:
        self.scale = scale

    def step(self, batch: int) -> int:
        return batch * self.scale


def given(self: Source, scale: int) -> int:
    return scale


def made(self: Source) -> None:
    return None
"""
_SOURCES = """
from arctic_codegen import CallbackMixin
{body}

class WithInit(Source):
    callbacks = [("pre-init", given), ("post-init", made)]


class WithStep(Source):
    callbacks = [("pre-step", made)]
"""
_HAND = """
{body}

class WithInit(Source):
    def __init__(self, scale: int = 2) -> None:
        scale = given(self, scale)
        Source.__init__(self, scale)
        made(self)


class WithStep(Source):
    def step(self, batch: int) -> int:
        made(self)
        return Source.step(self, batch)


class WithNew(WithStep):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)
"""


def main() -> int:
    """Measures, prints, and compares with the bound if requested."""
    arguments = options(__doc__, 1001)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "made.py").write_text(_SOURCES.format(body=_BODY.format(bases="(CallbackMixin)")))
        (folder / "made_by_hand.py").write_text(_HAND.format(body=_BODY.format(bases="")))
        (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["made.py"]\n')
        build(folder)
        compiled = importlib.import_module("generated.made")
        hand = importlib.import_module("made_by_hand")
    rounds = arguments.rounds
    checked = in_turns(hand.WithNew, hand.WithStep, rounds, 500)
    rows = [
        row(
            "making an object, a callback on each side of init / by hand",
            in_turns(compiled.WithInit, hand.WithInit, rounds, 500),
            BOUND,
        ),
        row(
            "making an object, callbacks on other events / by hand",
            in_turns(compiled.WithStep, hand.WithStep, rounds, 500),
            BOUND,
            with_new_ns=round(checked.ours, 1),
        ),
    ]
    return int(finish(rows, arguments))


if __name__ == "__main__":
    sys.exit(main())
