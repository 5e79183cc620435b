"""Starts the workers of a build, sends them files, and receives the results."""

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
"""Seconds to wait for a worker that is still scanning a file."""


class Reply(NamedTuple):
    """The result for one file."""

    kind: str
    """One of the kinds in :mod:`arctic_codegen.build.workers.worker`."""
    data: bytes
    kept: bytes
    """The same result, packed for the cache; empty if not requested."""


class _Worker:
    """The channels of one worker, and the files that it was given."""

    def __init__(self, tasks: Channel, results: Channel) -> None:
        self.tasks = tasks
        self.results = results
        self.size = 0
        self.waiting: deque[str] = deque()


class Workers:
    """Two processes that scan files. They start to load the parser immediately. If they fail, the
    build scans the files itself."""

    def __init__(self, process: int, tasks: Sequence[Channel], results: Sequence[Channel]) -> None:
        """``process`` is the id of the first worker, which forks the second."""
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
        """Whether they can be used: they have not failed, and were not dismissed."""

    def add(self, files: Sequence[tuple[str, bytes]], *, pack: bool) -> None:
        """Send files, by path, that have not been sent before; they are scanned in order."""
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
        """Whether a file has been sent."""
        return path in self._given

    def result(self, path: str) -> Reply | None:
        """The result for a file; ``None`` if it has to be scanned in this process."""
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
        """Close the channels, so that the workers end by themselves. Files whose results were not
        requested need not be scanned any more."""
        if self.works:
            self.works = False
            for one in self._workers:
                for end in (one.tasks.memory, one.tasks.sending):
                    os.close(end)
                for end in (one.results.memory, one.results.taking):
                    os.close(end)

    def end(self) -> None:
        """Wait until the workers have ended; this takes no time if they are idle."""
        self.dismiss()
        if self._process:
            _end(self._process)
            self._process = 0


def begin() -> Workers | None:
    """Start the workers; ``None`` if this is not safe or of no use."""
    if not _can_fork():
        return None
    made: list[Channel] = []
    try:
        for _ in range(4):
            made.append(Channel())
        with warnings.catch_warnings():
            # Python 3.12 also warns about threads that Python did not start, as in libraries.
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
    """Like ``os.fork``, but an interrupt during the fork reaches only the parent process, and the
    child ignores interrupts."""
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
    """Terminate the first worker, which terminates the second, and wait for it."""
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
        pass  # it has already been waited for


def _can_fork() -> bool:
    """Whether there is a second processor, and a fork is safe: no other threads are running."""
    if not sys.platform.startswith("linux") or not hasattr(os, "memfd_create"):
        return False
    if len(os.sched_getaffinity(0)) < 2:
        return False
    # A module that is not imported has started no thread or process.
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        return False
    processes = sys.modules.get("multiprocessing.process")
    return processes is None or not processes.current_process().daemon
