"""What is wrong with classes as such, across all of a run (R13, R14, R20, AC216, AC303)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from arctic_codegen.diagnostics.records import Finding, Place, Related, Severity
from arctic_codegen.model.decls import (
    ClassDecl,
    FunctionDecl,
    Statement,
)
from arctic_codegen.model.expr import Subscript
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.resolve.binder.blocks import blocks_of, flat
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.hosts.candidates import Tools, candidate
from arctic_codegen.resolve.hosts.class_facts import ClassFacts
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.events import read_method_name
from arctic_codegen.resolve.hosts.host import lost_class
from arctic_codegen.resolve.hosts.out_of_reach import OutOfReach
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.output_names import OutputNames


def local_classes(
    module: str, path: str, body: Sequence[Statement], tools: Tools
) -> Iterator[Finding]:
    """Host classes that have callbacks and cannot be imported, so cannot be compiled (R14)."""
    for cls in _local(module, path, body, ()):
        yield from _not_compiled(cls, "inside a function", tools)
    if not any(isinstance(stmt, ClassDecl) for stmt in flat(tuple(body))):
        return
    for live in tools.names.live(body, module):
        if live.main_only and isinstance(live.stmt, ClassDecl):
            yield from _not_compiled(
                _entity(module, path, live.stmt, ()), "under 'if __name__ == \"__main__\"'", tools
            )


def lost_classes(module: str, tools: Tools) -> Iterator[Finding]:
    """Host classes with callbacks that their module has under their name no more (R13)."""
    for cls in tools.names.lost_classes_of(module):
        if candidate(cls, tools) is not None and _declares(cls, tools):
            yield lost_class(cls)


def _not_compiled(cls: ClassEntity, where: str, tools: Tools) -> Iterator[Finding]:
    if candidate(cls, tools) is not None and _declares(cls, tools):
        yield Finding(
            "AC214",
            f"'{cls.decl.name}' is defined {where}, so it is not compiled",
            cls.place,
            hint="define it at module level, or make it with "
            f"'arctic_codegen.testing.compiled({cls.decl.name})'",
            severity=Severity.WARNING,
        )


def no_mixin_in_sight(cls: ClassEntity, tools: Tools) -> Finding | None:
    """A class that declares callbacks, and whose missing base may be a host class (R13)."""
    if not _declares(cls, tools):
        return None
    mro = tools.names.mro(cls)
    if not mro.unknown_bases:
        return None
    base = mro.unknown_bases[0]
    related = () if base.place is None else (Related(base.place, base.message),)
    return Finding(
        "AC102",
        f"'{cls.decl.name}' declares callbacks, but no mixin is among the bases that can be found",
        cls.place,
        hint="make the missing base importable, or derive from arctic_codegen.CallbackMixin",
        related=related,
        severity=Severity.WARNING,
    )


def compiled_bases(cls: ClassEntity, output: OutputNames, names: Names) -> Iterator[Finding]:
    """Bases that come from the output folder (AC303), built already or not."""
    out_of_reach = OutOfReach(names)
    for base in cls.decl.bases:
        plain = base.value if isinstance(base, Subscript) else base
        is_output = output.source_of(plain, cls.id.module)
        if is_output is None and not out_of_reach.is_plain(cls):  # libraries need not be read
            is_output = output.source_behind(names.lookup(plain, cls.scope))
        if is_output is not None:
            yield Finding(
                "AC303",
                f"the base '{show(plain)}' of '{cls.decl.name}' is a compiled class",
                Place(cls.place.path, base.span),
                hint="derive from the class that a person wrote",
            )


def inert_entries(
    repeated: Iterable[Declaration], running: frozenset[Place], names: Names
) -> Iterator[Finding]:
    """Entries that run in no class, since each has them from a parent already (R16, AC219)."""
    for entry in {one.declared_at: one for one in repeated}.values():
        if entry.declared_at in running or names.source(entry.owner.id.module).installed:
            continue
        event = entry.event.replace("_", "-")
        yield Finding(
            "AC219",
            f"this entry has no effect: '{entry.owner.id.name}' inherits the same callback on "
            f"{entry.phase}-{event}, which is not repeated",
            entry.declared_at,
            hint="remove it; to run the callback twice, wrap it in a function of its own",
            severity=Severity.WARNING,
        )


def duplicate_names(
    hosts: Iterable[HostClass], classes: Mapping[ClassId, ClassEntity], facts: ClassFacts
) -> Iterator[Finding]:
    """Two classes of one kind that state one registered name (AC216)."""
    first: dict[tuple[ClassId, str], tuple[HostClass, Place]] = {}
    in_source_order = sorted(hosts, key=lambda host: (host.id.module, host.place))
    for host in in_source_order:
        if not host.requested or host.registered_name is None or host.kind is None:
            continue
        registered = facts.registered_name(classes[host.id])
        if registered is None:
            continue
        key = (ClassId("", host.kind), host.registered_name)
        other = first.get(key)
        if other is None:
            first[key] = (host, registered[1])
            continue
        yield Finding(
            "AC216",
            f"'{host.id.name}' states the name '{host.registered_name}', "
            f"which '{other[0].id}' has already",
            registered[1],
            hint="give each class of one kind a name of its own",
            related=(Related(other[1], "stated here first"),),
        )


def _declares(cls: ClassEntity, tools: Tools) -> bool:
    return any(
        name == "callbacks" or read_method_name(name) is not None
        for name in tools.members.own_names(cls)
    )


def _local(
    module: str,
    path: str,
    body: Sequence[Statement],
    frames: tuple[FunctionDecl | ClassDecl, ...],
) -> Iterator[ClassEntity]:
    inside = any(isinstance(frame, FunctionDecl) for frame in frames)
    for stmt in body:
        if isinstance(stmt, FunctionDecl):
            yield from _local(module, path, stmt.body, (*frames, stmt))
        elif isinstance(stmt, ClassDecl):
            if inside:
                yield _entity(module, path, stmt, frames)
            yield from _local(module, path, stmt.body, (*frames, stmt))
        else:
            for part in blocks_of(stmt):
                yield from _local(module, path, part, frames)


def _entity(
    module: str, path: str, stmt: ClassDecl, frames: tuple[FunctionDecl | ClassDecl, ...]
) -> ClassEntity:
    return ClassEntity(
        ClassId(module, stmt.qualname),
        stmt,
        Scope(module, frames, (stmt.span.line, stmt.span.column)),
        Place(path, stmt.span),
    )
