"""What of a finished build is kept for the next one to take up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from arctic_codegen.build.driver import Built
from arctic_codegen.build.lock import Lock, LockedModule, fragment
from arctic_codegen.build.semantics import semantics_findings
from arctic_codegen.caching.builds import KeptBuild, KeptModule, keep, packed
from arctic_codegen.caching.disk import Facts
from arctic_codegen.caching.observing import Observer
from arctic_codegen.diagnostics.records import has_errors
from arctic_codegen.model.accounts import Accounted, ModuleAccount
from arctic_codegen.model.decls import IgnoreComment
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import SourceFile

_PARTS = ("search", "settings", "machinery", "plans")
"""What a build tells that follows from which files there are, and from the outlines of classes."""


class Remade(msgspec.Struct, frozen=True):
    """A module to be kept, what it depends on and reads still by name."""

    module: KeptModule
    reads: tuple[tuple[str, tuple[str, ...]], ...]
    inputs: tuple[str, ...]


def keep_build(settings: Settings, observer: Observer, built: Built) -> None:
    """Keeps a full build for the next one, where that can take it up."""
    parts = built.parts
    if observer.folder is None or parts is None or has_errors(built.findings):
        return
    resolved = parts.resolution
    if resolved.far_changes or resolved.common:
        return
    state = observer.output_as_left()
    if state is None:
        return
    files = parts.requested_files
    modules = records_of(
        parts.resolution, files, parts.lock, parts.comments, settings, parts.scanned
    )
    raw = parts.raw
    common = (
        *(
            finding
            for part in ("search", "settings", "machinery", "plans")
            for finding in raw.get(part, ())
        ),
    )
    by_module = outlines(resolved.hosts)
    asked = {one.module.module for one in modules}
    others = set(parts.comments) - {file.path for file in files.values()}
    head = KeptBuild(
        facts=b"",
        output=b"",
        reads=(),
        modules=(),
        parents=tuple(
            host for name in sorted(by_module) if name not in asked for host in by_module[name]
        ),
        others=tuple((path, parts.comments[path]) for path in sorted(others)),
        touched=resolved.touched,
        guards_read=resolved.guards_read,
        common=tuple(common),
        tool=parts.lock.tool,
        formatter=parts.lock.formatter,
        on_stale=parts.lock.on_stale,
        distributions=parts.lock.distributions,
        inputs=(),
        files=(),
        classes=built.classes,
        compiled_modules=built.modules,
        chosen=parts.chosen,
        unread=tuple(
            (file.path, name) for name, file in sorted(files.items()) if name not in asked
        ),
    )
    keep_modules(observer.folder, settings, observer.facts, state, modules, head, parts.lock)


def keep_modules(
    folder: str,
    settings: Settings,
    facts: Facts,
    output: Facts,
    modules: Sequence[Remade],
    head: KeptBuild,
    lock: Lock,
) -> None:
    """Keeps these modules; ``head`` has what they have in common."""
    reads = sorted({read for one in modules for read in one.reads})
    place_of = {read: place for place, read in enumerate(reads)}
    input_of = {path: place for place, (path, _) in enumerate(lock.inputs)}
    replace = msgspec.structs.replace
    keep(
        folder,
        settings,
        replace(
            head,
            facts=packed(facts),
            output=packed(output),
            reads=tuple(reads),
            modules=tuple(
                replace(
                    one.module,
                    depends_on=tuple(place_of[read] for read in one.reads),
                    inputs=tuple(input_of[path] for path in one.inputs),
                )
                for one in modules
            ),
            inputs=lock.inputs,
            files=lock.files,
        ),
    )


def records_of(
    resolved: Accounted,
    files: Mapping[str, SourceFile],
    lock: Lock,
    comments: Mapping[str, tuple[IgnoreComment, ...]],
    settings: Settings,
    scanned: Iterable[str] = (),
) -> tuple[Remade, ...]:
    """What is kept of each module of a resolution, and of others that were ``scanned`` for it."""
    by_module = outlines(resolved.hosts)
    whole: dict[str, list[HostClass]] = {}
    for host in resolved.hosts:
        whole.setdefault(host.id.module, []).append(host)
    locked: dict[str, LockedModule] = {one.module: one for one in lock.modules}
    found = []
    accounts = {account.module: account for account in resolved.accounts}
    accounts.update((name, ModuleAccount(name, ())) for name in scanned if name not in accounts)
    for _, account in sorted(accounts.items()):
        name = account.module
        file = files.get(name)
        path = "" if file is None else file.path
        in_lock = locked.get(name)
        module = KeptModule(
            module=name,
            path=path,
            digest="" if file is None else file.digest,
            depends_on=(),
            findings=account.findings,
            told=account.told,
            supers=account.supers,
            semantics=semantics_findings(whole.get(name, ()), settings),
            comments=comments.get(path, ()),
            covers=account.covers,
            hosts=tuple(by_module.get(name, ())),
            is_guarded=account.is_guarded,
            locked="" if in_lock is None else fragment(in_lock),
            inputs=(),
        )
        inputs = () if in_lock is None else tuple(read.path for read in in_lock.reads)
        found.append(Remade(module, account.reads, inputs))
    return tuple(found)


def by_name(kept: Iterable[KeptModule], last: KeptBuild) -> list[Remade]:
    """Modules of the last build, to be kept once more."""
    return [
        Remade(
            module,
            tuple(last.reads[place] for place in module.depends_on),
            tuple(last.inputs[place][0] for place in module.inputs),
        )
        for module in kept
    ]


def outlines(hosts: Iterable[HostClass]) -> dict[str, list[HostClass]]:
    """The host classes by module, without what is only of use for their own module."""
    found: dict[str, list[HostClass]] = {}
    for host in hosts:
        outline = msgspec.structs.replace(
            host, events=(), entries=(), runtime_entries=None, contributions=()
        )
        found.setdefault(host.id.module, []).append(outline)
    return found
