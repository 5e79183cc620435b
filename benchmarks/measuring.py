"""Helpers for the benchmarks of builds, which time two commands alternately.

Machines are noisy. Therefore two commands run alternately several times, and their medians are
compared: of wall-clock time, and of processor time, which other programs disturb less.
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
    """The time that a command takes. Exits if it fails."""
    before = os.times()
    started = time.perf_counter()
    output_of(command, folder)
    wall = time.perf_counter() - started
    after = os.times()
    user = after.children_user - before.children_user
    return Spent(wall, user + after.children_system - before.children_system)


def python(text: str) -> tuple[str, ...]:
    """A command that runs Python code."""
    return (sys.executable, "-c", text)


class Compared(NamedTuple):
    """The medians of two commands that were timed alternately, and their ratios."""

    ours: Spent
    theirs: Spent

    @property
    def ratio(self) -> float:
        """The ratio of processor times."""
        return self.ours.processor / self.theirs.processor

    @property
    def wall_ratio(self) -> float:
        """The ratio of wall-clock times."""
        return self.ours.wall / self.theirs.wall


def in_turns(ours: Callable[[], Spent], theirs: Callable[[], Spent], rounds: int) -> Compared:
    """Times both alternately, ``rounds`` times."""
    first, second = [], []
    for _ in range(rounds):
        first.append(ours())
        second.append(theirs())
    return Compared(median(first), median(second))


def median(found: Sequence[Spent]) -> Spent:
    """The medians of wall-clock time and of processor time."""
    return Spent(
        statistics.median(one.wall for one in found),
        statistics.median(one.processor for one in found),
    )


def options(doc: str | None, rounds: int) -> argparse.Namespace:
    """Parses ``--rounds`` and ``--check``."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--check", action="store_true", help="exit 1 if a bound is exceeded")
    return parser.parse_args()


def finish(result: dict[str, Any], held: bool, arguments: argparse.Namespace) -> int:
    """Prints a line of JSON, and returns the exit code."""
    print(json.dumps(result))
    return int(arguments.check and not held)


def row(
    what: str, found: Compared, bound: float, *, by_clock: bool = False, **more: Any
) -> dict[str, Any]:
    """A result in the common format, with the ratio of processor time.

    With ``by_clock`` it has the ratio of wall-clock time: for commands that use several processors.
    """
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
