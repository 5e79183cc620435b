"""What can be said about the configuration only when the classes are known."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.chosen_order import target_name
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.settings import Settings


def unknown_semantics(settings: Settings, hosts: Iterable[HostClass]) -> tuple[Finding, ...]:
    """AC010 for each class of ``semantics-of`` that does not exist."""
    known = {target_name(host.id) for host in hosts}
    findings: list[Finding] = []
    for index, (name, _) in enumerate(settings.semantics_of):
        if name in known:
            continue
        places = settings.semantics_places
        near = suggest.close(name, known)
        findings.append(
            Finding(
                "AC010",
                f"'semantics-of' names '{name}', which is no class with callbacks",
                places[index] if index < len(places) else None,
                f"did you mean '{near[0]}'?" if near else "`arctic-codegen list` shows them",
            )
        )
    return tuple(findings)
