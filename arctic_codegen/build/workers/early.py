"""When do workers start early? If there are no cached scans, before a build has loaded anything."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

from arctic_codegen.build.cache.facts import SCANS, in_caches
from arctic_codegen.build.cache.replay import is_build
from arctic_codegen.build.workers.pool import Workers, begin

_WITHOUT = frozenset({"--watch", "-h", "--help"})
_waiting: list[Workers] = []


def begin_early(arguments: Sequence[str]) -> None:
    """Makes workers for a build that finds nothing kept, for :func:`take` to be given."""
    if is_build(arguments, _WITHOUT) and ("--no-cache" in arguments or not _has_scans()):
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
    for path in in_caches(folder, SCANS):
        with contextlib.suppress(OSError):
            return bool(os.listdir(path))
    return False
