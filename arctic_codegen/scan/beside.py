"""Files scanned in processes beside this one, where there is enough to do."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.scan.entry import scan

_ONE_TIME = 16


def scanned_beside(files: Sequence[tuple[str, bytes]]) -> Mapping[str, ModuleDecls]:
    """The declarations of those files that can be scanned, by path; empty where it is not worth
    it. What cannot be scanned, or not be sent, is left out: whoever needs it scans it again."""
    workers = min(_processors(), 8)
    if workers < 2 or not _can_fork():
        return {}
    ordered = sorted(files, key=lambda file: -len(file[1]))
    decoder = msgspec.msgpack.Decoder(ModuleDecls)
    found: dict[str, ModuleDecls] = {}
    try:
        # The parser is loaded already, and a fork has it without loading it again.
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            for path, data in pool.imap_unordered(_scanned, ordered, _chunk(len(ordered), workers)):
                if data is not None:
                    found[path] = decoder.decode(data)
    except OSError:  # no more processes, or no memory to share
        return found
    return found


def _scanned(file: tuple[str, bytes]) -> tuple[str, bytes | None]:
    path, data = file
    decls = scan(data, path)
    if isinstance(decls, Finding):
        return path, None
    try:
        return path, msgspec.msgpack.encode(decls)
    except (UnicodeEncodeError, msgspec.MsgspecError):
        return path, None


def _chunk(files: int, workers: int) -> int:
    return max(1, min(_ONE_TIME, files // (4 * workers)))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _can_fork() -> bool:
    """Whether a fork is safe: not beside other threads, and not where the system has no other."""
    import threading

    return (
        sys.platform.startswith("linux")
        and threading.active_count() == 1
        and not multiprocessing.current_process().daemon
    )
