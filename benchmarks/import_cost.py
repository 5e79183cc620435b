"""Importing a compiled module of 10 classes, against importing its source.

Each measurement starts a new interpreter, which times the ``import`` statement itself. Bytecode is
cached, garbage collection is disabled, and the minimum of all rounds counts. Two lines of JSON are
printed, for two ways to count; with ``--check`` the exit code is 1 if one exceeds its bound.

- The first import in a process: ``import generated.trainers``, which imports the source, this
  package and everything that they need, against ``import trainers``, which also needs the package.
  It includes the staleness check of the lock file, the sources and the output.
- Each further module, after another compiled module has been imported: ``import
  generated.trainers`` after ``import trainers``, including the staleness check, against ``import
  trainers``. Also reported, without a bound: the cost of a hand-written module with the same
  subclasses (``by_hand_ratio``), and the sum of the source and the compiled or hand-written module,
  against the source (``with_source``). No module of ten subclasses is imported in half the time of
  the ten classes that it imports.

The classes are as small as possible: they have only two callbacks each.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from measuring import finish, options  # type: ignore[import-not-found]
from starting import BUILD, output_of  # type: ignore[import-not-found]

BOUNDS = (1.5, 1.75)
"""For the first import, and for each further one. Each includes the proof at import (R48)."""
CLASSES = 10
_BASE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    def step(self, batch: int) -> int:
        return batch

    def epoch(self) -> None: ...
"""
_CLASS = """
class Trainer{n}(Trainer):
    callbacks = [("post-step", lambda self, value: value + {n})]

    def post_epoch_callback(self) -> None:
        print({n})
"""
_HAND_BASE = """
from __future__ import annotations

import trainers as _source
"""
_HAND_CLASS = """
from trainers import Trainer{n} as _Trainer{n}


def _post_step_{n}(self: _Trainer{n}, value: int) -> int:
    return value + {n}


class Trainer{n}(_Trainer{n}):
    \"\"\"As `arctic-codegen` compiles it.\"\"\"

    __arctic_source__ = _Trainer{n}

    def epoch(self) -> None:
        _Trainer{n}.epoch(self)
        _Trainer{n}.post_epoch_callback(self)

    def step(self, batch: int) -> int:
        result: int = _Trainer{n}.step(self, batch)
        result = _post_step_{n}(self, result)
        return result
"""
_TIMED = """
import gc
from time import perf_counter_ns
{first}
gc.disable()
begun = perf_counter_ns()
import trainers
middle = perf_counter_ns()
import {second}
print(middle - begun, perf_counter_ns() - middle)
"""
_FURTHER = {kind: f"import {kind}.first" for kind in ("generated", "by_hand")}


def write(folder: Path) -> None:
    """Writes the source, the compiled module, and the hand-written one."""
    numbers = range(CLASSES)
    (folder / "trainers.py").write_text(_BASE + "".join(_CLASS.format(n=n) for n in numbers))
    (folder / "first.py").write_text(_BASE + _CLASS.format(n=0))
    (folder / "by_hand").mkdir()
    (folder / "by_hand" / "__init__.py").write_text("__all__: list[str] = []\n")
    first = _HAND_BASE + _HAND_CLASS.format(n=0)
    (folder / "by_hand" / "first.py").write_text(first.replace("trainers", "first"))
    hand = _HAND_BASE + "".join(_HAND_CLASS.format(n=n) for n in numbers)
    (folder / "by_hand" / "trainers.py").write_text(hand)
    (folder / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["first.py", "trainers.py"]\n'
    )
    output_of(BUILD, folder)


def timed(folder: Path, first: str, second: str) -> tuple[int, int]:
    """Nanoseconds of the source's import, and of the other module's after it, in a new process."""
    command = [sys.executable, "-c", _TIMED.format(first=first, second=second)]
    source, other = map(int, output_of(command, folder).split())
    return source, other


def row(what: str, bound: float, ours: float, theirs: float, **more: float) -> dict[str, Any]:
    """A result in the common format; the times are in nanoseconds."""
    return {
        "what": what,
        "ratio": round(ours / theirs, 3),
        "bound": bound,
        "ours_s": round(ours / 1e9, 5),
        "theirs_s": round(theirs / 1e9, 5),
        **{name: round(value, 3) for name, value in more.items()},
    }


def main() -> int:
    """Measures and prints the result."""
    arguments = options(__doc__, 41)
    kinds = {
        "whole": ("", "generated.trainers"),
        "further": (_FURTHER["generated"], "generated.trainers"),
        "hand": (_FURTHER["by_hand"], "by_hand.trainers"),
    }
    found: dict[str, list[tuple[int, int]]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        for number in range(-1, arguments.rounds):
            for kind, (first, second) in kinds.items():
                times = timed(folder, first, second)
                if number >= 0:  # the first round writes the bytecode
                    found[kind].append(times)
    whole, whole_source = min(map(sum, found["whole"])), min(one[0] for one in found["whole"])
    source = min(one[0] for kind in ("further", "hand") for one in found[kind])
    further, hand = (min(one[1] for one in found[kind]) for kind in ("further", "hand"))
    rows = [
        row(
            f"first import of {CLASSES} compiled classes, source included / of their source",
            BOUNDS[0],
            whole,
            whole_source,
        ),
        row(
            f"each further import of {CLASSES} compiled classes / of their source",
            BOUNDS[1],
            further,
            source,
            by_hand_ratio=hand / source,
            with_source=(source + further) / source,
            with_source_by_hand=(source + hand) / source,
        ),
    ]
    print(json.dumps(rows[0]))
    held = all(one["ratio"] <= one["bound"] for one in rows)
    return int(finish(rows[1], held, arguments))


if __name__ == "__main__":
    sys.exit(main())
