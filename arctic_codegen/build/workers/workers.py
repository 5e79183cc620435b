"""The workers of one build, as that build sees them."""

from __future__ import annotations

import os
import select
import sys
import time
import warnings
from collections.abc import Sequence
from typing import NamedTuple

from arctic_codegen.build.workers.wire import (
    AT_ONCE,
    DIVIDE,
    NOTHING,
    PACK,
    SIZE,
    Record,
    packed,
    read_at,
    unpacked,
    write_at,
)
from arctic_codegen.build.workers.worker import Ends, work

ENOUGH = 60_000
"""Bytes to scan from which on a second worker is of use."""

_PATIENCE = 0.5
"""Seconds for which a worker that is in the middle of a file is waited for."""


class Reply(NamedTuple):
    """What became of one file."""

    kind: int
    """One of the kinds in :mod:`arctic_codegen.build.workers.wire`."""
    data: bytes
    kept: bytes
    """The same as it is kept; empty where that was not asked for."""


class Workers:
    """At most two processes that scan files. They begin to load the parser at once, and hold
    nothing up: where they fail, whoever asked scans by itself."""

    def __init__(
        self, process: int, tasks: int, given: int, results: tuple[tuple[int, int], ...]
    ) -> None:
        self._process = process
        self._tasks = tasks
        self._given = given
        self._at = 0
        self._memory = {pipe: memory for memory, pipe in results}
        self._ends = [tasks, given, *(end for pair in results for end in pair)]
        self._pipes = select.poll()
        for pipe in self._memory:
            self._pipes.register(pipe, select.POLLIN)
        os.set_blocking(tasks, False)
        self._numbers: dict[str, int] = {}
        self._replies: dict[int, Reply] = {}
        self._count = 0
        self._open = 0
        self._is_divided = False
        self._is_idle = False
        self.works = True
        """Whether they can be asked: nothing has failed, and they have not been sent away."""

    def add(self, files: Sequence[tuple[str, bytes]], *, pack: bool) -> None:
        """Asks for files, by path, that have not been asked for before; the first ones first."""
        if not self.works:
            return
        records: list[Record] = []
        if not self._is_divided and len(files) > 1:
            self._is_divided = sum(len(data) for _, data in files) >= ENOUGH
            if self._is_divided:
                records.append((0, DIVIDE, 0, 0, 0))
        try:
            for path, data in files:
                name = os.fsencode(path)
                write_at(self._given, name + data, self._at)
                records.append((self._count, PACK if pack else 0, self._at, len(name), len(data)))
                self._numbers[path] = self._count
                self._count += 1
                self._open += 1
                self._at += len(name) + len(data)
            for first in range(0, len(records), AT_ONCE):
                self._send(b"".join(map(packed, records[first : first + AT_ONCE])))
        except (OSError, UnicodeEncodeError):
            self._give_up()

    def has(self, path: str) -> bool:
        """Whether a file has been asked for."""
        return path in self._numbers

    def result(self, path: str) -> Reply | None:
        """What became of a file that was asked for; ``None`` where it has to be scanned here."""
        number = self._numbers[path]
        try:
            while self.works and number not in self._replies:
                self._receive(self._pipes.poll())
        except OSError:
            self._give_up()
        reply = self._replies.pop(number, None)
        return None if reply is None or reply.kind == NOTHING else reply

    def dismiss(self) -> None:
        """Sends the workers away: they end by themselves. Files that nobody has waited for need not
        be scanned any more."""
        if not self._ends:
            return
        try:
            while self.works and (ready := self._pipes.poll(0)):
                self._receive(ready)
        except OSError:
            self.works = False
        self._is_idle = self.works and self._open == 0
        self._give_up()

    def end(self) -> None:
        """Waits until they have ended, which takes no time where they had nothing to do."""
        self.dismiss()
        if self._process:
            _leave(self._process, self._is_idle)
            self._process = 0

    def _give_up(self) -> None:
        self.works = False
        for end in self._ends:
            os.close(end)
        self._ends = []

    def _send(self, data: bytes) -> None:
        """Writes records; takes what comes back meanwhile, so that no side waits for the other."""
        while True:
            try:
                os.write(self._tasks, data)
            except BlockingIOError:
                self._pipes.register(self._tasks, select.POLLOUT)
                ready = self._pipes.poll()
                self._pipes.unregister(self._tasks)
                self._receive(ready)
            else:
                return

    def _receive(self, ready: Sequence[tuple[int, int]]) -> None:
        for pipe, _ in ready:
            if pipe == self._tasks:
                continue
            data = os.read(pipe, SIZE * AT_ONCE)
            if not data:
                raise OSError("a worker has gone")
            memory = self._memory[pipe]
            for number, kind, at, length, kept in unpacked(data):
                self._replies[number] = Reply(
                    kind, read_at(memory, at, length), read_at(memory, at + length, kept)
                )
                self._open -= 1


def begin() -> Workers | None:
    """Makes the first worker; ``None`` where that is not safe, or of no use."""
    if not _can_fork():
        return None
    ends: list[int] = []
    try:
        tasks = os.pipe()
        ends.extend(tasks)
        memory = []
        pipes = []
        for number in range(3):
            memory.append(os.memfd_create("arctic-codegen"))
            ends.append(memory[-1])
            if number:
                pipes.append(os.pipe())
                ends.extend(pipes[-1])
        with warnings.catch_warnings():
            # Python 3.12 warns of threads that it knows nothing of, such as those of libraries.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = _forked()
        if not process:
            work(
                Ends(
                    tasks[0], memory[0], tuple(zip(memory[1:], (w for _, w in pipes), strict=True))
                )
            )
    except OSError:  # no more processes or files, or no memory to share
        for end in ends:
            os.close(end)
        return None
    for end in (tasks[0], *(write for _, write in pipes)):
        os.close(end)
    results = tuple(zip(memory[1:], (read for read, _ in pipes), strict=True))
    return Workers(process, tasks[1], memory[0], results)


def _forked() -> int:
    """As ``os.fork``. An interrupt that comes meanwhile reaches this process alone: in the other
    one it would be taken for the end of the build."""
    import signal

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = os.fork()
        if not process:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        return process
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave(process: int, idle: bool) -> None:
    """Waits for the first worker, which waits for the second."""
    import signal

    try:
        if not idle:
            os.kill(process, signal.SIGTERM)
            deadline = time.monotonic() + _PATIENCE
            while os.waitpid(process, os.WNOHANG) == (0, 0):
                if time.monotonic() > deadline:
                    os.kill(process, signal.SIGKILL)
                    break
                time.sleep(0.005)
            else:
                return
        os.waitpid(process, 0)
    except OSError:
        pass  # somebody else has waited for it


def _can_fork() -> bool:
    """Whether there is a second processor, and a fork is safe: not beside other threads."""
    if not sys.platform.startswith("linux") or not hasattr(os, "memfd_create"):
        return False
    if len(os.sched_getaffinity(0)) < 2:
        return False
    # What has not been imported has neither started a thread nor made a process.
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        return False
    processes = sys.modules.get("multiprocessing.process")
    return processes is None or not processes.current_process().daemon
