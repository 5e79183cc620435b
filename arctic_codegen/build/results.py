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
    """What is known when every class is resolved."""

    settings: Settings
    requested: tuple[str, ...]
    """The modules whose classes are compiled, sorted."""
    hosts: tuple[HostClass, ...]
    findings: tuple[Finding, ...]
    failed: bool
    timings: tuple[tuple[str, float], ...] = ()
    installed_folders: tuple[str, ...] = ()
    """Where packages are found that are not the project's own."""
    loader: FileLoader | None = None
    """Has the modules that were read."""

    def path_of(self, module: str) -> str | None:
        """The file of a module, if it has one that can be read."""
        found = None if self.loader is None else self.loader.module(module).file
        return None if found is None else found.path


class Built(msgspec.Struct, frozen=True):
    """What a build made."""

    findings: tuple[Finding, ...]
    complete: bool = False
    """There is output: no pass stopped the build."""
    written: bool = False
    changes: tuple[FileChange, ...] = ()
    discarded: tuple[str, ...] = ()
    """Files of the output that were edited by hand or damaged, and are replaced or removed."""
    outputs: tuple[OutputFile, ...] = ()
    hosts: tuple[HostClass, ...] = ()
    classes: int = 0
    modules: int = 0
    timings: tuple[tuple[str, float], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()


class Goal(msgspec.Struct, frozen=True):
    """What a build is to do with the output."""

    write: bool
    report_differences: bool
    working_folder: str
    """From where messages name the files of the output."""
    types: TypeCheck | None = None


def made(done: writing.Written) -> tuple[FileChange, ...]:
    """What has been done."""
    return (
        *(FileChange(path, "changed") for path in done.changed),
        *(FileChange(path, "removed") for path in done.removed),
    )


def would_be_made(
    found: writing.Differences, texts: Mapping[str, str], output: str
) -> tuple[FileChange, ...]:
    """What a build would do, with the texts of before and after."""
    changes = [
        FileChange(path, "changed", _text_on_disk(output, path), texts[path])
        for path in (*found.stale, *found.missing, *found.edited)
    ]
    changes += [FileChange(path, "removed", _text_on_disk(output, path)) for path in found.orphaned]
    return tuple(sorted(changes, key=lambda change: change.path))


def to_check(
    session: Session,
    resolution: Resolution,
    outputs: tuple[OutputFile, ...],
    changes: Iterable[FileChange],
) -> TypeCheckInput:
    """What a type checker is asked about: the output as a build would write it."""
    # Most builds check no types.
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
