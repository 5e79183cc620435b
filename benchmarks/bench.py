"""Runs all benchmarks and writes docs/performance.md.

    python benchmarks/bench.py [--quick]

``--quick`` leaves out growth to 4,000 modules, and takes few rounds.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"
BUILDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("no_op.py", ("--rounds", "15")),
    ("cold_build.py", ("--rounds", "1")),
    ("edits.py", ("--rounds", "1")),
    ("growth.py", ()),
    ("import_cost.py", ()),
    ("check.py", ()),
)
CALLS = (
    ("event_cost.py", ()),
    ("arctic_training_cost.py", ()),
    ("object_cost.py", ()),
    ("step_cost.py", ()),
    ("dispatch_peers.py", ()),
)
SLOW = ("growth.py",)
HEAD = """\
# Performance

Written by `make bench`; do not edit. Every figure of a build is a ratio measured in one run, of
processor time: both sides are run in turns, and their medians are compared, because machines are
noisy. How a build gets there is in [ADR 10](adr/0010-what-is-kept.md).
"""


def lines_of(script: str, arguments: tuple[str, ...]) -> list[dict[str, Any]]:
    """What a script prints; where it fails, that."""
    print(f"{script} ...", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return found or [{"what": script, "failed": done.stderr.strip().splitlines()[-1:]}]


def machine() -> str:
    """The machine in words."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        if names:
            model = names[0].partition(":")[2].strip()
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
    return (
        f"{model}, {cpus} processors, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load average when it began {load}; "
        f"{datetime.date.today().isoformat()}"
    )


def table(results: list[dict[str, Any]]) -> str:
    """The ratios as a table."""
    rows = ["| what / against | ratio | bound | held | seconds |", "|---|---|---|---|---|"]
    for one in results:
        if "failed" in one or "ratio" not in one:
            rows.append(f"| {one.get('what', '?')} | failed: {one.get('failed')} | | | |")
            continue
        ratios = [one["ratio"], *([one["memory_ratio"]] if "memory_ratio" in one else [])]
        shown = f"{one['ratio']}" + (f", memory {ratios[1]}" if len(ratios) > 1 else "")
        held = "yes" if max(ratios) <= one["bound"] else "**no**"
        seconds = " / ".join(
            str(one[key]) for key in ("ours_s", "theirs_s", "check_s", "mypy_s") if key in one
        )
        seconds = seconds or " / ".join(map(str, one.get("seconds", ())))
        rows.append(f"| {one['what']} | {shown} | {one['bound']} | {held} | {seconds} |")
    return "\n".join(rows)


def main() -> int:
    """Runs, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    described = machine()
    builds: list[dict[str, Any]] = []
    for script, arguments in BUILDS:
        if not (quick and script in SLOW):
            builds += lines_of(script, ("--rounds", "1") if quick else arguments)
    parts = [HEAD, f"Measured on: {described}.\n", "## Builds\n", table(builds), ""]
    parts += ["## Calls\n", "As each script prints it:\n", "```json"]
    for script, arguments in CALLS:
        for one in lines_of(script, arguments):
            parts.append(json.dumps({"script": script, **one}))
    parts += ["```", ""]
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    for one in builds:
        print(json.dumps(one))
    return 0


if __name__ == "__main__":
    sys.exit(main())
