"""Which findings concern the classes and events that are shown?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.decls import ClassDecl, FunctionDecl
from arctic_codegen.model.hosts import HostClass


def concerning(resolved: ResolvedProject, hosts: Sequence[HostClass]) -> tuple[Finding, ...]:
    """The findings with a place or related place in one of these classes, one of their ancestors in
    the project, or one of their callbacks. A finding about an event of theirs counts only if the
    event is among these."""
    paths = {place.path for finding in resolved.findings for place in _places(finding)}
    parts: dict[str, dict[Place, Place]] = defaultdict(dict)
    """By file: where statements, including those of class bodies, and list entries start, each with
    the place that identifies it."""
    ours: set[Place] = set()
    shown = _of_events(hosts)
    ancestors = {(one.module, one.name.partition(".")[0]) for host in hosts for one in host.mro}
    for module in () if resolved.loader is None else resolved.loader.loaded():
        if module.file is None or module.decls is None or module.file.path not in paths:
            continue
        path = module.file.path
        for statement in module.decls.body:
            members = statement.body if isinstance(statement, ClassDecl) else ()
            starts = {}
            for one in (statement, *members):
                decorators = one.decorators if isinstance(one, ClassDecl | FunctionDecl) else ()
                first = min([one.span, *(found.span for found in decorators)])
                starts[Place(path, first)] = Place(path, one.span)
            parts[path].update(starts)
            name = (module.name, getattr(statement, "name", ""))
            if name in ancestors and not module.installed:
                ours.update(starts.values())
    ours |= {parts[at.path][found] for at in shown if (found := begun(at, parts[at.path]))}
    ids = {host.id for host in hosts}
    others = _of_events(host for host in resolved.hosts if host.id in ids)
    for place in (*shown, *others):
        parts[place.path][place] = place
    ours = ours - others | shown | {host.place for host in hosts}

    def concerns(at: Place) -> bool:
        found = begun(at, parts[at.path])
        return found is not None and parts[at.path][found] in ours

    return tuple(
        finding
        for finding in resolved.findings
        if finding.place is None or any(map(concerns, _places(finding)))
    )


def begun(at: Place, starts: Iterable[Place]) -> Place | None:
    """The last of these places in a file that starts at or before another place."""
    return max((one for one in starts if one.span.start <= at.span.start), default=None)


def _places(finding: Finding) -> list[Place]:
    places = [finding.place] if finding.place is not None else []
    return places + [one.place for one in finding.related]


def _of_events(hosts: Iterable[HostClass]) -> set[Place]:
    """The places of the methods of events, the callbacks and their entries."""
    events = [event for host in hosts for event in host.events]
    callbacks = [one for event in events for one in event.all_callbacks]
    entries = [one.declared_at for one in callbacks]
    return {one.place for one in callbacks}.union(entries, (one.method.place for one in events))
