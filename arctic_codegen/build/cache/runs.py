"""Would a run give the same report as the last one, judged by the facts that the last one recorded?

This applies to a build's report (:mod:`~arctic_codegen.build.cache.replay`) and to the findings of
a check (:mod:`~arctic_codegen.build.cache.last_check`). This module loads only modules that Python
has already loaded.
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
    """One run. ``said`` is a value of built-in types."""

    def __init__(self, path: str, facts: Facts, state: Facts, said: Any) -> None:
        self.said = said
        self._path = path
        self._facts = facts
        self._state = state

    def holds(self) -> bool:
        """Whether nothing has changed. Files that had to be read this time, because they were too
        new when they were last read, are identified by their stamps the next time."""
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
            sealed_files.write(self._path, (fresh.plain(), found.plain(), self.said))
        return True


def _stamps(facts: Facts, state: Facts) -> list[Stamp | None]:
    tables = (facts.files, facts.folders, state.files)
    return [stamp for table in tables for stamp, _ in table.values()]


def recall(path: str) -> RecordedRun | None:
    """The contents of a file, without checking whether they still hold."""
    try:
        facts, state, said = sealed_files.read(path)
        return RecordedRun(path, Facts.of(facts), Facts.of(state), said)
    except (TypeError, ValueError, IndexError):  # nothing, or what another version wrote
        return None


def keep(path: str, facts: Facts, state: Facts, said: Any, most: int) -> None:
    """Stores a run, and removes all but the most recent ones in that folder."""
    if sealed_files.write(path, (facts.plain(), state.plain(), said)):
        sealed_files.remove_oldest(os.path.dirname(path), most)
