"""Checks of the configuration that need the resolved classes."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.chosen_order import target_name
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.settings import Settings


def unknown_semantics(settings: Settings, hosts: Iterable[HostClass]) -> tuple[Finding, ...]:
    """AC010 for each class in ``semantics-of`` that does not exist."""
    known = {target_name(host.id) for host in hosts}
    findings: list[Finding] = []
    for index, (name, _) in enumerate(settings.semantics_of):
        if name in known:
            continue
        places = settings.semantics_places
        near = suggest.close(name, known)
        found = message("AC010", "unknown-class", name=name)
        if near:
            found = message("AC010", "unknown-class-did-you-mean", name=name, meant=near[0])
        findings.append(found.at(places[index] if index < len(places) else None))
    return tuple(findings)
