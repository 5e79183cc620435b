"""The results of the commands."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from arctic_codegen._version import LOCK_NAME
from arctic_codegen.diagnostics.codes import fails
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.file_changes import FileChange
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.settings import Settings

if TYPE_CHECKING:
    from arctic_codegen.build.cache.observer import Observer
    from arctic_codegen.build.results import Built, ResolvedProject


class Result(msgspec.Struct, frozen=True):
    """What every command gives back."""

    settings: Settings | None
    """``None`` where the configuration has errors."""
    findings: tuple[Finding, ...]
    strict: bool = False
    installed_folders: tuple[str, ...] = ()
    """Where packages are found that are not the project's own."""
    edits: tuple[FileChange, ...] = ()
    """Sources with their texts of before and after; the paths are absolute."""
    edited: bool = False
    """Whether the edits have been made."""
    nothing: str = ""
    """Why what was asked for is not found among what could be read."""

    @property
    def exit_code(self) -> int:
        """1 for errors, with ``strict`` for any finding; where edits are only shown, 1 if there are
        any."""
        return int((bool(self.edits) and not self.edited) or fails(self.findings, self.strict))


class BuildResult(Result, frozen=True):
    """What a build found, made, and changed on the disk (or would change)."""

    complete: bool = False
    """Whether there is output: no errors stood in its way."""
    written: bool = False
    """Whether ``changes`` have been made, as against would be."""
    changes: tuple[FileChange, ...] = ()
    discarded: tuple[str, ...] = ()
    """Files of the output that were edited by hand or damaged, and are replaced or removed."""
    classes: int = 0
    modules: int = 0
    timings: tuple[tuple[str, float], ...] = ()
    """Seconds by stage, in order."""
    counts: tuple[tuple[str, int], ...] = ()
    """How many files were read, parsed, found in the cache, and left out."""
    observer: Observer | None = None
    """What has seen all that the build read, unless nothing of it may be kept."""

    @property
    def exit_code(self) -> int:
        """1 for output that is out of date, too."""
        return int(bool(self.changes) and not self.written) or super().exit_code

    def diff(self) -> str:
        """The changes as one unified diff, with paths as seen from the configuration file.

        The lock file follows from the rest, and is left out.
        """
        assert self.settings is not None
        changes = [change for change in self.changes if change.path != LOCK_NAME]
        return unified_diff(changes, self.settings.output, self.settings)


class ListResult(Result, frozen=True):
    """Host classes in order, and what was found on the way."""

    classes: tuple[HostClass, ...] = ()


class ExplainResult(ListResult, frozen=True):
    """Classes in order, with the events that were asked for.

    The findings are those that concern the classes and their callbacks.
    """

    names_event: bool = False
    """Whether the target named an event, which is shown even if it has no callbacks."""
    others: int = 0
    """How many findings concern other files."""
    places: Mapping[str, Place] = {}
    """Where the callbacks of all classes stand, by name, so that nested ones can be shown."""


def in_what_could_be_read(resolved: ResolvedProject, problem: WrongUse) -> str:
    """Why nothing is found in a project with errors; raises that in one without."""
    if not resolved.failed:
        raise problem
    return f"In what could be read, {problem.message} ({problem.hint})"


def outcome(built: Built) -> dict[str, Any]:
    """What a build gives for its result, by the names of that."""
    names = [name for name in BuildResult.__struct_fields__ if hasattr(built, name)]
    return {name: getattr(built, name) for name in names}


def unified_diff(changes: Iterable[FileChange], folder: str, settings: Settings) -> str:
    """Changes of files as one unified diff, with paths as seen from the configuration file; those
    of the changes start at ``folder``."""
    return "".join(
        _diff_of(os.path.relpath(os.path.join(folder, change.path), settings.root), change)
        for change in changes
    )


def _diff_of(path: str, change: FileChange) -> str:
    old = "/dev/null" if change.old is None else f"a/{path}"
    new = "/dev/null" if change.new is None else f"b/{path}"
    lines = difflib.unified_diff(
        (change.old or "").splitlines(keepends=True),
        (change.new or "").splitlines(keepends=True),
        old,
        new,
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
