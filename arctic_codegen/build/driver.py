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
from arctic_codegen.build.lock import (
    Lock,
    assemble,
    fragment,
    make_fingerprints,
    make_lock,
    still_holds,
)
from arctic_codegen.build.machinery import machinery_findings
from arctic_codegen.build.previous import PreviousBuild
from arctic_codegen.build.record import (
    BuildRecord,
    LookupTable,
    ModuleRecord,
    findings_of,
    keep,
    module_records,
    outline,
    packed,
)
from arctic_codegen.build.session import Session
from arctic_codegen.caching.observing import Observer
from arctic_codegen.config.checks import unknown_semantics
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.faults import InternalFault, NeedsFullBuild
from arctic_codegen.diagnostics.records import Finding, has_errors
from arctic_codegen.discover.trees import DiskTree, Tree
from arctic_codegen.emit import NoRoom, emit, prepare
from arctic_codegen.model.accounts import Accounted
from arctic_codegen.model.changes import FileChange as FileChange
from arctic_codegen.model.changes import Progress as Progress
from arctic_codegen.model.changes import quiet as quiet
from arctic_codegen.model.hosts import HostClass, Resolution
from arctic_codegen.model.output import OutputFile
from arctic_codegen.model.settings import Settings
from arctic_codegen.plan import plan
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
    session = Session(settings, tree, progress)
    try:
        _find(session, also)
        resolution = None
        if not session.failed:
            resolution = _resolve(session, choose=False)
            session.report(resolution.findings)
            session.report(unknown_semantics(session.settings, resolution.hosts))
            paths = [file.path for file in session.requested_files().values()]
            session.report_unused_ignores(CODES.keys() - TYPE_CODES - LATE_CODES, paths)
    finally:
        session.keep()
    return Resolved(
        session.settings,
        session.requested,
        () if resolution is None else resolution.hosts,
        session.diagnostics(),
        session.failed,
        tuple(session.timings),
    )


def build(
    settings: Settings,
    *,
    tree: Tree | None = None,
    observer: Observer | None = None,
    write: bool = True,
    tell_differences: bool = False,
    types: TypeCheck | None = None,
    progress: Progress = quiet,
) -> Built:
    """All passes; the last one only where ``types`` can check them.

    With an ``observer``, which has given the ``tree``, modules that are still fresh are taken from
    the last build, and this one is kept for the next.
    """
    goal = Goal(write, tell_differences, types)
    try:
        return _passes(settings, tree or DiskTree(), observer, goal, progress)
    except InternalFault as fault:
        if is_too_deep(fault):
            return Built((too_deep(fault),))
        raise


class Goal(msgspec.Struct, frozen=True):
    """What a build is to do with the output."""

    write: bool = True
    tell_differences: bool = False
    types: TypeCheck | None = None


@with_room
def _passes(
    settings: Settings, tree: Tree, observer: Observer | None, goal: Goal, progress: Progress
) -> Built:
    choice = None
    if observer is not None:
        session = Session(settings, tree, progress)
        with session.stage("looking for changes"):
            previous = PreviousBuild.recall(settings, observer)
        if previous is not None:
            try:
                return _build(session, observer, goal, previous)
            except NeedsFullBuild:
                choice = session.known_choice
                if choice is not None:
                    # What it was made by has to hold for the next build, too.
                    previous.add_facts_to(observer.facts)
            finally:
                session.keep()
    session = Session(settings, tree, progress)
    session.known_choice = choice
    session.checks_types = goal.types is not None
    try:
        return _build(session, observer, goal, None)
    finally:
        session.keep()


def _build(
    session: Session, observer: Observer | None, goal: Goal, previous: PreviousBuild | None
) -> Built:
    settings = session.settings
    # 1. The modules that a run asks for are known by name, and which of them can matter; of those
    #    that the last build has resolved, which are fresh.
    common: list[Finding] = []
    if previous is None:
        common += _find(session)
        if session.failed:
            return _stopped(session)
    else:
        with session.stage("looking for changes"):
            previous.look(session, write=goal.write)
        session.requested = tuple(sorted(previous.record.chosen.modules))
        common += session.report(previous.record.common)

    # 2. Every class with a mixin has its MRO, events and callbacks, in both orders. Each module
    #    has a record of what was found about it, and of what that depends on.
    resolution = Accounted((), (), ())
    if previous is None or previous.stale:
        resolution = _resolve(session, choose=True, previous=previous)
    table = LookupTable(() if previous is None else previous.record.lookups)
    records = _records(session, resolution, table, previous)
    session.report(resolution.common)
    session.report(findings_of(sorted(records, key=lambda one: one.module)))
    if previous is None:
        common += session.report(unknown_semantics(settings, resolution.hosts))
        # The runtime that compiled classes take over is one that the tool knows.
        folders = session.loader.finder.folders
        common += session.report(machinery_findings(resolution.hosts, session, folders))
    # All that is parsed has been: whoever has done so may go.
    session.loader.dismiss_workers()
    paths = [one.path for one in records]
    if goal.types is None:
        session.report_unused_ignores(CODES.keys() - TYPE_CODES - LATE_CODES, paths)
    if session.failed and previous is not None:
        raise NeedsFullBuild
    if session.failed:
        return _stopped(session)
    if previous is not None and not previous.stale:
        return _nothing_stale(session, observer, goal, previous)

    # 3. Every import, name, signature and call is decided; no two files clash.
    with session.stage("planning"):
        hosts = resolution.hosts if previous is None else previous.hosts(resolution)
        plans = plan(hosts, settings, None if previous is None else frozenset(previous.stale))
    session.report(plans.findings)
    if session.failed:
        return _stopped(session)

    # 4. There is text, formatted, that parses, with a map of its calls.
    with session.stage("writing the text"):
        try:
            fingerprints = make_fingerprints(resolution.reads, session, session.digests)
            outputs = emit(plans, session.texts, fingerprints)
        except NoRoom as error:
            session.report((writing.no_room(settings.output, str(error)),))
            return _stopped(session)

    # 5. The lock file says what the output was made of.
    with session.stage("locking"):
        formatter = "" if previous is None else previous.record.formatter
        texts = {output.path: output.text for output in outputs}
        lock = make_lock(resolution.reads, session, texts, settings, formatter, session.digests)
        records = _with_lock(records, lock)
        if previous is not None:
            lock = previous.whole_lock(lock, session)
        locked = {one.module: one.locked for one in records if one.locked}
        lock_file = OutputFile(LOCK_NAME, assemble(lock, locked))

    # 6. The disk holds the output, or what differs is known: nothing but this pass writes.
    if goal.write:
        with session.stage("writing"):
            done = writing.write(
                texts, settings.output, lock_file.text, root=settings.root, prune=previous is None
            )
        if previous is not None and done.findings:
            raise NeedsFullBuild
        changes = _made(done)
        session.report(done.findings)
    else:
        with session.stage("comparing"):
            found = writing.compare(
                texts,
                lock_file.text,
                settings.output,
                root=settings.root,
                holds=lambda old, new: still_holds(old, new, resolution.reads, session, settings),
            )
            changes = _would_be_made(found, {**texts, LOCK_NAME: lock_file.text}, settings.output)
        told = goal.tell_differences
        session.report(found.told(settings.output, settings.root) if told else found.findings)

    # 7. The sources and the output pass a type checker, or it is known which line is to blame.
    if goal.types is not None:
        with session.stage("checking types"):
            messages = goal.types(_to_check(session, resolution, outputs, changes))
        session.report(messages)
        session.report_unused_ignores(CODES.keys() - LATE_CODES, paths)
    compiled = sum(len(module.classes) for module in plans.modules)
    built = Built(
        session.diagnostics(),
        complete=True,
        written=goal.write and not session.failed,
        changes=changes,
        outputs=(*outputs, lock_file),
        hosts=resolution.hosts,
        classes=compiled if previous is None else previous.record.classes,
        modules=len(plans.modules) if previous is None else previous.record.compiled_modules,
        timings=tuple(session.timings),
        counts=_counts(session, previous),
    )
    if observer is not None and (goal.write or not changes):
        # A lock file that is as good as a new one stays as it is.
        left = texts if not goal.write else {**texts, LOCK_NAME: lock_file.text}
        _left(observer, previous, left)
        if goal.write and not (resolution.far_changes or resolution.common):
            kept = _Kept(tuple(common), tuple(records), table, lock)
            _keep(session, observer, previous, resolution, built, kept)
    return built


def _nothing_stale(
    session: Session, observer: Observer | None, goal: Goal, previous: PreviousBuild
) -> Built:
    if observer is not None:
        _left(observer, previous, {})
    return Built(
        session.diagnostics(),
        complete=True,
        written=goal.write,
        classes=previous.record.classes,
        modules=previous.record.compiled_modules,
        timings=tuple(session.timings),
        counts=_counts(session, previous),
    )


def _counts(session: Session, previous: PreviousBuild | None) -> tuple[tuple[str, int], ...]:
    if previous is None:
        return session.counts()
    unread = len(previous.record.unread)
    return (
        ("files skipped", unread),
        *session.loader.counts(),
        ("modules taken over", len(previous.fresh) + unread),
    )


def _stopped(session: Session) -> Built:
    """The result of a build that went no further."""
    return Built(session.diagnostics(), timings=tuple(session.timings), counts=session.counts())


def _find(session: Session, also: Sequence[Sequence[str]] = ()) -> tuple[Finding, ...]:
    with session.stage("looking for sources"):
        session.add_sources(also)
        return session.find()


def _resolve(session: Session, *, choose: bool, previous: PreviousBuild | None = None) -> Accounted:
    """Every host class of the modules that can matter, or of those that are stale.

    Only what is compiled has to have its order chosen (``choose``): ``list`` and ``explain`` show
    both.
    """
    if previous is not None:
        with session.stage("resolving"):
            output = session.previous_output(with_classes=False)
            resolved = resolve(
                session, session.requested, session.settings, previous.part(), previous=output
            )
            previous.check(resolved, session)
            return resolved
    with session.stage("reading"):
        session.choose(prepare if choose else None)
    # Which lists callbacks are made of may show that more modules matter.
    with session.stage("resolving"):
        output = session.previous_output(with_classes=choose)
        # A module that has output is looked at, whether or not it seems to matter now.
        compiled = {cls.module for cls in output.classes}.intersection(session.requested)
        resolution = None
        while resolution is None or session.choose_more(resolution):
            relevant = {*session.relevant, *compiled}
            resolution = resolve(
                session, session.requested, session.settings, relevant=relevant, previous=output
            )
    return resolution


def _records(
    session: Session,
    resolution: Accounted,
    table: LookupTable,
    previous: PreviousBuild | None,
) -> list[ModuleRecord]:
    """A record of each requested module that somebody has looked into."""
    loaded = frozenset(module.name for module in session.loader.loaded())
    fresh: tuple[ModuleRecord, ...] = ()
    if previous is None:
        looked_into = loaded.intersection(session.requested)
    else:
        # No one had looked into some of them before.
        looked_into = loaded.intersection(name for _, name in previous.record.unread)
        fresh = previous.fresh
    names = {account.module for account in resolution.accounts} | looked_into
    new = module_records(
        resolution,
        session.requested_files(names),
        session.comments,
        session.settings,
        table,
        looked_into,
    )
    if previous is not None:
        previous.check_outlines(new)
    return sorted((*fresh, *new), key=lambda one: one.module)


def _with_lock(records: Iterable[ModuleRecord], lock: Lock) -> list[ModuleRecord]:
    """The records with what the lock file says of each of its modules."""
    locked = {one.module: one for one in lock.modules}
    return [
        msgspec.structs.replace(
            one,
            locked=fragment(locked[one.module]),
            inputs=tuple(read.path for read in locked[one.module].reads),
        )
        if one.module in locked
        else one
        for one in records
    ]


class _Kept(msgspec.Struct, frozen=True):
    """What a build leaves to the next one."""

    common: tuple[Finding, ...]
    records: tuple[ModuleRecord, ...]
    table: LookupTable
    lock: Lock


def _left(observer: Observer, previous: PreviousBuild | None, texts: Mapping[str, str]) -> None:
    """Tells the observer what is in the output folder now."""
    if previous is None:
        observer.built(texts)
    else:
        # What this build asked is known besides what the last one did.
        previous.add_facts_to(observer.facts)
        observer.built_besides(previous.output, texts)


def _keep(
    session: Session,
    observer: Observer,
    previous: PreviousBuild | None,
    resolution: Accounted,
    built: Built,
    kept: _Kept,
) -> None:
    """Keeps a build for the next one."""
    state = observer.output_as_left()
    if observer.folder is None or state is None or has_errors(built.findings):
        return
    asked = {one.module for one in kept.records}
    if previous is None:
        assert session.relevance is not None
        files = session.requested_files()
        others = set(session.comments) - {file.path for file in files.values()}
        head = BuildRecord(
            facts=b"",
            output=b"",
            lookups=(),
            modules=(),
            parents=tuple(map(outline, (h for h in resolution.hosts if h.id.module not in asked))),
            others=tuple((path, session.comments[path]) for path in sorted(others)),
            touched=resolution.touched,
            guards_read=resolution.guards_read,
            common=kept.common,
            tool=kept.lock.tool,
            formatter=kept.lock.formatter,
            on_stale=kept.lock.on_stale,
            distributions=kept.lock.distributions,
            inputs=(),
            files=(),
            classes=built.classes,
            compiled_modules=built.modules,
            chosen=session.relevance.chosen(),
            unread=tuple(
                (file.path, name) for name, file in sorted(files.items()) if name not in asked
            ),
        )
    else:
        head = previous.record
    keep(
        observer.folder,
        session.settings,
        msgspec.structs.replace(
            head,
            facts=packed(observer.facts),
            output=packed(state),
            lookups=kept.table.all(),
            modules=kept.records,
            inputs=kept.lock.inputs,
            files=kept.lock.files,
            unread=tuple(pair for pair in head.unread if pair[1] not in asked),
        ),
    )


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
    session: Session,
    resolution: Resolution,
    outputs: tuple[OutputFile, ...],
    changes: Iterable[FileChange],
) -> ToCheck:
    """What a type checker is asked about: the output as a build would write it."""
    from arctic_codegen.typecheck.checking import ToCheck  # most builds check no types
    from arctic_codegen.typecheck.records import CheckedFile

    find = session.loader.finder.find
    return ToCheck(
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
        read=session.loader.tree.read,
    )


def _text_on_disk(output: str, path: str) -> str | None:
    try:
        return Path(output, path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
