"""Runs all benchmarks and writes docs/performance.md.

    python benchmarks/bench.py [--quick] [--only SCRIPT...]

``--quick`` skips growth to 4,000 modules, and runs few rounds. ``--only`` runs only some scripts
and prints their tables; the page is not written.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"
HEAD = """\
# Performance

Written by `make bench`; do not edit. Every figure is a ratio measured in one run: both sides run
alternately, because machines are noisy.
"""
BUILDS = """\
## Builds

Ratios of processor time, from the medians of whole processes; seconds are those of the two sides. A
cold build parses on both processors, so its wall-clock time counts. [ADR
10](adr/0010-what-is-kept.md) describes what a build caches. The edit of the base class changes the
output of every module, so all of them are resolved and written again, and only parsing is saved.
"""
IMPORTS = """\
## Imports

Measured in fresh interpreters that time the import itself. The first import in a process includes
the source, this package and the modules of the standard library that they need, on both sides, and
the staleness check. A further import is that of the compiled module, including this check, after
its source has been imported.
"""
CALLS = """\
## Calls

Measured in one process: the minimum of many short rounds of each side. Callbacks and methods return
their arguments: in a program that does any work, these differences disappear. Hand-written
subclasses are in the same module as the class that they derive from. ArcticTraining's runtime gets
an integer, the cheapest argument for it, unless a batch (two small tensors) is named.
"""
PEERS = """\
## Other frameworks

The time that one callback around a step adds to it, with each framework called as in its
documentation:
"""


class Script(NamedTuple):
    """A script, its arguments, and its arguments with ``--quick`` (``None``: skipped)."""

    name: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] | None = ("--rounds", "1")


class Section(NamedTuple):
    """A section of the page: its text, its scripts, and the function that formats their lines."""

    text: str
    scripts: tuple[Script, ...]
    shown: Callable[[list[dict[str, Any]]], str]


def lines_of(script: Script, quick: bool) -> list[dict[str, Any]]:
    """The lines of JSON that a script prints, and a line with the reason if it fails."""
    print(f"{script.name} ...", file=sys.stderr, end="", flush=True)
    arguments = script.arguments if not quick or script.quick is None else script.quick
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(HERE / script.name), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    print(f" {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not found:
        reason = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        found.append({"what": script.name, "failed": " ".join(reason)})
    return found


def machine() -> str:
    """Describes the machine."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        if names:
            model = names[0].partition(":")[2].strip()
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{model}, {cpus} processors, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {datetime.date.today().isoformat()}"
    )


def load() -> str:
    """The current load average."""
    return ", ".join(f"{one:.1f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "?"


def table(results: list[dict[str, Any]]) -> str:
    """A table of ratios with their bounds, and the times of both sides."""
    rows = ["| what / against | ratio | bound | met | times |", "|---|---|---|---|---|"]
    for one in results:
        if "failed" in one:
            rows.append(f"| {one['what']} | failed: {one['failed']} | | | |")
            continue
        ratios = [one["ratio"], *([one["memory_ratio"]] if "memory_ratio" in one else [])]
        shown = f"{one['ratio']}" + (f", memory {ratios[1]}" if len(ratios) > 1 else "")
        if "processor_ratio" in one:
            shown += f" by the clock ({one['processor_ratio']} of processor time)"
        bound = one["bound"]
        held = "" if bound is None else "yes" if max(ratios) <= bound else "**no**"
        rows.append(
            f"| {one['what']} | {shown} | {'' if bound is None else f'{bound:.4g}'} | {held} "
            f"| {times_of(one)} |"
        )
    return "\n".join(rows)


def times_of(one: dict[str, Any]) -> str:
    """The times of both sides, with their unit."""
    for keys, unit in (
        (("ours_s", "theirs_s"), "s"),
        (("check_s", "mypy_s"), "s"),
        (("ours_ns", "theirs_ns"), "ns"),
    ):
        if keys[0] in one:
            return " / ".join(_number(one[key]) for key in keys) + f" {unit}"
    if "counts" in one:
        return " of ".join(map(str, one["counts"]))
    return " / ".join(map(_number, one.get("seconds", ()))) + " s"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def imports(results: list[dict[str, Any]]) -> str:
    """The table, and the cost of a hand-written module."""
    told = ""
    for one in results:
        if "by_hand_ratio" in one:
            told = (
                f"\n\nA module with the same ten subclasses written by hand takes "
                f"{one['by_hand_ratio']} of its source. Source and compiled module together take "
                f"{one['with_source']} of the source, source and hand-written module "
                f"{one['with_source_by_hand']}."
            )
    return table(results) + told


def peers(results: list[dict[str, Any]]) -> str:
    """A table of nanoseconds by framework."""
    rows = ["| framework | ns |", "|---|---|"]
    for one in results:
        if "failed" in one:
            rows.append(f"| {one['what']} | failed: {one['failed']} |")
            continue
        rows.append(f"| compiled, one callback on each side | {one['compiled']} |")
        rows += [f"| {name} | {taken} |" for name, taken in one["peers"].items()]
        rows += [f"| {name} | {why} |" for name, why in one["skipped"].items()]
    return "\n".join(rows)


SECTIONS = (
    Section(
        BUILDS,
        (
            Script("no_op.py", ("--rounds", "15")),
            Script("cold_build.py", ("--rounds", "3")),
            Script("large_bases.py", ("--rounds", "3")),
            Script("edits.py", ("--rounds", "1")),
            Script("growth.py", quick=None),
            Script("check.py"),
            Script("step_cost.py", quick=("--rounds", "5")),
            Script("large_text.py"),
        ),
        table,
    ),
    Section(IMPORTS, (Script("import_cost.py", quick=("--rounds", "5")),), imports),
    Section(
        CALLS,
        (
            Script("event_cost.py", quick=("--rounds", "100")),
            Script("wrapper_cost.py", quick=("--rounds", "100")),
            Script("object_cost.py", quick=("--rounds", "100")),
            Script("trace_cost.py", quick=("--rounds", "20")),
            Script("arctic_training_cost.py", quick=("--rounds", "100")),
        ),
        table,
    ),
    Section(PEERS, (Script("dispatch_peers.py", quick=()),), peers),
)


def written(sections: Sequence[Section], quick: bool) -> str:
    """Runs the scripts, and returns the text of the sections."""
    parts = []
    for text, scripts, shown in sections:
        found = []
        for script in scripts:
            if not (quick and script.quick is None):
                found += lines_of(script, quick)
        parts.append(f"{text}\n{shown(found)}\n")
    return "\n".join(parts)


def main() -> int:
    """Runs the benchmarks, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", metavar="SCRIPT", default=())
    arguments = parser.parse_args()
    described = f"Measured on: {machine()}; load average when it began {load()}"
    chosen: tuple[Section, ...] = SECTIONS
    if arguments.only:
        chosen = tuple(
            section._replace(scripts=some)
            for section in SECTIONS
            if (some := tuple(one for one in section.scripts if one.name in arguments.only))
        )
    text = written(chosen, arguments.quick)
    page = f"{HEAD}\n{described}, when it ended {load()}.\n\n{text}"
    if arguments.only:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
