"""What does a build record for the next one, module by module (ADR 10)?"""

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
    """The record of one requested module. ``hosts`` are the outlines of its host classes."""

    module: str
    path: str
    digest: str
    """The digest of the file, as in :class:`~arctic_codegen.model.source.SourceFile`."""
    depends_on: tuple[int, ...]
    """Its look-ups, as indices in ``BuildRecord.lookups``."""
    findings: tuple[Finding, ...]
    of_classes: tuple[ClassFinding, ...]
    semantics: tuple[Finding, ...]
    comments: tuple[IgnoreComment, ...]
    covers: tuple[ClassId, ...]
    hosts: tuple[HostClass, ...]
    bodies: tuple[tuple[str, str, str], ...]
    """As in :class:`~arctic_codegen.model.module_results.ModuleResult`."""
    by_all: bool
    locked: str = ""
    """Its entry in the lock file; empty if it has no host classes."""
    inputs: tuple[str, ...] = ()
    """The files that this entry names."""


class BuildRecord(msgspec.Struct, frozen=True, array_like=True):
    """The record of a build. ``facts`` and ``output`` are :class:`Facts` encoded by ``marshal``."""

    parents: tuple[HostClass, ...]
    """Outlines of the host classes of other modules."""
    others: tuple[tuple[str, tuple[IgnoreComment, ...]], ...]
    """Ignore comments in the files of other modules, by path."""
    touched: tuple[str, ...]
    """As in :class:`~arctic_codegen.model.module_results.ResolutionByModule`."""
    common: tuple[Finding, ...]
    """Findings that depend only on which files exist and on the outlines of classes."""
    formatter: str
    distributions: dict[str, str]
    classes: int
    compiled_modules: int
    chosen: Chosen
    unread: tuple[tuple[str, str], ...]
    """Path and name of each requested module that was not scanned."""
    lookups: tuple[Lookups, ...] = ()
    modules: tuple[ModuleRecord, ...] = ()
    inputs: dict[str, str] = {}
    """The inputs in the lock file, each with the digest of its bytes."""
    files: dict[str, str] = {}
    """The files of the output, each with its digest."""
    facts: bytes = b""
    output: bytes = b""

    def known_facts(self) -> Facts:
        """The facts about the disk that the build depends on."""
        return Facts.of(marshal.loads(self.facts))

    def known_output(self) -> Facts:
        """The state of the output folder after the build."""
        return Facts.of(marshal.loads(self.output))


class LookupTable:
    """Every look-up that any module depends on, once; records refer to it by its index."""

    def __init__(self, lookups: Iterable[Lookups] = ()) -> None:
        self._places = {one: place for place, one in enumerate(lookups)}

    def place(self, lookups: Lookups) -> int:
        """The index of these look-ups, which are added if they are new."""
        return self._places.setdefault(lookups, len(self._places))

    def all(self) -> tuple[Lookups, ...]:
        """All look-ups, in the order of their indices."""
        return tuple(self._places)


def module_records(
    resolved: ResolutionByModule,
    files: Mapping[str, SourceFile],
    comments: Mapping[str, tuple[IgnoreComment, ...]],
    settings: Settings,
    table: LookupTable,
    scanned: Iterable[str] = (),
) -> list[ModuleRecord]:
    """A record of each module of a resolution, and of the other modules that were ``scanned``."""
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
    """The findings of these modules; a finding that several classes inherit is included once."""
    return [
        *(finding for one in records for finding in one.findings),
        *each_once(of_classes for one in records for of_classes in one.of_classes),
        *(finding for one in records for finding in one.semantics),
    ]


def outline(host: HostClass) -> HostClass:
    """A host class without the parts that only its own module needs."""
    return msgspec.structs.replace(
        host, events=(), entries=(), runtime_entries=None, contributions=(), assertions=()
    )


def with_lock(records: Iterable[ModuleRecord], lock: Lock) -> list[ModuleRecord]:
    """The records with the entries of their modules in the lock file."""
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
    """The record of a build without its modules; ``counts`` are those of classes and modules."""
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
    """The record ``head`` with the records of these modules."""
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
    """The last build with these settings; ``None`` if there is no valid record."""
    data = sealed_files.read(_path(folder, settings))
    try:
        return msgspec.msgpack.decode(data, type=BuildRecord)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return None


def keep(observer: Observer, settings: Settings, build: BuildRecord, output: Facts) -> None:
    """Store a build, replacing the last one with the same settings. ``observer`` has recorded it,
    and ``output`` is the state of the output folder."""
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
