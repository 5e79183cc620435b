"""The trace of one process, in Chrome's format, which Perfetto and speedscope open.

The format is that of "Trace Event Format" (Google, 2016), as an array. The array need not be
closed, so the trace of a killed run is readable. Times are microseconds of the monotonic clock; one
of the first events contains the wall clock at such a time, so that ranks can be aligned.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterable, Sequence
from typing import Any

from arctic_codegen.trace.sites import Site, Total

CLOCK, TOTALS = "arctic-codegen clock", "arctic-codegen totals"


def path_of(file: str, rank: int, worker: int | None) -> str:
    """The file of one process: ``trace.json`` for rank 0, ``trace.rank1.json`` for rank 1,
    ``trace.rank1.worker4711.json`` for one of its workers."""
    root, extension = os.path.splitext(file)
    if rank or worker is not None:
        root += f".rank{rank}"
    if worker is not None:
        root += f".worker{worker}"
    return root + extension


class TraceFile:
    """Appends events to the file of one process."""

    def __init__(self, file: str, rank: int, is_worker: bool) -> None:
        """Raises OSError if the file cannot be written."""
        self._pid = os.getpid()
        self.path = path_of(file, rank, self._pid if is_worker else None)
        os.makedirs(os.path.dirname(self.path) or ".", exist_ok=True)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
        name = f"rank {rank}" + (f", worker {self._pid}" if is_worker else "")
        clock = {
            "wall_minus_monotonic_ns": time.time_ns() - time.perf_counter_ns(),
            "rank": rank,
            "worker": is_worker,
            "host": socket.gethostname(),
        }
        first = [self._metadata("process_name", {"name": name}), self._metadata(CLOCK, clock)]
        self._append("[\n" + "".join(json.dumps(event) + ",\n" for event in first))
        self._texts: dict[int, str] = {}
        self._threads: dict[int, int] = {}

    def _metadata(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "ph": "M", "pid": self._pid, "tid": 0, "args": arguments}

    def write(self, sites: Sequence[Site], ended: Iterable[tuple[int, int, int, int]]) -> None:
        """Append calls, each with its site, start, end and thread."""
        lines = []
        for site, began, end, thread in ended:
            text = self._texts.get(site)
            if text is None:
                text = self._texts[site] = self._text(sites[site])
            tid = self._threads.setdefault(thread, len(self._threads))
            lines.append(f'{text}"ts":{began / 1000},"dur":{(end - began) / 1000},"tid":{tid}}},\n')
        self._append("".join(lines))

    def _text(self, site: Site) -> str:
        """The JSON of an event before its times."""
        event = {
            "name": site.name,
            "cat": site.kind,
            "ph": "X",
            "pid": self._pid,
            "args": {"module": site.module, "class": site.cls, "event": site.event},
        }
        return json.dumps(event)[:-1] + ","

    def close(self, totals: Sequence[Total]) -> None:
        """Write the totals of all calls, and end the array."""
        known = [
            {
                **total.site._asdict(),
                "calls": total.calls,
                "total_ns": total.total,
                "longest_ns": total.longest,
            }
            for total in totals
        ]
        self._append(json.dumps(self._metadata(TOTALS, {"sites": known})) + "\n]\n")
        os.close(self._file)

    def _append(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._file, data) :]
