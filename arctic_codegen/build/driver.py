"""The passes of a build, in order. The comment before each pass states what is true after it.

A pass takes values and returns values. Findings are collected in the session; if a pass has found
errors, no later pass runs. An exception is a bug in the tool, never a mistake in the sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from arctic_codegen._version import LOCK_NAME
from arctic_codegen.build import write as writing
from arctic_codegen.build.cache.observer import Observer
from arctic_codegen.build.framework_versions import version_findings
from arctic_codegen.build.lock_file import assemble, make_fingerprints, make_lock, still_holds
from arctic_codegen.build.previous import PreviousBuild, all_records
from arctic_codegen.build.record import (
    LookupTable,
    findings_of,
    head_of,
    keep,
    with_lock,
    with_modules,
)
from arctic_codegen.build.recursion import is_too_deep, retry_with_larger_stack, too_deep
from arctic_codegen.build.results import (
    Built,
    Goal,
    ResolvedProject,
    TypeCheck,
    changes_made,
    pending_changes,
    type_check_input,
)
from arctic_codegen.build.session import Session
from arctic_codegen.config.checks import unknown_semantics
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.faults import InternalFault, NeedsFullBuild
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.trees import DiskTree, Tree
from arctic_codegen.emit import NoTemporaryFiles, emit, file_plans, prepare
from arctic_codegen.emit.output_files import Plan
from arctic_codegen.model.module_results import ResolutionByModule
from arctic_codegen.model.output import OutputFile
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.model.settings import Settings
from arctic_codegen.plan import plan
from arctic_codegen.resolve.resolve import resolve

LATE_CODES = frozenset(code for code in CODES if code.startswith(("AC6", "AC9")))
"""Codes that are reported after unused ignore comments have been determined."""

TYPE_CODES = frozenset(code for code in CODES if code.startswith("AC5"))


def resolve_project(
    settings: Settings,
    *,
    tree: Tree | None = None,
    also: Sequence[str] = (),
    progress: Progress = quiet,
) -> ResolvedProject:
    """Run the passes up to the resolved classes, for ``list`` and ``explain``.

    Modules in ``also`` are added to the sources, if they exist.
    """
    try:
        return _resolve_project(settings, tree or DiskTree(), also, progress)
    except InternalFault as fault:
        if is_too_deep(fault):
            return ResolvedProject(settings, (), (), (too_deep(fault),), failed=True)
        raise


@retry_with_larger_stack
def _resolve_project(
    settings: Settings, tree: Tree, also: Sequence[str], progress: Progress
) -> ResolvedProject:
    session = Session(settings, tree, progress)
    try:
        _find(session, also)
        resolution = None
        if session.requested and session.loader.problem is None:
            resolution = _resolve(session, choose=False)  # even if some sources are missing
            session.report(resolution.findings)
            session.report(unknown_semantics(session.settings, resolution.hosts))
            paths = [file.path for file in session.requested_files().values()]
            session.report_unused_ignores(CODES.keys() - TYPE_CODES - LATE_CODES, paths)
    finally:
        session.keep()
    return ResolvedProject(
        session.settings,
        session.requested,
        () if resolution is None else resolution.hosts,
        session.diagnostics(),
        session.failed,
        tuple(session.timings),
        session.loader.finder.installed_folders,
        session.loader,
    )


def build(
    settings: Settings,
    *,
    tree: Tree | None = None,
    observer: Observer | None = None,
    write: bool = True,
    report_differences: bool = False,
    working_folder: str | None = None,
    types: TypeCheck | None = None,
    progress: Progress = quiet,
) -> Built:
    """Run all passes; the type check only if ``types`` is given.

    With an ``observer``, which has provided the ``tree``, modules that are still fresh are reused
    from the last build, and this build is recorded for the next one.
    """
    goal = Goal(write, report_differences, working_folder or settings.root, types)
    try:
        return _passes(settings, tree or DiskTree(), observer, goal, progress)
    except InternalFault as fault:
        if is_too_deep(fault):
            return Built((too_deep(fault),))
        raise


@retry_with_larger_stack
def _passes(
    settings: Settings, tree: Tree, observer: Observer | None, goal: Goal, progress: Progress
) -> Built:
    choice, fingerprints = None, {}
    if observer is not None:
        session = Session(settings, tree, progress)
        with session.stage("looking for changes"):
            previous = PreviousBuild.recall(settings, observer)
        if previous is not None:
            try:
                return _build(session, observer, goal, previous)
            except NeedsFullBuild:
                choice, fingerprints = session.known_choice, previous.fingerprints()
                if choice is not None:
                    # The choice depends on these facts, so the next build has to check them.
                    previous.add_facts_to(observer.facts)
            finally:
                session.keep()
    session = Session(settings, tree, progress)
    session.known_choice, session.fingerprints = choice, fingerprints
    session.checks_types = goal.types is not None
    try:
        return _build(session, observer, goal, None)
    finally:
        session.keep()


def _build(
    session: Session, observer: Observer | None, goal: Goal, previous: PreviousBuild | None
) -> Built:
    settings = session.settings
    # 1. The names of the requested modules are known, and which of them can matter. If there is a
    #    previous build, it is known which of its modules are fresh.
    common: list[Finding] = []
    if previous is None:
        common += _find(session)
        if session.failed:
            return _stopped(session)
    else:
        with session.stage("looking for changes"):
            previous.find_stale(session, write=goal.write)
        session.request(tuple(sorted(previous.record.chosen.modules)))
        common += session.report(previous.record.common)

    # 2. Every class with a mixin has its MRO, events and callbacks, in both orders. Each module
    #    has a record of its findings, and of what they depend on.
    resolution = ResolutionByModule((), (), ())
    if previous is None or previous.stale:
        resolution = _resolve(session, choose=True, previous=previous)
    table = LookupTable(() if previous is None else previous.record.lookups)
    records = all_records(session, resolution, table, previous)
    session.report(resolution.common)
    session.report(findings_of(records))
    if previous is None:
        common += session.report(unknown_semantics(settings, resolution.hosts))
        # The installed framework is a version that compiled classes support.
        folders = session.loader.finder.folders
        common += session.report(version_findings(resolution.hosts, session.loader, folders))
    # Nothing more is parsed from here on.
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

    # 3. Every import, name, signature and call is determined; no two files clash.
    with session.stage("planning"):
        hosts = resolution.hosts if previous is None else previous.hosts(resolution)
        plans = plan(hosts, settings, None if previous is None else previous.stale)
    session.report(plans.findings)
    if session.failed:
        return _stopped(session)

    # 4. The text of each output file is formatted and valid Python, with a map of its calls.
    with session.stage("writing the text"):
        try:
            making = make_fingerprints(resolution.reads, session.loader, session.fingerprints)
            outputs = _emit(file_plans(plans), session, making)
        except NoTemporaryFiles as error:
            session.report((writing.no_temporary_files(settings.output, str(error)),))
            return _stopped(session)

    # 5. The lock file records what the output was built from.
    with session.stage("locking"):
        formatter = "" if previous is None else previous.record.formatter
        texts = {output.path: output.text for output in outputs}
        lock = make_lock(
            resolution.reads, session.loader, texts, settings, formatter, session.fingerprints
        )
        records = with_lock(records, lock)
        if previous is not None:
            lock = previous.whole_lock(lock, session)
        locked = {one.module: one.locked for one in records if one.locked}
        lock_file = OutputFile(LOCK_NAME, assemble(lock, locked))

    # 6. The output is on disk, or the differences are known. Only this pass writes.
    discarded: tuple[str, ...] = ()
    if goal.write:
        with session.stage("writing"):
            done = writing.write(
                texts,
                settings.output,
                lock_file.text,
                root=goal.working_folder,
                prune=previous is None,
            )
        if previous is not None and done.findings:
            raise NeedsFullBuild
        changes = changes_made(done)
        discarded = done.discarded
        session.report(done.findings)
    else:
        with session.stage("comparing"):
            found = writing.compare(
                texts,
                lock_file.text,
                settings.output,
                root=goal.working_folder,
                holds=lambda old, new: still_holds(
                    old, new, resolution.reads, session.loader, settings
                ),
            )
            changes = pending_changes(found, {**texts, LOCK_NAME: lock_file.text}, settings.output)
        if goal.report_differences:
            session.report(found.as_findings(settings.output, goal.working_folder))
        else:
            session.report(found.findings)

    # 7. The sources and the output pass a type checker, or each type error has a source line.
    if goal.types is not None:
        with session.stage("checking types"):
            messages = goal.types(type_check_input(session, resolution, outputs, changes))
        session.report(messages)
        session.report_unused_ignores(CODES.keys() - LATE_CODES, paths)
    compiled = sum(len(module.classes) for module in plans.modules)
    built = Built(
        session.diagnostics(),
        complete=True,
        written=goal.write and not session.failed,
        changes=changes,
        discarded=discarded,
        outputs=(*outputs, lock_file),
        hosts=resolution.hosts,
        classes=compiled if previous is None else previous.record.classes,
        modules=len(plans.modules) if previous is None else previous.record.compiled_modules,
        timings=tuple(session.timings),
        counts=_counts(session, previous),
    )
    if observer is not None and (goal.write or not changes):
        # Without a write, a lock file that is still valid may differ from the new one.
        on_disk = texts if not goal.write else {**texts, LOCK_NAME: lock_file.text}
        _record_output(observer, previous, on_disk)
        state = observer.output_as_left()
        is_of_use = not (session.failed or resolution.far_changes or resolution.common)
        if goal.write and state is not None and is_of_use:
            head = (
                head_of(session, resolution, (built.classes, built.modules), lock, common)
                if previous is None
                else previous.record
            )
            keep(observer, settings, with_modules(head, records, table, lock), state)
    return built


def _emit(
    plans: list[Plan], session: Session, meanwhile: Iterable[object]
) -> tuple[OutputFile, ...]:
    if session.texts is None:
        files = emit(plans, meanwhile)
    else:
        files = session.texts.kept_or_made(plans, lambda missing: emit(missing, meanwhile))
    return tuple(sorted(files, key=lambda file: file.path))


def _nothing_stale(
    session: Session, observer: Observer | None, goal: Goal, previous: PreviousBuild
) -> Built:
    if observer is not None:
        _record_output(observer, previous, {})
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
    """The result of a build that stopped at this point."""
    return Built(session.diagnostics(), timings=tuple(session.timings), counts=session.counts())


def _find(session: Session, also: Sequence[str] = ()) -> tuple[Finding, ...]:
    with session.stage("looking for sources"):
        session.add_sources(also)
        return session.find()


def _resolve(
    session: Session, *, choose: bool, previous: PreviousBuild | None = None
) -> ResolutionByModule:
    """Resolve the host classes of the modules that can matter, or only of the stale ones.

    ``choose`` is set if classes are compiled, which needs one order of callbacks; ``list`` and
    ``explain`` show both.
    """
    if previous is not None:
        with session.stage("resolving"):
            resolved = resolve(
                session.loader,
                session.requested,
                session.settings,
                previous.subset(),
                previous=session.previous_output(with_classes=False),
            )
            previous.check(resolved, session)
            return resolved
    with session.stage("reading"):
        session.choose(prepare if choose else None)
    with session.stage("resolving"):
        output = session.previous_output(with_classes=choose)
        # A module that has output is resolved even if it does not seem to matter now.
        compiled = output.classes.keys() & frozenset(session.requested)
        return resolve(
            session.loader,
            session.requested,
            session.settings,
            relevant={*session.relevant, *compiled},
            previous=output,
        )


def _record_output(
    observer: Observer, previous: PreviousBuild | None, texts: Mapping[str, str]
) -> None:
    """Record the current contents of the output folder in the observer."""
    if previous is None:
        observer.built(texts)
    else:
        # The facts of the last build are still needed, in addition to those of this one.
        previous.add_facts_to(observer.facts)
        observer.built_incrementally(previous.output, texts)
