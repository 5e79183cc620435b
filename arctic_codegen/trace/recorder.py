"""Records the calls of a traced process: single calls as they end, and the totals of all calls."""

from __future__ import annotations

import atexit
import functools
import os
import sys
import threading
import time
from collections.abc import Callable

from arctic_codegen.runtime.rank import connected, rank
from arctic_codegen.trace.breadcrumbs import Breadcrumbs
from arctic_codegen.trace.options import TraceOptions, from_environment
from arctic_codegen.trace.profilers import ranges
from arctic_codegen.trace.sites import Site, Total
from arctic_codegen.trace.table import table
from arctic_codegen.trace.trace_file import TraceFile

_HELD = 4096
_EVERY = 1_000_000_000  # nanoseconds

_Clocks = tuple[Callable[[int], int], Callable[[int, int], None], Callable[[int, int], None]]
Ended = tuple[int, int, int, int]
"""A completed call: its site, start, end and thread."""


@functools.cache
def the_recorder() -> Recorder:
    """The recorder of this process, created when the first compiled module is imported.

    Raises ValueError if the environment contains unknown options.
    """
    recorder = Recorder(from_environment())
    os.register_at_fork(before=recorder.flush, after_in_child=recorder.start_in_child)
    atexit.register(recorder.close)
    return recorder


class Recorder:
    """Records the times of calls. ``enter`` and ``leave`` enclose each timed call."""

    def __init__(self, options: TraceOptions) -> None:
        self._options = options
        self._sites: list[Site] = []
        self._numbers: dict[Site, int] = {}
        self._is_forked = False
        self._ended: list[Ended] = []
        self._start()
        self.enter, self.leave, self.leave_task = self._clocks()

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._ended.clear()  # the clock functions refer to this list, also in a forked worker
        self._calls = [0] * len(self._sites)
        self._total = [0] * len(self._sites)
        self._longest = [0] * len(self._sites)
        self._left = self._options.max_events
        self._file: TraceFile | None = None
        self._writes = self._options.file is not None
        self._closed = False
        self._crumbs: Breadcrumbs | None = None
        if self._options.breadcrumbs:
            self._crumbs = Breadcrumbs(self._options.breadcrumbs)

    def _clocks(self) -> _Clocks:
        """The functions called before and after each traced call. They are closures for speed."""
        clock, thread = time.perf_counter_ns, threading.get_ident
        ended, flush = self._ended, self.flush
        due = clock() + _EVERY

        def enter(site: int) -> int:
            return clock()

        def leave(site: int, began: int) -> None:
            nonlocal due
            now = clock()
            ended.append((site, began, now, thread()))
            if now > due or len(ended) >= _HELD:
                due = now + _EVERY
                flush()

        def leave_task(site: int, began: int) -> None:
            # Tasks take turns in one thread, so calls of different tasks do not nest.
            ended.append((site, began, clock(), _task() or thread()))
            if len(ended) >= _HELD:
                flush()

        if self._crumbs is None and not (self._options.torch_profiler or self._options.nvtx):
            return enter, leave, leave_task
        return self._with_more(enter, leave, leave_task)

    def _with_more(
        self,
        enter: Callable[[int], int],
        leave: Callable[[int, int], None],
        leave_task: Callable[[int, int], None],
    ) -> _Clocks:
        """The same functions, which also leave breadcrumbs and open ranges of profilers."""
        sites = self._sites
        opened, closed = ranges(self._options)

        def enter_more(site: int) -> int:
            opened(sites[site].name)
            began = enter(site)
            if self._crumbs is not None:
                self._crumbs.enter(site, began)
            return began

        def with_more(leave: Callable[[int, int], None]) -> Callable[[int, int], None]:
            def leave_more(site: int, began: int) -> None:
                leave(site, began)
                if self._crumbs is not None:
                    self._crumbs.leave()
                closed()

            return leave_more

        return enter_more, with_more(leave), with_more(leave_task)

    def add(self, site: Site) -> int:
        """Adds a site, and returns its number.

        An existing site keeps its number: a file may be loaded twice, and a callback may occur
        twice in a list.
        """
        with self._lock:
            number = self._numbers.setdefault(site, len(self._sites))
            if number == len(self._sites):
                self._sites.append(site)
                for counted in (self._calls, self._total, self._longest):
                    counted.append(0)
            return number

    def announce(self) -> None:
        """Write the sites to the breadcrumbs, for their readers."""
        if self._crumbs is not None:
            self._crumbs.identify(rank(), self._is_worker())
            self._crumbs.announce(self._sites)

    def flush(self) -> None:
        """Count the completed calls, and write them to the trace."""
        if self._crumbs is not None:
            self._crumbs.identify(rank(), self._is_worker())
        with self._lock:
            batch = self._ended[:]
            del self._ended[: len(batch)]
            for site, began, end, _ in batch:
                took = end - began
                self._calls[site] += 1
                self._total[site] += took
                self._longest[site] = max(took, self._longest[site])
            if self._options.file is None or not self._writes or not batch:
                return
            single = batch[: self._left]
            self._left -= len(single)
            try:
                if self._file is None:
                    self._file = TraceFile(self._options.file, rank(), self._is_worker())
                self._file.write(self._sites, single)
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """Continue without the file: no run fails because of its trace."""
        self._writes, self._file = False, None
        reason = error.strerror or error
        print(f"warning: {self._options.file} cannot be written: {reason}", file=sys.stderr)

    def totals(self) -> list[Total]:
        """The totals of all sites that were called."""
        counted = zip(self._sites, self._calls, self._total, self._longest, strict=True)
        return [Total(*one) for one in counted if one[1]]

    def close(self) -> None:
        """Write the rest at the end of the process. Rank 0 prints the table."""
        if self._closed:
            return
        self._closed = True
        self.flush()
        totals = self.totals()
        if self._file is not None:
            try:
                self._file.close(totals)
            except OSError as error:
                self._give_up(error)
        if totals and self._options.file and not self._is_worker() and rank() == 0:
            print(table(totals), file=sys.stderr)
            if self._file is not None:
                print(f"Trace: {self._file.path}", file=sys.stderr)
        if self._crumbs is not None:
            self._crumbs.close()

    def start_in_child(self) -> None:
        """Start from zero in a forked worker: the parent's counts belong to the parent."""
        self._is_forked = True
        self._start()
        self.announce()
        if "multiprocessing.util" in sys.modules:
            # A worker of multiprocessing exits without `atexit`.
            sys.modules["multiprocessing.util"].register_after_fork(self, Recorder._close_at_end)

    def _is_worker(self) -> bool:
        """Whether this process is a helper of a rank, such as a data loader."""
        if self._is_forked:
            return True
        processes = sys.modules.get("multiprocessing.process")
        if processes is None or processes.parent_process() is None:
            return False
        return connected() is None

    def _close_at_end(self) -> None:
        sys.modules["multiprocessing.util"].Finalize(self, self.close, exitpriority=0)


def _task() -> int:
    """A number for the running asyncio task."""
    import asyncio

    task = asyncio.current_task()
    return 0 if task is None else id(task)
