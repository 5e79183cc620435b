"""Where ArcticTraining's own order differs from the documented one (R45)."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.diagnostics.records import Finding, Related, Severity
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.hosts import Callback, Event, HostClass
from arctic_codegen.model.settings import Semantics, Settings


def semantics_of(host: HostClass, settings: Settings) -> Semantics | None:
    """The semantics that count for a class; ``None`` where nobody has chosen."""
    if host.framework != "arctic_training":
        return "documented"
    target = f"{host.id.module}:{host.id.name}"
    return dict(settings.semantics_of).get(target, settings.semantics)


def differing_events(host: HostClass) -> tuple[Event, ...]:
    """Events that the two semantics give other callbacks, or another order.

    The mixin's own log entries do not count: a compiled class has its own way with them.
    """
    return tuple(
        event
        for event in host.events
        if event.runtime_pre is not None
        and event.runtime_post is not None
        and (
            _seen(event.pre) != _seen(event.runtime_pre)
            or _seen(event.post) != _seen(event.runtime_post)
        )
    )


def semantics_findings(hosts: Iterable[HostClass], settings: Settings) -> tuple[Finding, ...]:
    """AC305 where a choice is needed, AC306 where one was made. Told for builds only."""
    found: list[Finding] = []
    for host in hosts:
        if not (host.requested and host.compiled):
            continue
        differing = differing_events(host)
        if not differing:
            continue
        chosen = semantics_of(host, settings)
        labels = ", ".join(f"'{event.label}'" for event in differing)
        if chosen is None:
            found.append(
                Finding(
                    "AC305",
                    f"'{host.id.name}' has other callbacks around {labels} under ArcticTraining's "
                    "runtime than its documentation says",
                    host.place,
                    hint=f"{_side_by_side(differing)}\n"
                    'write semantics = "documented" or semantics = "runtime" under '
                    "[tool.arctic-codegen], or for this class alone under "
                    f'[tool.arctic-codegen.semantics-of]: "{host.id.module}:{host.id.name}" = '
                    '"runtime"',
                    related=_related(differing),
                )
            )
        else:
            other = "documented" if chosen == "runtime" else "runtime"
            found.append(
                Finding(
                    "AC306",
                    f"'{host.id.name}' is compiled with {chosen} semantics; {other} semantics "
                    f"give other callbacks around {labels}",
                    host.place,
                    hint=f"'arctic-codegen explain {host.id.module}:{host.id.name} --compare' "
                    "shows both",
                    severity=Severity.NOTE,
                )
            )
    return tuple(found)


def _seen(callbacks: Iterable[Callback]) -> list[tuple[object, ...]]:
    return [
        (one.kind, one.declared_in if one.kind == "method" else None, one.identity)
        for one in callbacks
        if not is_mixin(one.declared_in)
    ]


def _side_by_side(events: Iterable[Event]) -> str:
    lines = []
    for event in events:
        for phase, ours, theirs in (
            ("pre", event.pre, event.runtime_pre or ()),
            ("post", event.post, event.runtime_post or ()),
        ):
            if _seen(ours) != _seen(theirs):
                lines.append(f"{phase}-{event.label} documented: {_names(ours)}")
                lines.append(f"{phase}-{event.label} runtime: {_names(theirs)}")
    return "\n".join(lines)


def _names(callbacks: Iterable[Callback]) -> str:
    shown = [one.name for one in callbacks if not is_mixin(one.declared_in)]
    return ", ".join(shown) if shown else "nothing"


def _related(events: Iterable[Event]) -> tuple[Related, ...]:
    found: dict[Related, None] = {}
    for event in events:
        both = (*event.pre, *event.post, *(event.runtime_pre or ()), *(event.runtime_post or ()))
        for one in both:
            if not is_mixin(one.declared_in):
                found[Related(one.place, f"{one.phase}-{event.label}: '{one.name}'")] = None
    return tuple(found)
