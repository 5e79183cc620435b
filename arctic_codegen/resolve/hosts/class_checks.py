"""What is wrong with a class: on its own (R13, R14, AC303 of R20, R51), and among all (R16)?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.decls import ClassDecl, FunctionDecl, Statement
from arctic_codegen.model.expr import Subscript
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.resolve.binder.blocks import bodies, flat
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.hosts.candidates import Candidate, Tools, candidate
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.events import read_method_name
from arctic_codegen.resolve.names.module_changes import MAIN
from arctic_codegen.resolve.names.mro import ClassKey, class_key
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.output_names import OutputNames

_ABOUT_BASES = frozenset({"AC101", "AC104", "AC301", "AC302"})


def local_classes(module: str, body: Sequence[Statement], tools: Tools) -> Iterator[Finding]:
    """Host classes that have callbacks and cannot be imported, so cannot be compiled (R14)."""
    for frames, _ in bodies(body):
        cls = frames[-1] if frames else None
        if isinstance(cls, ClassDecl) and any(isinstance(one, FunctionDecl) for one in frames):
            scope = Scope(module, frames[:-1], cls.span.start)
            yield from _not_compiled(cls, scope, message("reasons", "in-any-function"), tools)
    if not any(isinstance(stmt, ClassDecl) for stmt in flat(body)):
        return
    for live in tools.names.live(body, Scope(module)):
        if live.main_only and isinstance(live.stmt, ClassDecl):
            scope = Scope(module, (), live.stmt.span.start)
            yield from _not_compiled(live.stmt, scope, MAIN, tools)


def lost_classes(module: str, tools: Tools) -> Iterator[Finding]:
    """Host classes with callbacks whose name no longer refers to them in their module (R13)."""
    for cls in tools.names.classes_of(module, kept=False):
        if candidate(cls, tools) is not None and _declares(cls, tools):
            yield lost_class(cls)


def _not_compiled(decl: ClassDecl, scope: Scope, where: Message, tools: Tools) -> Iterator[Finding]:
    cls = tools.names.class_entity(decl, scope)
    if candidate(cls, tools) is not None and _declares(cls, tools):
        yield message("AC214", "not-compiled", name=cls.decl.name, where=where).at(cls.place)


def no_mixin_in_sight(cls: ClassEntity, tools: Tools) -> Finding | None:
    """A class that declares callbacks and has a missing base that may be a host class (R13)."""
    if not _declares(cls, tools):
        return None
    mro = tools.names.mro(cls)
    if not mro.unknown_bases:
        return None
    base = mro.unknown_bases[0]
    related = () if base.place is None else (Related(base.place, base.message),)
    problem = message("AC102", "no-mixin", name=cls.decl.name)
    for written in cls.decl.bases:
        name = show(written).rpartition(".")[2]
        if suggest.close(name, ("CallbackMixin",), cutoff=0.8) and name != "CallbackMixin":
            problem = message("AC102", "no-mixin-did-you-mean", name=cls.decl.name)
    return problem.at(cls.place, *related)


def compiled_bases(cls: ClassEntity, output: OutputNames, tools: Tools) -> Iterator[Finding]:
    """Bases that are imported from the output folder (AC303), built already or not."""
    if tools.members.libraries.is_library_class(cls) and not output.imports_output(cls.id.module):
        return  # no need to read libraries
    for base in cls.decl.bases:
        plain = base.value if isinstance(base, Subscript) else base
        if output.is_output(tools.names.lookup(plain, cls.scope)):
            found = message("AC303", "compiled-base", base=show(plain), name=cls.decl.name)
            yield found.at(Place(cls.place.path, base.span))


def final_class(found: Candidate, walked: Sequence[Declaration]) -> Iterator[Finding]:
    """Callbacks of a class that cannot have subclasses (AC202)."""
    cls = found.cls
    mine = [one for one in walked if not is_mixin(one.owner.id)]
    own = [one for one in mine if one.owner.id == cls.id]
    if not mine:
        return
    problem = message("AC202", "final-class", name=cls.id.name)
    for one in own:
        yield problem.at(one.event_place)
    if not own:
        inherited = message("AC202", "inherited-callback").note(mine[0].declared_at)
        yield problem.at(cls.place, inherited)


def declared_twice(
    twice: Iterable[tuple[Declaration, Declaration]], tools: Tools
) -> Iterator[tuple[ClassEntity, Finding]]:
    """Callbacks that a class declares several times for one event (AC218), with that class."""
    groups: dict[tuple[ClassKey, str, str, tuple[str, ...]], list[Declaration]] = {}
    for first, again in twice:
        key = (class_key(again.owner), again.phase, again.event, again.callable.identity)
        groups.setdefault(key, [first]).append(again)
    for first, again, *more in groups.values():
        owner = again.owner
        if tools.is_installed(owner):
            continue
        related: tuple[Related, ...] = ()
        if first.declared_at != again.declared_at:
            related = (message("AC218", "first").note(first.declared_at),)
        found = message(
            "AC218",
            "twice",
            callback=again.callable.short,
            event=again.on,
            owner=owner.id.name,
            times="twice" if not more else f"{len(more) + 2:,} times",
        )
        yield owner, found.at(again.declared_at, *related)


def lost_class(cls: ClassEntity) -> Finding:
    """The finding for a class with callbacks whose name now refers to something else."""
    return message("AC104", "cannot-be-imported", name=cls.decl.name).at(cls.place)


def at_own_class(finding: Finding, cls: ClassEntity, tools: Tools) -> Finding:
    """The finding moved to the project's class, since installed packages are not edited."""
    if finding.place is None or tools.is_installed(cls):
        return finding
    path = finding.place.path
    foreign = {one.place.path for one in tools.names.mro(cls).classes if tools.is_installed(one)}
    if path not in foreign:
        return finding
    place, library = _derivation(cls, path, tools)
    package = library.id.module.partition(".")[0]
    name, problem = library.decl.name, finding.message
    found = message("shared", "in-package", package=package, library=name, problem=problem)
    if finding.code in _ABOUT_BASES:
        found = message(
            "shared",
            "bases-in-package",
            package=package,
            library=name,
            problem=problem,
            code=finding.code,
        )
    return msgspec.structs.replace(
        finding,
        message=found.text,
        place=place,
        hint=found.help,
        related=(message("shared", "stands-in-package").note(finding.place), *finding.related),
        fix=None,
    )


def _derivation(cls: ClassEntity, path: str, tools: Tools) -> tuple[Place, ClassEntity]:
    """The base in a class statement of the project that derives from a class in ``path``, and its
    class."""
    for expr in cls.decl.bases:
        base = tools.names.lookup(expr, cls.scope)
        if isinstance(base, ClassEntity) and path in {
            one.place.path for one in tools.names.mro(base).classes
        }:
            if tools.is_installed(base):
                return Place(cls.place.path, expr.span), base
            return _derivation(base, path, tools)
    return cls.place, cls


def _declares(cls: ClassEntity, tools: Tools) -> bool:
    return any(
        name == "callbacks" or read_method_name(name) is not None
        for name in tools.members.own_names(cls)
    )


# Checks that need all host classes.


def inert_entries(
    repeated: Iterable[Declaration], running: frozenset[Place], tools: Tools
) -> Iterator[Finding]:
    """Entries that run in no class, because every class inherits an equal one (R16, AC219)."""
    for entry in {one.declared_at: one for one in repeated}.values():
        if entry.declared_at in running or tools.is_installed(entry.owner):
            continue
        found = message("AC219", "no-effect", owner=entry.owner.id.name, event=entry.on)
        yield found.at(entry.declared_at)


def duplicate_names(
    hosts: Iterable[HostClass], classes: Mapping[ClassId, ClassEntity], tools: Tools
) -> Iterator[Finding]:
    """Classes of one kind with the same registered name (AC216)."""
    first: dict[tuple[str, str], tuple[HostClass, Place]] = {}
    for host in sorted(hosts, key=lambda host: (host.id.module, host.place)):
        if not host.requested or host.registered_name is None or host.kind is None:
            continue
        registered = tools.facts.registered_name(classes[host.id])
        if registered is None:
            continue
        place = registered[1]
        other, stated = first.setdefault((host.kind, host.registered_name), (host, place))
        if other is not host:
            found = message(
                "AC216",
                "same-name",
                owner=host.id.name,
                name=host.registered_name,
                other=other.id,
            )
            yield found.at(place, message("AC216", "stated-first").note(stated))
