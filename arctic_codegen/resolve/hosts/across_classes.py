"""What only shows when all host classes are known: events that only subclasses have (R53), entries
without effect (R16), and registered names that two classes state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related, Severity
from arctic_codegen.model.accounts import Told
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.candidates import Tools
from arctic_codegen.resolve.hosts.declared import Declaration

UNKNOWN_EVENT = "AC201"


class ForOthers(msgspec.Struct, frozen=True):
    """What follows from events that some classes lack."""

    uncompiled: frozenset[ClassId] = frozenset()
    """Classes of which no compiled ones are made."""
    findings: tuple[Finding, ...] = ()
    """About classes that nothing uses."""
    told: Mapping[str, tuple[Told, ...]] = msgspec.field(default_factory=dict)
    """What is left of the findings of each module."""
    lacking: frozenset[ClassId] = frozenset()
    """All classes that lack an event: what becomes of them, other modules decide."""


def for_others(
    hosts: Iterable[HostClass],
    broken: frozenset[ClassId],
    told: Mapping[str, Sequence[Told]],
    made_for_others: frozenset[ClassId],
) -> ForOthers:
    """Judges the events that host classes lack, all classes known.

    What ``broken`` classes have is not known. ``made_for_others`` are classes that have no events
    of their own to speak of.
    """
    compiled = {host.id: host for host in hosts if host.compiled}
    lacks: dict[ClassId, set[Place]] = {}
    for one in (one for each in told.values() for one in each):
        if one.finding.code == UNKNOWN_EVENT and one.finding.place and one.cls in compiled:
            lacks.setdefault(one.cls, set()).add(one.finding.place)
    below: dict[ClassId, list[ClassId]] = {
        cls: [host.id for host in compiled.values() if cls in host.mro[1:]] for cls in lacks
    }
    serving = frozenset(
        cls
        for cls in lacks
        for id in below[cls]
        if id not in broken and lacks[cls].isdisjoint(lacks.get(id, ()))
    )
    unused = {
        cls for cls in lacks.keys() & made_for_others if not set(below[cls]) - made_for_others
    }
    unused -= {cls for cls in unused if any(other in unused for other in below[cls])}
    left_to_others = serving | {cls for cls in lacks.keys() & made_for_others if below[cls]}
    silent = left_to_others | unused
    served = {cls: lacks[cls] for cls in serving}
    findings = tuple(_unused(compiled[cls]) for cls in sorted(unused))
    left = {
        module: tuple(
            _at_the_class(one, compiled, served)
            for one in each
            if one.finding.code != UNKNOWN_EVENT or one.cls not in silent
        )
        for module, each in told.items()
    }
    return ForOthers(silent, findings, left, frozenset(lacks))


def _at_the_class(
    one: Told, compiled: Mapping[ClassId, HostClass], served: Mapping[ClassId, set[Place]]
) -> Told:
    """The finding at the class that lacks the event, where the callback serves other classes."""
    finding, host = one.finding, compiled.get(one.cls)
    if finding.code != UNKNOWN_EVENT or host is None or finding.place is None:
        return one
    if not any(finding.place in served.get(cls, ()) for cls in host.mro[1:]):
        return one
    callback = Related(finding.place, "the callback that it inherits")
    moved = msgspec.structs.replace(finding, place=host.place, related=(callback,), fix=None)
    return msgspec.structs.replace(one, finding=moved)


def _unused(host: HostClass) -> Finding:
    return Finding(
        "AC420",
        f"nothing uses '{host.id.name}': it has callbacks on events that it lacks, and no class "
        "that could be compiled is derived from it",
        host.place,
        "derive a class from it that has these events, or remove it",
        severity=Severity.WARNING,
    )


def inert_entries(
    repeated: Iterable[Declaration], running: frozenset[Place], tools: Tools
) -> Iterator[Finding]:
    """Entries that run in no class, since each has them from a parent already (R16, AC219)."""
    for entry in {one.declared_at: one for one in repeated}.values():
        if entry.declared_at in running or tools.is_installed(entry.owner):
            continue
        yield Finding(
            "AC219",
            f"this entry has no effect: '{entry.owner.id.name}' inherits the same callback on "
            f"{entry.on}, which is not repeated",
            entry.declared_at,
            hint="remove it; to run the callback twice, wrap it in a function of its own",
            severity=Severity.WARNING,
        )


def duplicate_names(
    hosts: Iterable[HostClass], classes: Mapping[ClassId, ClassEntity], tools: Tools
) -> Iterator[Finding]:
    """Two classes of one kind that state one registered name (AC216)."""
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
            yield Finding(
                "AC216",
                f"'{host.id.name}' states the name '{host.registered_name}', "
                f"which '{other.id}' has already",
                place,
                hint="give each class of one kind a name of its own",
                related=(Related(stated, "stated here first"),),
            )
