"""What does a finished build record for the next one, module by module (ADR 10)?"""

from __future__ import annotations

import contextlib
import marshal
import os
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from arctic_codegen.build.cache import sealed_files
from arctic_codegen.build.cache.facts import Facts
from arctic_codegen.build.cache.observer import Observer, record_name
from arctic_codegen.build.lock_file import Lock, fragment
from arctic_codegen.build.relevance import Chosen
from arctic_codegen.build.semantics import semantics_findings
from arctic_codegen.build.session import Session
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import IgnoreComment
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.module_results import (
    ClassFinding,
    ModuleResult,
    ResolutionByModule,
    each_once,
)
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import SourceFile

FOLDER = "builds"
_MOST = 4

Lookups = tuple[str, tuple[str, ...]]
"""A module, and the names that were looked up in it together."""


class ModuleRecord(msgspec.Struct, frozen=True, array_like=True):
    """One requested module. ``hosts`` are its host classes without events and entries."""

    module: str
    path: str
    digest: str
    """Of the file's bytes, as :class:`~arctic_codegen.model.source.SourceFile` has it."""
    depends_on: tuple[int, ...]
    """What was looked up for it, as places in ``BuildRecord.lookups``."""
    findings: tuple[Finding, ...]
    of_classes: tuple[ClassFinding, ...]
    semantics: tuple[Finding, ...]
    comments: tuple[IgnoreComment, ...]
    covers: tuple[ClassId, ...]
    hosts: tuple[HostClass, ...]
    bodies: tuple[tuple[str, str, str], ...]
    """As :class:`~arctic_codegen.model.module_results.ModuleResult` has them."""
    by_all: bool
    locked: str = ""
    """What the lock file says of it; empty where it has no host classes."""
    inputs: tuple[str, ...] = ()
    """The files that the lock file names there."""


class BuildRecord(msgspec.Struct, frozen=True, array_like=True):
    """All of it. ``facts`` and ``output`` are :class:`Facts` as ``marshal`` writes them."""

    parents: tuple[HostClass, ...]
    """Host classes of other modules, without events and entries."""
    others: tuple[tuple[str, tuple[IgnoreComment, ...]], ...]
    """The ignore comments of files of other modules."""
    touched: tuple[str, ...]
    """Modules of classes that others stand in for."""
    common: tuple[Finding, ...]
    """Findings that stay while the files and the outlines of classes do."""
    formatter: str
    distributions: dict[str, str]
    classes: int
    compiled_modules: int
    chosen: Chosen
    unread: tuple[tuple[str, str], ...]
    """Path and name of each requested module that no one has looked into."""
    lookups: tuple[Lookups, ...] = ()
    modules: tuple[ModuleRecord, ...] = ()
    inputs: dict[str, str] = {}
    """The files that the lock file names, each with the digest of its bytes."""
    files: dict[str, str] = {}
    """The files of the output, likewise."""
    facts: bytes = b""
    output: bytes = b""

    def known_facts(self) -> Facts:
        """What the build asked about the disk."""
        return Facts.of(marshal.loads(self.facts))

    def known_output(self) -> Facts:
        """The state in which it left its output."""
        return Facts.of(marshal.loads(self.output))


class LookupTable:
    """Every look-up that some module depends on, once; records name it by its place."""

    def __init__(self, lookups: Iterable[Lookups] = ()) -> None:
        self._places = {one: place for place, one in enumerate(lookups)}

    def place(self, lookups: Lookups) -> int:
        """The place of these, which are added where they are new."""
        return self._places.setdefault(lookups, len(self._places))

    def all(self) -> tuple[Lookups, ...]:
        """All of them, each at its place."""
        return tuple(self._places)


def module_records(
    resolved: ResolutionByModule,
    files: Mapping[str, SourceFile],
    comments: Mapping[str, tuple[IgnoreComment, ...]],
    settings: Settings,
    table: LookupTable,
    scanned: Iterable[str] = (),
) -> list[ModuleRecord]:
    """A record of each module of a resolution, and of others that were ``scanned`` for it."""
    hosts: dict[str, list[HostClass]] = {}
    for host in resolved.hosts:
        hosts.setdefault(host.id.module, []).append(host)
    module_results = {result.module: result for result in resolved.module_results}
    for name in scanned:
        module_results.setdefault(name, ModuleResult(name, ()))
    found = []
    for name, result in sorted(module_results.items()):
        file = files.get(name)
        path = "" if file is None else file.path
        found.append(
            ModuleRecord(
                module=name,
                path=path,
                digest="" if file is None else file.digest,
                depends_on=tuple(map(table.place, result.reads)),
                findings=result.findings,
                of_classes=result.of_classes,
                semantics=semantics_findings(hosts.get(name, ()), settings),
                comments=comments.get(path, ()),
                covers=result.covers,
                hosts=tuple(map(outline, hosts.get(name, ()))),
                bodies=result.bodies,
                by_all=result.by_all,
            )
        )
    return found


def findings_of(records: Sequence[ModuleRecord]) -> list[Finding]:
    """What was found about these modules; what many classes inherit is one finding."""
    return [
        *(finding for one in records for finding in one.findings),
        *each_once(of_classes for one in records for of_classes in one.of_classes),
        *(finding for one in records for finding in one.semantics),
    ]


def outline(host: HostClass) -> HostClass:
    """A host class without what is only of use for its own module."""
    return msgspec.structs.replace(
        host, events=(), entries=(), runtime_entries=None, contributions=(), assertions=()
    )


def with_lock(records: Iterable[ModuleRecord], lock: Lock) -> list[ModuleRecord]:
    """The records with what the lock file says of each of its modules."""
    locked = lock.modules
    return [
        msgspec.structs.replace(
            one,
            locked=fragment(locked[one.module]),
            inputs=tuple(locked[one.module].reads),
        )
        if one.module in locked
        else one
        for one in records
    ]


def head_of(
    session: Session,
    resolution: ResolutionByModule,
    counts: tuple[int, int],
    lock: Lock,
    common: Sequence[Finding],
) -> BuildRecord:
    """What the modules of a build have in common; ``counts`` are its classes and modules."""
    assert session.chosen is not None
    requested = frozenset(session.requested)
    files, comments = session.requested_files(), session.comments
    others = set(comments) - {file.path for file in files.values()}
    return BuildRecord(
        parents=tuple(
            outline(host) for host in resolution.hosts if host.id.module not in requested
        ),
        others=tuple((path, comments[path]) for path in sorted(others)),
        touched=resolution.touched,
        common=tuple(common),
        formatter=lock.formatter,
        distributions=lock.distributions,
        classes=counts[0],
        compiled_modules=counts[1],
        chosen=session.chosen,
        unread=tuple((file.path, name) for name, file in sorted(files.items())),
    )


def with_modules(
    head: BuildRecord, records: Sequence[ModuleRecord], table: LookupTable, lock: Lock
) -> BuildRecord:
    """A record of these modules; ``head`` has what they have in common."""
    asked = {one.module for one in records}
    return msgspec.structs.replace(
        head,
        lookups=table.all(),
        modules=tuple(records),
        inputs=lock.inputs,
        files=lock.files,
        unread=tuple(pair for pair in head.unread if pair[1] not in asked),
    )


def recall(folder: str, settings: Settings) -> BuildRecord | None:
    """The last build under these settings; ``None`` where there is none, or none of use."""
    data = sealed_files.read(_path(folder, settings))
    try:
        return msgspec.msgpack.decode(data, type=BuildRecord)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return None


def keep(observer: Observer, settings: Settings, build: BuildRecord, output: Facts) -> None:
    """Keeps a build, in place of the last one under the same settings. ``observer`` has watched
    it, and it has left its output as ``output``."""
    if observer.folder is None:
        return
    path = _path(observer.folder, settings)
    facts, state = marshal.dumps(observer.facts.plain()), marshal.dumps(output.plain())
    build = msgspec.structs.replace(build, facts=facts, output=state)
    with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
        if sealed_files.write(path, msgspec.msgpack.encode(build)):
            sealed_files.remove_oldest(os.path.dirname(path), _MOST)


def _path(folder: str, settings: Settings) -> str:
    return os.path.join(folder, FOLDER, record_name(settings))
