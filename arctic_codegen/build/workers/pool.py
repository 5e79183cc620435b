"""The workers of one build, as that build sees them."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from arctic_codegen.build.workers.channel import Channel
from arctic_codegen.build.workers.worker import work

_PATIENCE = 0.5
"""Seconds for which a worker that is in the middle of a file is waited for."""


class Reply(NamedTuple):
    """What became of one file."""

    kind: str
    """One of the kinds in :mod:`arctic_codegen.build.workers.worker`."""
    data: bytes
    kept: bytes
    """The same as it is kept; empty where that was not asked for."""


class _Worker:
    """What one of them has been given."""

    def __init__(self, tasks: Channel, results: Channel) -> None:
        self.tasks = tasks
        self.results = results
        self.size = 0
        self.waiting: deque[str] = deque()


class Workers:
    """Two processes that scan files. They begin to load the parser at once, and hold nothing up:
    where they fail, whoever asked scans by itself."""

    def __init__(self, process: int, tasks: Sequence[Channel], results: Sequence[Channel]) -> None:
        """``process`` is that of the first, which makes the second."""
        self._process = process
        self._workers = [_Worker(*pair) for pair in zip(tasks, results, strict=True)]
        for channel in tasks:
            os.close(channel.taking)
            os.set_blocking(channel.sending, False)
        for channel in results:
            os.close(channel.sending)
        self._given: dict[str, _Worker] = {}
        self._replies: dict[str, Reply] = {}
        self.works = True
        """Whether they can be asked: nothing has failed, and they have not been sent away."""

    def add(self, files: Sequence[tuple[str, bytes]], *, pack: bool) -> None:
        """Asks for files, by path, that have not been asked for before; the first ones first."""
        try:
            for path, data in files if self.works else ():
                worker = min(self._workers, key=lambda one: one.size)
                worker.tasks.send((path, data, pack))
                worker.size += len(data)
                worker.waiting.append(path)
                self._given[path] = worker
        except OSError:
            self.dismiss()

    def has(self, path: str) -> bool:
        """Whether a file has been asked for."""
        return path in self._given

    def result(self, path: str) -> Reply | None:
        """What became of a file; ``None`` where it has to be scanned here."""
        try:
            while self.works and self.has(path) and path not in self._replies:
                worker = self._given[path]
                reply = worker.results.take()
                if reply is None:
                    raise OSError("a worker has gone")
                self._replies[worker.waiting.popleft()] = Reply(*reply)
        except OSError:
            self.dismiss()
        found = self._replies.pop(path, None)
        return found if found is not None and found.data else None

    def dismiss(self) -> None:
        """Sends the workers away: they end by themselves. Files that nobody has waited for need not
        be scanned any more."""
        if self.works:
            self.works = False
            for one in self._workers:
                for end in (one.tasks.memory, one.tasks.sending):
                    os.close(end)
                for end in (one.results.memory, one.results.taking):
                    os.close(end)

    def end(self) -> None:
        """Waits until they have ended, which takes no time where they had nothing to do."""
        self.dismiss()
        if self._process:
            _end(self._process)
            self._process = 0


def begin() -> Workers | None:
    """Makes the first worker; ``None`` where that is not safe, or of no use."""
    if not _can_fork():
        return None
    made: list[Channel] = []
    try:
        for _ in range(4):
            made.append(Channel())
        with warnings.catch_warnings():
            # Python 3.12 warns of threads that it knows nothing of, such as those of libraries.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = _forked()
    except OSError:  # no more processes or files, or no memory to share
        for channel in made:
            for end in (channel.memory, channel.taking, channel.sending):
                os.close(end)
        return None
    if not process:
        work(made[:2], made[2:])
    return Workers(process, made[:2], made[2:])


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


def _end(process: int) -> None:
    """Ends the first worker, which ends the second, and waits for it."""
    import signal

    try:
        os.kill(process, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE
        while os.waitpid(process, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
                return
            time.sleep(0.001)
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
