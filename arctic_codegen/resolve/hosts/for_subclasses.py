"""If a class lacks an event, do its subclasses have it (R53)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.module_results import ClassFinding
from arctic_codegen.resolve.hosts.host import ResolvedHost

_UNKNOWN_EVENT = "AC201"


class ForSubclasses(msgspec.Struct, frozen=True):
    """The consequences of events that some classes lack."""

    modules: Mapping[str, tuple[ResolvedHost, ...]]
    """The host classes of each module, with their remaining findings."""
    findings: tuple[Finding, ...]
    """Findings about classes that nothing uses."""
    lacking: frozenset[ClassId]
    """All classes that lack an event: other modules decide how they are handled."""


def for_subclasses(modules: Mapping[str, Sequence[ResolvedHost]]) -> ForSubclasses:
    """Handle the events that host classes lack, given all classes."""
    known = (one for each in modules.values() for one in each)
    compiled = {one.host.id: one for one in known if one.host.compiled}
    lacks = {cls: places for cls, one in compiled.items() if (places := _lacked(one))}
    below = {cls: [id for id, one in compiled.items() if cls in one.host.mro[1:]] for cls in lacks}
    serving = {
        cls: places
        for cls, places in lacks.items()
        if any(
            not compiled[id].found.broken and places.isdisjoint(lacks.get(id, ()))
            for id in below[cls]
        )
    }
    without_events = {cls for cls in lacks if not compiled[cls].has_events}
    silent = without_events.union(serving)

    def judged(one: ResolvedHost) -> ResolvedHost:
        kept = one.of_classes
        if one.host.id in silent:
            host = msgspec.structs.replace(one.host, compiled=False, for_subclasses=True)
            kept = tuple(each for each in kept if each.finding.code != _UNKNOWN_EVENT)
            return msgspec.structs.replace(one, host=host, of_classes=kept)
        if one.host.id not in lacks:
            return one
        for others in one.host.mro[1:]:
            kept = tuple(_at_the_class(each, one, serving.get(others, set())) for each in kept)
        return msgspec.structs.replace(one, of_classes=kept)

    return ForSubclasses(
        {module: tuple(map(judged, each)) for module, each in modules.items()},
        tuple(
            message("AC420", "unused", name=cls.name).at(compiled[cls].host.place)
            for cls in sorted(without_events)
            if not below[cls]
        ),
        frozenset(lacks),
    )


def _lacked(one: ResolvedHost) -> set[Place]:
    """Where the callbacks of a class are declared whose events the class lacks."""
    findings = (each.finding for each in one.of_classes)
    return {each.place for each in findings if each.code == _UNKNOWN_EVENT and each.place}


def _at_the_class(one: ClassFinding, owner: ResolvedHost, served: set[Place]) -> ClassFinding:
    """The finding moved to the class that lacks the event, if other classes have the event."""
    finding = one.finding
    if finding.code != _UNKNOWN_EVENT or finding.place not in served or finding.place is None:
        return one
    callback = message("AC201", "inherited-callback").note(finding.place)
    moved = msgspec.structs.replace(finding, place=owner.host.place, related=(callback,), fix=None)
    return msgspec.structs.replace(one, finding=moved)
