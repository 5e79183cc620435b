"""Are the facts that a run has recorded still true? Then it would give the same result again.

This is used for the report of a build (:mod:`~arctic_codegen.build.cache.replay`) and the findings
of a check (:mod:`~arctic_codegen.build.cache.last_check`). This module loads only modules that
Python has already loaded.
"""

from __future__ import annotations

import os
from typing import Any

from arctic_codegen.build.cache import sealed_files
from arctic_codegen.build.cache.facts import (
    Facts,
    Stamp,
    changed_files,
    clock,
    output_state,
    same_output,
    structure_holds,
)


class RecordedRun:
    """One run. ``payload`` is its result, as a value of built-in types."""

    def __init__(self, path: str, facts: Facts, state: Facts, payload: Any) -> None:
        self.payload = payload
        self._path = path
        self._facts = facts
        self._state = state

    def holds(self) -> bool:
        """Whether nothing has changed. Updates the record if files had to be read because they
        were too new before: the next time their stamps suffice."""
        facts, state = self._facts, self._state
        now = clock(os.path.dirname(self._path))
        fresh = Facts(facts.at if now is None else now, facts.output)
        if not structure_holds(facts, fresh):
            return False
        for _ in changed_files(facts, fresh):
            return False
        found = output_state(facts.output, state)
        if found is None or not same_output(state, found):
            return False
        known = _stamps(facts, state)
        settled = all(stamp is None or facts.is_settled(stamp) for stamp in known)
        if now is not None and (not settled or _stamps(fresh, found) != known):
            found.at = now
            sealed_files.write(self._path, (fresh.plain(), found.plain(), self.payload))
        return True


def _stamps(facts: Facts, state: Facts) -> list[Stamp | None]:
    tables = (facts.files, facts.folders, state.files)
    return [stamp for table in tables for stamp, _ in table.values()]


def recall(path: str) -> RecordedRun | None:
    """The run in a file, without checking whether it still holds."""
    try:
        facts, state, payload = sealed_files.read(path)
        return RecordedRun(path, Facts.of(facts), Facts.of(state), payload)
    except (TypeError, ValueError, IndexError):  # no file, or the format of another version
        return None


def keep(path: str, facts: Facts, state: Facts, payload: Any, most: int) -> None:
    """Store a run, and remove all but the ``most`` recent ones in the folder."""
    if sealed_files.write(path, (facts.plain(), state.plain(), payload)):
        sealed_files.remove_oldest(os.path.dirname(path), most)
