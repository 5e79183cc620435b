"""What did the last check find, if nothing has changed?

The result of a build depends only on what it read from the disk, its settings and the tool. While
these are unchanged, only the type checker has to run again, because it may read files that no build
reads.
"""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

import msgspec

from arctic_codegen.build.cache import runs
from arctic_codegen.build.cache.folder import cache_folder
from arctic_codegen.build.cache.observer import Observer, record_name
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.settings import Settings
from arctic_codegen.typecheck.questions import Question

FOLDER = "checks"
_MOST = 4


class CheckRecord(msgspec.Struct, frozen=True):
    """A check of current output in which the type checker reported nothing."""

    question: Question
    findings: tuple[Finding, ...]
    classes: int
    modules: int


class KeptCheck(NamedTuple):
    """The result of a check, and the recorded run that tells whether it is still valid."""

    found: CheckRecord
    run: runs.RecordedRun


def recall(settings: Settings) -> KeptCheck | None:
    """The last check with the same settings and interpreter; an invalid file counts as missing."""
    if settings.python is not None:  # the answers of another interpreter are not recorded
        return None
    folder = cache_folder(settings)
    run = None if folder is None else runs.recall(_path(folder, settings))
    if run is None:
        return None
    try:
        found = msgspec.msgpack.decode(run.payload, type=CheckRecord)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return None
    return KeptCheck(found, run)


def keep(settings: Settings, observer: Observer, found: CheckRecord) -> None:
    """Store a check, if possible. ``observer`` has recorded the build."""
    state = observer.output_as_left()
    if observer.folder is not None and state is not None:
        with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
            payload = msgspec.msgpack.encode(found)
            runs.keep(_path(observer.folder, settings), observer.facts, state, payload, _MOST)


def _path(folder: str, settings: Settings) -> str:
    return os.path.join(folder, FOLDER, record_name(settings))
