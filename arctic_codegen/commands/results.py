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
    """The result of every command."""

    settings: Settings | None
    """``None`` if the configuration has errors."""
    findings: tuple[Finding, ...]
    strict: bool = False
    installed_folders: tuple[str, ...] = ()
    """Folders with packages that do not belong to the project."""
    edits: tuple[FileChange, ...] = ()
    """Sources with their texts before and after; the paths are absolute."""
    edited: bool = False
    """Whether the edits have been made."""
    nothing: str = ""
    """Why the target is not found in the part of the project that could be read."""

    @property
    def exit_code(self) -> int:
        """1 if there are errors, with ``strict`` if there is any finding, and if there are edits
        that were not made."""
        return int((bool(self.edits) and not self.edited) or fails(self.findings, self.strict))


class BuildResult(Result, frozen=True):
    """The findings and output of a build, and the changes on disk (made or not)."""

    complete: bool = False
    """Whether there is output: it is not prevented by errors."""
    written: bool = False
    """Whether ``changes`` have been made."""
    changes: tuple[FileChange, ...] = ()
    discarded: tuple[str, ...] = ()
    """Output files that were edited by hand or damaged, and are replaced or removed."""
    classes: int = 0
    modules: int = 0
    timings: tuple[tuple[str, float], ...] = ()
    """Seconds by stage, in order."""
    counts: tuple[tuple[str, int], ...] = ()
    """How many files were read, parsed, found in the cache, and skipped."""
    observer: Observer | None = None
    """The observer of everything that the build read, unless the run must not be cached."""

    @property
    def exit_code(self) -> int:
        """Also 1 if the output is out of date."""
        return int(bool(self.changes) and not self.written) or super().exit_code

    def diff(self) -> str:
        """The changes as one unified diff, with paths relative to the configuration file.

        The lock file is omitted, since it follows from the rest.
        """
        assert self.settings is not None
        changes = [change for change in self.changes if change.path != LOCK_NAME]
        return unified_diff(changes, self.settings.output, self.settings)


class ListResult(Result, frozen=True):
    """Host classes in order, and the findings."""

    classes: tuple[HostClass, ...] = ()


class ExplainResult(ListResult, frozen=True):
    """Classes in order, with the requested events.

    The findings are those about these classes and their callbacks.
    """

    names_event: bool = False
    """Whether the target named an event, which is shown even if it has no callbacks."""
    others: int = 0
    """How many findings concern other files."""
    places: Mapping[str, Place] = {}
    """Where the callbacks of all classes are defined, by name, to show nested callbacks."""


def in_what_could_be_read(resolved: ResolvedProject, problem: WrongUse) -> str:
    """The message if nothing is found in a project with errors; without errors, raises the
    problem."""
    if not resolved.failed:
        raise problem
    return f"In what could be read, {problem.message} ({problem.hint})"


def outcome(built: Built) -> dict[str, Any]:
    """The fields of a result that come from a build, by name."""
    names = [name for name in BuildResult.__struct_fields__ if hasattr(built, name)]
    return {name: getattr(built, name) for name in names}


def unified_diff(changes: Iterable[FileChange], folder: str, settings: Settings) -> str:
    """Changes of files as one unified diff, with paths relative to the configuration file; the
    paths of the changes are relative to ``folder``."""
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
