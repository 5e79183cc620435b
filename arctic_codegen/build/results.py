"""The request for a build, and its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.build import write as writing
from arctic_codegen.build.loader import FileLoader
from arctic_codegen.build.session import Session
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.file_changes import FileChange
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.output import OutputFile
from arctic_codegen.model.resolution import Resolution
from arctic_codegen.model.settings import Settings

if TYPE_CHECKING:
    from arctic_codegen.typecheck.checking import TypeCheckInput

TypeCheck = Callable[["TypeCheckInput"], tuple[Finding, ...]]


class ResolvedProject(msgspec.Struct, frozen=True):
    """The result of the passes up to the resolved classes."""

    settings: Settings
    requested: tuple[str, ...]
    """The modules whose classes are compiled, sorted."""
    hosts: tuple[HostClass, ...]
    findings: tuple[Finding, ...]
    failed: bool
    timings: tuple[tuple[str, float], ...] = ()
    installed_folders: tuple[str, ...] = ()
    """The folders of the search path that contain installed packages."""
    loader: FileLoader | None = None
    """The loader with the modules that were read."""

    def path_of(self, module: str) -> str | None:
        """The file of a module, if it has one that can be read."""
        found = None if self.loader is None else self.loader.module(module).file
        return None if found is None else found.path


class Built(msgspec.Struct, frozen=True):
    """The result of a build."""

    findings: tuple[Finding, ...]
    complete: bool = False
    """No pass stopped the build."""
    written: bool = False
    changes: tuple[FileChange, ...] = ()
    discarded: tuple[str, ...] = ()
    """Output files that were edited by hand or damaged, and have been replaced or removed."""
    outputs: tuple[OutputFile, ...] = ()
    hosts: tuple[HostClass, ...] = ()
    classes: int = 0
    modules: int = 0
    timings: tuple[tuple[str, float], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()


class Goal(msgspec.Struct, frozen=True):
    """What a build does with its output."""

    write: bool
    report_differences: bool
    working_folder: str
    """Paths of output files in messages are relative to it."""
    types: TypeCheck | None = None


def changes_made(done: writing.Written) -> tuple[FileChange, ...]:
    """The changes that a write has made."""
    return (
        *(FileChange(path, "changed") for path in done.changed),
        *(FileChange(path, "removed") for path in done.removed),
    )


def pending_changes(
    found: writing.Differences, texts: Mapping[str, str], output: str
) -> tuple[FileChange, ...]:
    """The changes that a build would make, with the texts before and after."""
    changes = [
        FileChange(path, "changed", _text_on_disk(output, path), texts[path])
        for path in (*found.stale, *found.missing, *found.edited)
    ]
    changes += [FileChange(path, "removed", _text_on_disk(output, path)) for path in found.orphaned]
    return tuple(sorted(changes, key=lambda change: change.path))


def type_check_input(
    session: Session,
    resolution: Resolution,
    outputs: tuple[OutputFile, ...],
    changes: Iterable[FileChange],
) -> TypeCheckInput:
    """The input of the type check: the output as a build would write it."""
    # Imported here because most builds check no types.
    from arctic_codegen.build.cache.mypy_folder import mypy_folder
    from arctic_codegen.typecheck.checking import TypeCheckInput
    from arctic_codegen.typecheck.questions import CheckedFile

    find = session.loader.finder.find
    return TypeCheckInput(
        settings=session.settings,
        hosts=resolution.hosts,
        outputs=outputs,
        differing=tuple((change.path, change.new) for change in changes),
        sources=tuple(
            CheckedFile(file.path, name)
            for name, file in session.requested_files().items()
            if not find(name).installed
        ),
        installed=tuple(
            CheckedFile(module.file.path, module.name)
            for module in session.loader.loaded()
            if module.file is not None and module.installed
        ),
        cache=mypy_folder(session.settings),
        read=session.loader.tree.read,
    )


def _text_on_disk(output: str, path: str) -> str | None:
    try:
        return Path(output, path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
