"""From host classes to finished plans."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.diagnostics.records import Finding, sort_findings
from arctic_codegen.model.hosts import ClassId, HostClass, Resolution
from arctic_codegen.model.plan import ModulePlan, PackagePlan, Plans
from arctic_codegen.model.settings import Settings
from arctic_codegen.plan.classes import plan_classes
from arctic_codegen.plan.layout import Layout, ModuleSlot, lay_out
from arctic_codegen.plan.links import Links
from arctic_codegen.plan.proof import proof_lines
from arctic_codegen.plan.registry import plan_registry
from arctic_codegen.plan.scope import Common, ModuleScope


def plan(resolution: Resolution, settings: Settings) -> Plans:
    """Everything that the output of these host classes needs, decided."""
    hosts = {host.id: host for host in resolution.hosts}
    layout = lay_out(resolution.hosts)
    findings: tuple[Finding, ...] = sort_findings(layout.findings)
    return Plans(
        modules=_modules(layout, hosts, settings, layout.modules.values()),
        packages=tuple(
            PackagePlan(package, f"{package.replace('.', '/')}/__init__.py")
            for package in layout.packages
        ),
        registry=plan_registry(layout, hosts),
        findings=findings,
    )


def plan_some(
    hosts: Iterable[HostClass], settings: Settings, wanted: frozenset[str]
) -> tuple[ModulePlan, ...]:
    """The plans of some modules. Of the classes of the others it is enough to know the outlines:
    which there are, and what they are called."""
    by_id = {host.id: host for host in hosts}
    layout = lay_out(by_id.values())
    slots = [slot for module, slot in layout.modules.items() if module in wanted]
    return _modules(layout, by_id, settings, slots)


def _modules(
    layout: Layout,
    hosts: dict[ClassId, HostClass],
    settings: Settings,
    slots: Iterable[ModuleSlot],
) -> tuple[ModulePlan, ...]:
    links = Links(layout)
    common = Common(layout, hosts, settings)
    return tuple(_module(slot, layout, links, hosts, settings, common) for slot in slots)


def _module(
    slot: ModuleSlot,
    layout: Layout,
    links: Links,
    hosts: dict[ClassId, HostClass],
    settings: Settings,
    common: Common,
) -> ModulePlan:
    scope = ModuleScope(slot, layout, hosts, settings, common)
    imports = scope.imports
    classes = plan_classes(scope, links)
    guard = scope.guard()
    proof_call = scope.proof_call()
    entrance = scope.entrance()
    deferred = (*imports.deferred_lines(), *scope.deferred)
    if entrance:
        deferred += (f"{scope.takeover('leave')}({imports.builtin('globals')}())",)
    aliases = imports.source_classes()
    typing_only = imports.typing_lines()
    checking = imports.typing("TYPE_CHECKING")
    opening: tuple[tuple[str, ...], ...] = (imports.standard_lines(), imports.takeover_lines())
    first: tuple[tuple[str, ...], ...] = (
        imports.source_module_lines(),
        imports.runtime_lines(),
    )
    if not entrance:
        opening, first = (), (*opening, *first)
    groups = (imports.source_lines(), imports.other_lines(), imports.local_lines())
    return ModulePlan(
        module=slot.module,
        path=slot.path,
        docstring=f"Compiled classes of {slot.module}.",
        opening_imports=tuple(group for group in opening if group),
        entrance=entrance,
        first_imports=tuple(group for group in first if group),
        guard=guard,
        proof_call=proof_call,
        proof=proof_lines(scope, [hosts[one.id] for one in classes]),
        imports=tuple(group for group in groups if group),
        typing_guard=(f"if {checking}:",) if typing_only else (),
        typing_imports=typing_only,
        constants=(*aliases, *scope.constants),
        functions=tuple(scope.functions),
        classes=classes,
        deferred_guard=(f"if not {checking}:",) if deferred else (),
        deferred=deferred,
    )
