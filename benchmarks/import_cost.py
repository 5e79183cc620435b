"""Importing a compiled module of 10 classes, against importing its source.

Interpreters are started anew, and each times the statement ``import`` itself: all bytecode is
there, garbage is not collected, and the least time of all rounds counts. Two lines of JSON are
printed, since there are two ways to count; with ``--check`` the exit code is 1 where one exceeds
its bound.

- The first import in a process: ``import generated.trainers``, which imports the source, this
  package and all that these need, against ``import trainers``, which needs the package too. The
  staleness check of the lock file, the sources and the output is part of it.
- Each further module: another compiled module is there. The time of ``import generated.trainers``
  after ``import trainers``, the staleness check included, against that of ``import trainers``. Told
  beside it, without a bound: what a module with the same subclasses costs that is written by hand
  (``by_hand_ratio``), and the sum of the source and the compiled module, or of the source and the
  hand-written one, against the source (``with_source``): no module of ten subclasses is imported
  in half the time of the ten classes that it imports.

The classes are as small as they can be: nothing but two callbacks each.
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
"""Of the first import, and of each further one: each proves what its classes have (R48)."""
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
    """The source, the compiled module, and the one by hand."""
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
    """A result; times are given in ns."""
    return {
        "what": what,
        "ratio": round(ours / theirs, 3),
        "bound": bound,
        "ours_s": round(ours / 1e9, 5),
        "theirs_s": round(theirs / 1e9, 5),
        **{name: round(value, 3) for name, value in more.items()},
    }


def main() -> int:
    """Measures and prints."""
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
                if number >= 0:  # the first one writes the bytecode
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
