"""What did the last check find, if nothing has changed?

A build is a function of what it read from the disk, its settings and the tool. While these are the
same, so is its result. Only the type checker has to run again, because it may read files that no
build reads.
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
    """What a check found, and the run that shows whether this still holds."""

    found: CheckRecord
    run: runs.RecordedRun


def recall(settings: Settings) -> KeptCheck | None:
    """The findings under the same settings, on the same interpreter; an invalid file counts as
    missing."""
    if settings.python is not None:  # what another interpreter says of itself is not written down
        return None
    folder = cache_folder(settings)
    run = None if folder is None else runs.recall(_path(folder, settings))
    if run is None:
        return None
    try:
        found = msgspec.msgpack.decode(run.said, type=CheckRecord)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return None
    return KeptCheck(found, run)


def keep(settings: Settings, observer: Observer, found: CheckRecord) -> None:
    """Stores it, if possible. ``observer`` has watched the build."""
    state = observer.output_as_left()
    if observer.folder is not None and state is not None:
        with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
            said = msgspec.msgpack.encode(found)
            runs.keep(_path(observer.folder, settings), observer.facts, state, said, _MOST)


def _path(folder: str, settings: Settings) -> str:
    return os.path.join(folder, FOLDER, record_name(settings))
