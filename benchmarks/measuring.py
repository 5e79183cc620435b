"""What the benchmarks of builds have in common: processes that are timed in turns.

The machine is noisy. Two commands are therefore run in turns, again and again, and their medians
are compared: of wall time, and of processor time, which other programs disturb less.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from starting import output_of  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parent.parent


class Spent(NamedTuple):
    """Seconds of one process."""

    wall: float
    processor: float


def spent(command: Sequence[str], folder: Path | None = None) -> Spent:
    """What a command takes that has to go well."""
    before = os.times()
    started = time.perf_counter()
    output_of(command, folder)
    wall = time.perf_counter() - started
    after = os.times()
    user = after.children_user - before.children_user
    return Spent(wall, user + after.children_system - before.children_system)


def python(text: str) -> tuple[str, ...]:
    """A command that runs a text."""
    return (sys.executable, "-c", text)


class Compared(NamedTuple):
    """Two things that were timed in turns: medians, and their ratios."""

    ours: Spent
    theirs: Spent

    @property
    def ratio(self) -> float:
        """Of processor times."""
        return self.ours.processor / self.theirs.processor

    @property
    def wall_ratio(self) -> float:
        """Of wall times."""
        return self.ours.wall / self.theirs.wall


def in_turns(ours: Callable[[], Spent], theirs: Callable[[], Spent], rounds: int) -> Compared:
    """Times both so many times."""
    first, second = [], []
    for _ in range(rounds):
        first.append(ours())
        second.append(theirs())
    return Compared(median(first), median(second))


def median(found: Sequence[Spent]) -> Spent:
    """The median of each."""
    return Spent(
        statistics.median(one.wall for one in found),
        statistics.median(one.processor for one in found),
    )


def options(doc: str | None, rounds: int) -> argparse.Namespace:
    """``--rounds`` and ``--check``."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--check", action="store_true", help="exit 1 if a bound is exceeded")
    return parser.parse_args()


def finish(result: dict[str, Any], held: bool, arguments: argparse.Namespace) -> int:
    """Prints a line of JSON; the exit code."""
    print(json.dumps(result))
    return int(arguments.check and not held)


def row(
    what: str, found: Compared, bound: float, *, by_clock: bool = False, **more: Any
) -> dict[str, Any]:
    """A result as all of these scripts print it: by processor time, or by the clock where both
    processors are at work and it is a person's time that has a bound."""
    times = {"ratio": round(found.ratio, 3), "wall_ratio": round(found.wall_ratio, 3)}
    seconds = found.ours.processor, found.theirs.processor
    if by_clock:
        times = {"ratio": round(found.wall_ratio, 3), "processor_ratio": round(found.ratio, 3)}
        seconds = found.ours.wall, found.theirs.wall
    ours, theirs = seconds
    return {
        "what": what,
        **times,
        "bound": round(bound, 3),
        "ours_s": round(ours, 3),
        "theirs_s": round(theirs, 3),
        **more,
    }
