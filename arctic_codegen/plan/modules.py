"""Creates the finished plans of the output from host classes."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.diagnostics.records import sort_findings
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.plan import ModulePlan, PackagePlan, Plans
from arctic_codegen.model.settings import Settings
from arctic_codegen.plan.classes import plan_classes
from arctic_codegen.plan.imports import Group
from arctic_codegen.plan.layout import ModuleSlot, lay_out
from arctic_codegen.plan.proof import proof_lines
from arctic_codegen.plan.registry import plan_registry
from arctic_codegen.plan.scope import Common, ModuleScope

_AFTER_THE_PROOF: tuple[Group, ...] = ("source", "other", "local")


def plan(
    hosts: Iterable[HostClass], settings: Settings, wanted: frozenset[str] | None = None
) -> Plans:
    """The finished plans for the output of these host classes.

    Only the ``wanted`` modules are planned, by default all. Classes of other modules may be
    outlines.
    """
    by_id = {host.id: host for host in hosts}
    layout = lay_out(by_id.values())
    common = Common(layout, by_id, settings)
    slots = (slot for name, slot in layout.modules.items() if wanted is None or name in wanted)
    return Plans(
        modules=tuple(_module(slot, common) for slot in slots),
        packages=tuple(
            PackagePlan(package, f"{package.replace('.', '/')}/__init__.py")
            for package in layout.packages
        ),
        registry=plan_registry(layout, by_id),
        findings=sort_findings(layout.findings),
    )


def _module(slot: ModuleSlot, common: Common) -> ModulePlan:
    scope = ModuleScope(slot, common)
    imports = scope.imports
    classes = plan_classes(scope)
    staleness_check = scope.staleness_check()
    proof_call = scope.proof_call()
    entrance = scope.entrance()
    deferred = (*imports.lines("deferred"), *scope.deferred)
    deferred += tuple(
        f"{scope.takeover(one, 'leave')}({imports.builtin('globals')}())" for one in scope.takeovers
    )
    deferred += (f"{scope.runtime('trace_on_request')}({imports.builtin('globals')}())",)
    aliases = imports.source_classes()
    typing_only = imports.lines("typing")
    checking = imports.typing("TYPE_CHECKING")
    opening: tuple[tuple[str, ...], ...] = (imports.lines("standard"), imports.lines("takeover"))
    first: tuple[tuple[str, ...], ...] = (
        imports.lines("source module"),
        imports.lines("runtime"),
    )
    if not entrance:
        opening, first = (), (*opening, *first)
    groups = [imports.lines(group) for group in _AFTER_THE_PROOF]
    return ModulePlan(
        module=slot.module,
        path=slot.path,
        docstring=f"Compiled classes of {slot.module}.",
        opening_imports=tuple(group for group in opening if group),
        entrance=entrance,
        first_imports=tuple(group for group in first if group),
        staleness_check=staleness_check,
        proof_call=proof_call,
        proof=proof_lines(scope, [common.hosts[one.id] for one in classes]),
        imports=tuple(group for group in groups if group),
        typing_test=(f"if {checking}:",) if typing_only else (),
        typing_imports=typing_only,
        constants=(*aliases, *scope.constants),
        functions=tuple(scope.functions),
        classes=classes,
        deferred_test=f"if not {checking}:",
        deferred=deferred,
    )
