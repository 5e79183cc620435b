"""Reads traces, merges them on one clock, and sums them up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from arctic_codegen.trace.sites import Site, Total
from arctic_codegen.trace.trace_file import CLOCK, TOTALS


class NoTraceError(ValueError):
    """A file is not a trace from this tool."""


def read(path: Path) -> list[dict[str, Any]]:
    """The events of a trace, without the incomplete end of a killed run.

    Raises NoTraceError if the file is not a trace, and OSError if it cannot be read.
    """
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    events = []
    for line in lines[1:] if lines[:1] == ["["] else ():
        try:
            event = json.loads(line.rstrip(","))
        except ValueError:
            continue  # an incomplete last line, or the end of the array
        if isinstance(event, dict):
            events.append(event)
    if not any(event.get("name") == CLOCK for event in events):
        raise NoTraceError(f"{path} is not a trace written by arctic-codegen")
    return events


def merge(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """The events of several ranks on one clock, which starts with the earliest of them.

    Each file gets its own process number, since those of different hosts may be equal. The
    clocks of hosts differ as much as their wall clocks do.

    Raises NoTraceError and OSError like :func:`read`.
    """
    merged: list[dict[str, Any]] = []
    for number, path in enumerate(paths):
        events = read(path)
        clock = next(event for event in events if event["name"] == CLOCK)["args"]
        offset = clock["wall_minus_monotonic_ns"] / 1000
        for event in events:
            event["pid"] = number
            if "ts" in event:
                event["ts"] += offset
        order = {"name": "process_sort_index", "ph": "M", "pid": number, "tid": 0}
        merged += [{**order, "args": {"sort_index": clock["rank"]}}, *events]
    first = min((event["ts"] for event in merged if "ts" in event), default=0.0)
    for event in merged:
        if "ts" in event:
            event["ts"] = round(event["ts"] - first, 3)
    return merged


def totals(events: Iterable[dict[str, Any]]) -> list[Total]:
    """The totals at the end of a trace; if a killed run has none, those of its single events."""
    events = list(events)
    for event in events:
        if event["name"] == TOTALS:
            return [_total(one) for one in event["args"]["sites"]]
    singles: dict[Site, list[int]] = {}
    for event in events:
        if event["ph"] == "X":
            where = event["args"]
            site = Site(
                where["module"], where["class"], where["event"], event["cat"], event["name"]
            )
            singles.setdefault(site, []).append(round(event["dur"] * 1000))
    return [Total(site, len(took), sum(took), max(took)) for site, took in singles.items()]


def added(files: Iterable[Iterable[Total]]) -> list[Total]:
    """The sums of the totals of several files."""
    found: dict[Site, Total] = {}
    for total in (total for file in files for total in file):
        site = total.site
        was = found.get(site, Total(site, 0, 0, 0))
        found[site] = Total(
            site,
            was.calls + total.calls,
            was.total + total.total,
            max(was.longest, total.longest),
        )
    return list(found.values())


def _total(known: dict[str, Any]) -> Total:
    site = Site(*(known[name] for name in Site._fields))
    return Total(site, known["calls"], known["total_ns"], known["longest_ns"])
