"""What the commands give back."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen._version import LOCK_NAME
from arctic_codegen.diagnostics.codes import fails
from arctic_codegen.diagnostics.records import Finding, Place, has_errors
from arctic_codegen.model.changes import FileChange
from arctic_codegen.model.hosts import Event, HostClass
from arctic_codegen.model.settings import Settings

if TYPE_CHECKING:
    from arctic_codegen.build import driver


class BuildResult(msgspec.Struct, frozen=True):
    """What a build found, made, and changed on the disk (or would change)."""

    settings: Settings | None
    """``None`` where the configuration has errors."""
    findings: tuple[Finding, ...]
    complete: bool = False
    """Whether there is output: no errors stood in its way."""
    written: bool = False
    """Whether ``changes`` have been made, as against would be."""
    changes: tuple[FileChange, ...] = ()
    classes: int = 0
    modules: int = 0
    timings: tuple[tuple[str, float], ...] = ()
    """Seconds by stage, in order."""
    strict: bool = False
    counts: tuple[tuple[str, int], ...] = ()
    """How many files were read, parsed, found in the cache, and left out."""

    @property
    def exit_code(self) -> int:
        """0, or 1 for errors (with ``strict`` any finding) and output that is not current."""
        stale = bool(self.changes) and not self.written
        return int(fails(self.findings, self.strict) or stale)

    def diff(self) -> str:
        """The changes as one unified diff, with paths as seen from the configuration file.

        The lock file follows from the rest, and is left out.
        """
        assert self.settings is not None
        folder = os.path.relpath(self.settings.output, self.settings.root)
        return "".join(
            diff_of(os.path.join(folder, change.path), change)
            for change in self.changes
            if change.path != LOCK_NAME
        )


class ListResult(msgspec.Struct, frozen=True):
    """Host classes in order, and what was found on the way."""

    settings: Settings | None
    findings: tuple[Finding, ...]
    classes: tuple[HostClass, ...] = ()
    strict: bool = False

    @property
    def exit_code(self) -> int:
        """1 for errors, with ``strict`` for any finding."""
        return int(fails(self.findings, self.strict))


class ExplainResult(msgspec.Struct, frozen=True):
    """One class, and one of its events where the target named one."""

    settings: Settings | None
    findings: tuple[Finding, ...]
    """Those about the files in which the class and its callbacks stand."""
    host: HostClass | None = None
    event: Event | None = None
    others: int = 0
    """How many findings concern other files."""
    places: tuple[tuple[str, Place], ...] = ()
    """Where the callbacks of all classes stand, by name, so that nested ones can be shown."""

    @property
    def exit_code(self) -> int:
        """1 for errors that concern the class."""
        return int(has_errors(self.findings))

    def shown(self) -> HostClass:
        """The class with the events that were asked for."""
        assert self.host is not None
        if self.event is None:
            return self.host
        return msgspec.structs.replace(self.host, events=(self.event,))


def build_result(settings: Settings, built: driver.Built, strict: bool) -> BuildResult:
    """The result of a build under these settings."""
    return BuildResult(
        settings,
        built.findings,
        built.complete,
        built.written,
        built.changes,
        built.classes,
        built.modules,
        built.timings,
        strict,
        built.counts,
    )


def diff_of(path: str, change: FileChange) -> str:
    """One file's change as a unified diff."""
    old = "/dev/null" if change.old is None else f"a/{path}"
    new = "/dev/null" if change.new is None else f"b/{path}"
    lines = difflib.unified_diff(
        (change.old or "").splitlines(keepends=True),
        (change.new or "").splitlines(keepends=True),
        old,
        new,
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
