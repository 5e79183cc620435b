"""Records in which call each rank of a run is, in a small memory-mapped file for each process.

A process stores the number of the call that it enters, and the time, without a system call. Readers
of the file see where the process is, or was when it ended.
"""

from __future__ import annotations

import json
import mmap
import os
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arctic_codegen.trace.sites import Site

_DEPTH = 60
_PID, _RANK, _WORKER, _OFFSET, _ENDED, _COUNT, _OPEN, _STACK = range(8)
"""Positions of 64-bit numbers: process, rank, whether it is a worker, wall clock minus monotonic
clock, whether the process has exited normally, calls started, open calls, and for each open call
its site and start."""
_SIZE = 8 * (_STACK + 2 * _DEPTH)
_SUFFIX, _NAMES = ".crumbs", ".names"


class Breadcrumbs:
    """The file of this process, with the calls of its main thread."""

    def __init__(self, folder: str) -> None:
        """Raises OSError if the folder cannot be written."""
        os.makedirs(folder, exist_ok=True)
        _remove_old(Path(folder))
        self._base = os.path.join(folder, f"{socket.gethostname()}-{os.getpid()}")
        file = os.open(self._base + _SUFFIX, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
        os.ftruncate(file, _SIZE)
        self._numbers = memoryview(mmap.mmap(file, _SIZE)).cast("q")
        os.close(file)
        self._numbers[_PID] = os.getpid()
        self._numbers[_OFFSET] = time.time_ns() - time.perf_counter_ns()
        self._main = threading.main_thread().ident

    def identify(self, rank: int, is_worker: bool) -> None:
        """Write the rank, which may become known late."""
        self._numbers[_RANK] = rank
        self._numbers[_WORKER] = is_worker

    def announce(self, sites: Sequence[Site]) -> None:
        """Write the meaning of the numbers of sites."""
        text = json.dumps({"host": socket.gethostname(), "sites": sites})
        unfinished = self._base + ".new"
        with open(unfinished, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(unfinished, self._base + _NAMES)

    def enter(self, site: int, began: int) -> None:
        """Record the start of a call."""
        if threading.get_ident() != self._main:
            return
        numbers = self._numbers
        depth = numbers[_OPEN]
        if depth < _DEPTH:
            place = _STACK + 2 * depth
            numbers[place] = site
            numbers[place + 1] = began
        numbers[_COUNT] += 1
        numbers[_OPEN] = depth + 1

    def leave(self) -> None:
        """Record the end of the innermost call."""
        if threading.get_ident() == self._main:
            self._numbers[_OPEN] -= 1

    def close(self) -> None:
        """Record that the process exits normally."""
        self._numbers[_ENDED] = 1


@dataclass(frozen=True)
class Whereabouts:
    """The current or last call of one process."""

    host: str
    pid: int
    rank: int
    is_worker: bool
    state: str
    """``runs``, ``ended``, or ``died``: the process was killed (detected on this host only)."""
    calls: int
    """How many calls it has started."""
    inside: bool
    """Whether it is in a compiled method."""
    site: Site
    """The innermost current call; outside compiled methods, the last one."""
    since: float
    """The start of that call, in seconds of the wall clock."""


def whereabouts(folder: Path) -> list[Whereabouts]:
    """Each process that has called a compiled method, by rank.

    Raises FileNotFoundError if there is none.
    """
    found = [one for path in sorted(folder.glob(f"*{_SUFFIX}")) if (one := _read(path)) is not None]
    if not found:
        raise FileNotFoundError(f"there are no breadcrumbs of a run in {folder}")
    return sorted(found, key=lambda one: (one.rank, one.is_worker, one.host, one.pid))


def _read(path: Path) -> Whereabouts | None:
    try:
        numbers = memoryview(path.read_bytes().ljust(_SIZE, b"\0")).cast("q")
        names = json.loads(path.with_suffix(_NAMES).read_text(encoding="utf-8"))
    except (OSError, TypeError, ValueError):
        return None  # the file is being created
    sites = [Site(*one) for one in names["sites"]]
    depth = min(numbers[_OPEN], _DEPTH)
    place = _STACK + 2 * max(depth - 1, 0)
    if not numbers[_COUNT] or numbers[place] >= len(sites):
        return None
    state = "runs"
    if numbers[_ENDED]:
        state = "ended"
    elif names["host"] == socket.gethostname() and not _is_alive(numbers[_PID]):
        state = "died"
    return Whereabouts(
        names["host"],
        numbers[_PID],
        numbers[_RANK],
        bool(numbers[_WORKER]),
        state,
        numbers[_COUNT],
        depth > 0,
        sites[numbers[place]],
        (numbers[place + 1] + numbers[_OFFSET]) / 1e9,
    )


def _remove_old(folder: Path) -> None:
    """Remove files of processes of this host that no longer exist."""
    for path in folder.glob(f"{socket.gethostname()}-*{_SUFFIX}"):
        pid = path.stem.rpartition("-")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            for suffix in (_NAMES, _SUFFIX):
                path.with_suffix(suffix).unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
