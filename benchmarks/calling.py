"""Helpers for the benchmarks of calls, which time two calls alternately in one process.

Both sides run in many short rounds, and the minimum of each side counts, since other programs make
a round longer, never shorter. Garbage collection is disabled meanwhile. Both sides are called
through a variable in the same loop, which has ten calls, so that the loop itself takes little time.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from starting import BUILD, output_of  # type: ignore[import-not-found]

Call = Callable[[Any], object]


class Pair(NamedTuple):
    """Nanoseconds per call of each side."""

    ours: float
    theirs: float


def in_turns(ours: Call, theirs: Call, rounds: int, calls: int, given: Any = 1) -> Pair:
    """Times both sides alternately, with one argument; ``calls`` is a multiple of ten."""
    best = [float("inf"), float("inf")]
    sides = (ours, theirs)
    # Python specializes a call site for the function that it calls: each side needs its own code.
    timers = tuple(FunctionType(_nanoseconds.__code__.replace(), globals()) for _ in sides)
    for timer, call in zip(timers, sides, strict=True):
        timer(call, given, calls)  # let Python specialize it
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(rounds):
            for side in (0, 1) if number % 2 else (1, 0):
                best[side] = min(best[side], timers[side](sides[side], given, calls))
    finally:
        if collecting:
            gc.enable()
    return Pair(best[0] / calls, best[1] / calls)


def _nanoseconds(call: Call, given: Any, calls: int) -> int:
    repeat = range(calls // 10)
    begun = time.perf_counter_ns()
    for _ in repeat:
        call(given)
        call(given)
        call(given)
        call(given)
        call(given)
        call(given)
        call(given)
        call(given)
        call(given)
        call(given)
    return time.perf_counter_ns() - begun


def row(what: str, found: Pair, bound: float | None, **more: Any) -> dict[str, Any]:
    """A result in the common format. Without a bound it is only reported."""
    return {
        "what": what,
        "ratio": _rounded(found.ours / found.theirs),
        "bound": bound,
        "ours_ns": round(found.ours, 1),
        "theirs_ns": round(found.theirs, 1),
        **more,
    }


def _rounded(ratio: float) -> float:
    """Rounds to three decimal places, or to three significant digits below 0.1."""
    return round(ratio, 3) if ratio >= 0.1 else float(f"{ratio:.3g}")


def options(doc: str | None, rounds: int) -> argparse.Namespace:
    """Parses ``--rounds`` and ``--check``."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--check", action="store_true", help="exit 1 if a bound is exceeded")
    return parser.parse_args()


def finish(rows: Sequence[dict[str, Any]], arguments: argparse.Namespace) -> int:
    """Prints a line of JSON for each row, and returns the exit code."""
    for one in rows:
        print(json.dumps(one))
    held = all(one["bound"] is None or one["ratio"] <= one["bound"] for one in rows)
    return int(arguments.check and not held)


def build(folder: Path) -> None:
    """Builds the project in a folder, and adds the folder to the search path."""
    output_of(BUILD, folder)
    sys.path.insert(0, str(folder))
