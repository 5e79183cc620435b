"""Should workers start before anything else is loaded? Yes, if there are no cached scans."""

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
    """Start workers if a build has no cached scans; :func:`take` returns them later."""
    if is_build(arguments, _WITHOUT) and ("--no-cache" in arguments or not _has_scans()):
        workers = begin()
        if workers is not None:
            _waiting.append(workers)


def take() -> Workers | None:
    """The workers that were started early, if any; the caller has to end them."""
    return _waiting.pop() if _waiting else None


def end_early() -> None:
    """End the workers that were started early, if they were not taken."""
    workers = take()
    if workers is not None:
        workers.end()


def _has_scans() -> bool:
    """Whether there are cached scans for the project of the working folder."""
    try:
        folder = os.getcwd()
    except OSError:
        return True
    for path in in_caches(folder, SCANS):
        with contextlib.suppress(OSError):
            return bool(os.listdir(path))
    return False
