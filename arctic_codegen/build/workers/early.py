"""When do workers begin early? Before a build has loaded anything, where no scans are kept."""

from __future__ import annotations

import os
from collections.abc import Sequence

from arctic_codegen.build.cache.facts import CACHE
from arctic_codegen.build.workers.workers import Workers, begin

_SCANS = os.path.join(CACHE, "scans")
_OTHERWISE = frozenset({"--watch", "-h", "--help"})
_waiting: list[Workers] = []


def begin_early(arguments: Sequence[str]) -> None:
    """Makes workers for a build that finds nothing kept, for :func:`take` to be given."""
    if not arguments or arguments[0] != "build" or "_ARCTIC_CODEGEN_COMPLETE" in os.environ:
        return
    if not _OTHERWISE.isdisjoint(arguments):
        return
    if "--no-cache" in arguments or not _has_scans():
        workers = begin()
        if workers is not None:
            _waiting.append(workers)


def take() -> Workers | None:
    """The workers that wait for something to do; whoever takes them ends them."""
    return _waiting.pop() if _waiting else None


def end_early() -> None:
    """Ends workers that nobody has taken."""
    workers = take()
    if workers is not None:
        workers.end()


def _has_scans() -> bool:
    """Whether scanned files are kept for the project of the working folder."""
    try:
        folder = os.getcwd()
    except OSError:
        return True
    while True:
        try:
            return bool(os.listdir(os.path.join(folder, _SCANS)))
        except OSError:
            pass
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
