"""The passes, in order. Each has a comment on what holds after it.

A pass takes values and gives values. Findings are gathered beside them; after a pass that
found errors no later one runs. An exception is a fault of the tool, never of the sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen._version import LOCK_NAME
from arctic_codegen.build import write as writing
from arctic_codegen.build.deep import is_too_deep, too_deep, with_room
from arctic_codegen.build.lock import Lock, lock_of, render, second_digests, still_holds
from arctic_codegen.build.machinery import machinery_findings
from arctic_codegen.build.semantics import semantics_findings
from arctic_codegen.build.session import Run
from arctic_codegen.config.checks import unknown_semantics
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.faults import InternalFault
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.trees import DiskTree, Tree
from arctic_codegen.emit import NoRoom, emit, prepare
from arctic_codegen.model.accounts import Accounted
from arctic_codegen.model.changes import FileChange as FileChange
from arctic_codegen.model.changes import Progress as Progress
from arctic_codegen.model.changes import quiet as quiet
from arctic_codegen.model.decls import IgnoreComment
from arctic_codegen.model.hosts import HostClass, Resolution
from arctic_codegen.model.output import OutputFile
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import SourceFile
from arctic_codegen.plan import plan
from arctic_codegen.relevance import Chosen
from arctic_codegen.resolve.resolve import resolve

if TYPE_CHECKING:
    from arctic_codegen.typecheck.checking import ToCheck

LATE_CODES = frozenset(code for code in CODES if code.startswith(("AC6", "AC9")))
"""Codes that are told only after an ignore comment could have been of use."""

TYPE_CODES = frozenset(code for code in CODES if code.startswith("AC5"))

TypeCheck = Callable[["ToCheck"], tuple[Finding, ...]]


class Resolved(msgspec.Struct, frozen=True):
    """What is known when every class is resolved."""

    settings: Settings
    requested: tuple[str, ...]
    """The modules whose classes are compiled, sorted."""
    hosts: tuple[HostClass, ...]
    findings: tuple[Finding, ...]
    failed: bool
    timings: tuple[tuple[str, float], ...] = ()


class Parts(msgspec.Struct, frozen=True):
    """A finished build by its parts, for a later one that takes up those that still hold."""

    resolution: Accounted
    requested_files: Mapping[str, SourceFile]
    raw: Mapping[str, tuple[Finding, ...]]
    comments: Mapping[str, tuple[IgnoreComment, ...]]
    lock: Lock
    chosen: Chosen
    scanned: frozenset[str]
    """The requested modules that were scanned."""


class Built(msgspec.Struct, frozen=True):
    """What a build made."""

    findings: tuple[Finding, ...]
    complete: bool = False
    """There is output: no pass stopped the build."""
    written: bool = False
    changes: tuple[FileChange, ...] = ()
    outputs: tuple[OutputFile, ...] = ()
    hosts: tuple[HostClass, ...] = ()
    classes: int = 0
    modules: int = 0
    timings: tuple[tuple[str, float], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    parts: Parts | None = None


def resolve_project(
    settings: Settings,
    *,
    tree: Tree | None = None,
    also: Sequence[Sequence[str]] = (),
    progress: Progress = quiet,
) -> Resolved:
    """The passes up to the classes: what ``list`` and ``explain`` show.

    Of each of ``also`` the first module that exists joins the sources.
    """
    try:
        return _resolve_project(settings, tree or DiskTree(), also, progress)
    except InternalFault as fault:
        if is_too_deep(fault):
            return Resolved(settings, (), (), (too_deep(fault),), failed=True)
        raise


@with_room
def _resolve_project(
    settings: Settings, tree: Tree, also: Sequence[Sequence[str]], progress: Progress
) -> Resolved:
    run = Run(settings, tree, progress)
    try:
        resolution = _classes(run, also, choose=False)
    finally:
        run.keep()
    return Resolved(
        run.settings,
        run.requested,
        () if resolution is None else resolution.hosts,
        run.told(),
        run.failed,
        tuple(run.timings),
    )


def build(
    settings: Settings,
    *,
    tree: Tree | None = None,
    write: bool = True,
    tell_differences: bool = False,
    types: TypeCheck | None = None,
    progress: Progress = quiet,
    chosen: Chosen | None = None,
) -> Built:
    """All passes; the last one only where ``types`` can check them.

    ``chosen`` says which modules matter, where an earlier build's choice still does.
    """
    try:
        return _passes(
            settings, tree or DiskTree(), write, tell_differences, types, progress, chosen
        )
    except InternalFault as fault:
        if is_too_deep(fault):
            return Built((too_deep(fault),))
        raise


@with_room
def _passes(
    settings: Settings,
    tree: Tree,
    write: bool,
    tell_differences: bool,
    types: TypeCheck | None,
    progress: Progress,
    chosen: Chosen | None,
) -> Built:
    run = Run(settings, tree, progress)
    run.checks_types = types is not None
    run.known_choice = chosen
    try:
        return _build(run, settings, write, tell_differences, types)
    finally:
        run.keep()


def _build(
    run: Run, settings: Settings, write: bool, tell_differences: bool, types: TypeCheck | None
) -> Built:
    # 1 to 3. Every host class is known, with its events and callbacks in order.
    resolution = _classes(run, (), choose=True)
    if resolution is None or run.failed:
        return _stopped(run)

    # 4. Every import, name, signature and call is decided; no two files clash.
    with run.stage("planning"):
        plans = plan(resolution, settings)
    run.tell(plans.findings, "plans")
    if run.failed:
        return _stopped(run)

    # 5. There is text, formatted, that parses, with a map of its calls.
    with run.stage("writing the text"):
        try:
            known = second_digests(resolution.reads, run, run.digests)
            outputs = emit(plans, settings, run.texts, known)
        except NoRoom as error:
            run.tell((writing.no_room(settings.output, str(error)),))
            return _stopped(run)

    # 6. The lock file says what the output was made of.
    with run.stage("locking"):
        content = lock_of(resolution, run, settings, outputs, run.digests)
        lock = OutputFile(LOCK_NAME, render(content))

    # 7. The disk holds the output, or what differs is known: nothing but this pass writes.
    texts = {output.path: output.text for output in outputs}
    if write:
        with run.stage("writing"):
            done = writing.write(texts, settings.output, lock.text, root=settings.root)
        changes = _made(done)
        run.tell(done.findings)
    else:
        with run.stage("comparing"):
            found = writing.compare(
                texts,
                lock.text,
                settings.output,
                root=settings.root,
                holds=lambda old, new: still_holds(old, new, resolution.reads, run, settings),
            )
            changes = _would_be_made(found, {**texts, lock.path: lock.text}, settings.output)
        run.tell(found.told(settings.output, settings.root) if tell_differences else found.findings)

    # 8. The sources and the output pass a type checker, or it is known which line is to blame.
    if types is not None:
        with run.stage("checking types"):
            told = types(_to_check(run, resolution, outputs, changes))
        run.tell(told)
        run.tell_unused_ignores(CODES.keys() - LATE_CODES)
    return Built(
        run.told(),
        complete=True,
        written=write and not run.failed,
        changes=changes,
        outputs=(*outputs, lock),
        hosts=resolution.hosts,
        classes=sum(len(module.classes) for module in plans.modules),
        modules=len(plans.modules),
        timings=tuple(run.timings),
        counts=run.counts(),
        parts=_parts(run, resolution, content),
    )


def _parts(run: Run, resolution: Accounted, lock: Lock) -> Parts | None:
    if run.relevance is None:
        return None
    return Parts(
        resolution,
        run.requested_files(),
        run.raw,
        run.comments,
        lock,
        run.relevance.chosen(),
        frozenset(module.name for module in run.loader.loaded()).intersection(run.requested),
    )


def _stopped(run: Run) -> Built:
    """The result of a build that went no further."""
    return Built(run.told(), timings=tuple(run.timings), counts=run.counts())


def _made(done: writing.Written) -> tuple[FileChange, ...]:
    """What has been done."""
    return (
        *(FileChange(path, "changed") for path in done.changed),
        *(FileChange(path, "removed") for path in done.removed),
    )


def _would_be_made(
    found: writing.Differences, texts: Mapping[str, str], output: str
) -> tuple[FileChange, ...]:
    """What a build would do, with the texts of before and after."""
    changes = [
        FileChange(path, "changed", _text_on_disk(output, path), texts[path])
        for path in (*found.stale, *found.missing, *found.edited)
    ]
    changes += [FileChange(path, "removed", _text_on_disk(output, path)) for path in found.orphaned]
    return tuple(sorted(changes, key=lambda change: change.path))


def _to_check(
    run: Run,
    resolution: Resolution,
    outputs: tuple[OutputFile, ...],
    changes: Iterable[FileChange],
) -> ToCheck:
    """What a type checker is asked about: the output as a build would write it."""
    from arctic_codegen.typecheck.checking import ToCheck  # most builds check no types
    from arctic_codegen.typecheck.records import CheckedFile

    find = run.loader.finder.find
    return ToCheck(
        settings=run.settings,
        hosts=resolution.hosts,
        outputs=outputs,
        differing=tuple((change.path, change.new) for change in changes),
        sources=tuple(
            CheckedFile(file.path, name)
            for name, file in run.requested_files().items()
            if not find(name).installed
        ),
        installed=tuple(
            CheckedFile(module.file.path, module.name)
            for module in run.loader.loaded()
            if module.file is not None and module.installed
        ),
        read=run.loader.tree.read,
    )


def _text_on_disk(output: str, path: str) -> str | None:
    try:
        return Path(output, path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _classes(run: Run, also: Sequence[Sequence[str]], *, choose: bool) -> Accounted | None:
    """The passes that ``build``, ``list`` and ``explain`` have in common.

    Only what is compiled has to have its order chosen (``choose``): the others show both.
    """
    # 1. The modules that a run asks for are known by name, and those are scanned that can matter;
    #    every other file is scanned when it is first needed.
    with run.stage("looking for sources"):
        run.add_sources(also)
        run.find()
    if run.failed:
        return None
    with run.stage("reading"):
        run.choose(prepare if choose else None)

    # 2. Every class with a mixin has its MRO, events and callbacks, in both orders. Which lists
    #    they are made of may show that more modules matter.
    with run.stage("resolving"):
        previous = run.previous_output(with_classes=choose)
        # A module that has output is looked at, whether or not it seems to matter now.
        compiled = {cls.module for cls in previous.classes}.intersection(run.requested)
        resolution = None
        while resolution is None or run.choose_more(resolution):
            relevant = {*run.relevant, *compiled}
            resolution = resolve(
                run, run.requested, run.settings, relevant=relevant, previous=previous
            )
    run.tell(resolution.findings)
    run.tell(unknown_semantics(run.settings, resolution.hosts), "settings")

    # 3. Where the two orders of a class differ, one has been chosen; the runtime that compiled
    #    classes take over is one that the tool knows.
    if choose:
        run.tell(semantics_findings(resolution.hosts, run.settings))
        machinery = machinery_findings(resolution.hosts, run, run.loader.finder.folders)
        run.tell(machinery, "machinery")
    # All that is parsed has been: whoever has done so may go.
    run.loader.dismiss_workers()
    if not run.checks_types:
        run.tell_unused_ignores(CODES.keys() - TYPE_CODES - LATE_CODES)
    return resolution
