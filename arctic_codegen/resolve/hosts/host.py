"""What is one host class: its events, its callbacks in order, and its findings?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.chosen_order import semantics_of
from arctic_codegen.model.hosts import Callback, Dropped, Event, HostClass, Method, OrderAssertion
from arctic_codegen.model.module_results import ClassFinding
from arctic_codegen.model.wrappers import ROLES, around
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.candidates import Candidate, Tools, bare_host
from arctic_codegen.resolve.hosts.class_checks import (
    at_own_class,
    declared_twice,
    final_class,
    lost_class,
)
from arctic_codegen.resolve.hosts.class_form import keywords, list_form, wants_keyword
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.events import EventTable, EventTarget, NotAnEvent
from arctic_codegen.resolve.hosts.method_uses import MethodUses
from arctic_codegen.resolve.hosts.missing_events import (
    is_of_object,
    no_method,
    no_methods,
    not_an_event,
)
from arctic_codegen.resolve.hosts.near_misses import near_hooks, near_misses
from arctic_codegen.resolve.hosts.object_arguments import argument_findings
from arctic_codegen.resolve.hosts.order_checks import configured, in_order
from arctic_codegen.resolve.hosts.order_documented import Ordered, documented_order
from arctic_codegen.resolve.hosts.order_runtime import RUNTIME_ORDERS
from arctic_codegen.resolve.hosts.plain_attributes import has_default_setattr
from arctic_codegen.resolve.hosts.signature_checks import CANNOT_BE_CALLED, check_signature
from arctic_codegen.resolve.hosts.wrapper_checks import wrapper_findings


class BoundCallback(msgspec.Struct, frozen=True):
    """A callback in one class, with its event and the method of that event."""

    label: str
    method: str
    declaration: Declaration
    callback: Callback


_Bound = Sequence[BoundCallback]
"""Callbacks in order."""


class ResolvedHost(msgspec.Struct, frozen=True):
    """A host class and the results of its analysis."""

    found: Candidate
    host: HostClass
    of_classes: tuple[ClassFinding, ...]
    ordered: tuple[BoundCallback, ...]
    """All callbacks that run in a compiled class, in the chosen order."""
    repeated: tuple[Declaration, ...]
    """Entries that are not repeated in this class (R16)."""
    running: frozenset[Place]
    """Where the callbacks that run in this class are declared."""
    has_events: bool
    """If some events are missing: the class has other public methods that its callbacks do not
    call, or names similar to the missing events (R53)."""


def resolve_host(found: Candidate, tools: Tools, *, checked: bool) -> ResolvedHost:
    """Resolve one host class. ``checked`` says whether findings about its callbacks are reported;
    for an abstract class they are reported at its subclasses."""
    return _Resolver(found, tools, checked).resolve()


class _Resolver:
    def __init__(self, found: Candidate, tools: Tools, checked: bool) -> None:
        self._found = found
        self._tools = tools
        self._cls = found.cls
        self._mro: Sequence[ClassEntity] = found.mro.classes
        self._checked = checked
        self._reported: list[ClassFinding] = []
        self._table = EventTable(tools.members, tools.facts, self._mro, found.framework)
        self._methods: dict[str, Method | NotAnEvent] = {}
        self._lacking: list[bool] = []
        """For each callback whose event is missing: whether an event has a similar name."""

    def resolve(self) -> ResolvedHost:
        tools = self._tools
        self._report_declarations()
        walk = documented_order(self._mro, tools.declarations, self._canonical)
        running = [one.declaration for one in walk.running]
        order = self._found.framework.runtime_order
        by_runtime = None if order is None else RUNTIME_ORDERS[order](self._mro, tools.declarations)
        if self._found.final:
            self._report(self._cls, final_class(self._found, running))
        if self._checked:
            for cls in self._mro:
                if not is_mixin(cls.id) and not tools.is_installed(cls):
                    self._report(cls, near_misses(cls, self._mro, tools, self._is_event))
            self._report(self._cls, near_hooks(running, tools))
            for owner, finding in declared_twice(walk.twice, tools):
                self._report(owner, [finding])
        bound = self._bind(walk.running)
        bound_runtime = None if by_runtime is None else self._bind(by_runtime)
        host = self._host(bound, bound_runtime, walk.dropped)
        ordered: _Bound = ()
        if host.compiled:
            by = semantics_of(host, tools.names.settings)
            ordered = bound_runtime if by == "runtime" and bound_runtime is not None else bound
        host = msgspec.structs.replace(host, assertions=self._asserted(ordered))
        uses = MethodUses(host, self._mro, tools)
        for one in (*bound, *(bound_runtime or ())):
            for finding in uses.in_entry(one.declaration):
                self._report_if_checked(finding, one.declaration)
        for cls in self._mro if self._found.compiled else ():
            if cls.id.module in tools.sources:
                self._report(cls, uses.in_class(cls))
        return ResolvedHost(
            self._found,
            host,
            tuple(
                msgspec.structs.replace(one, finding=at_own_class(one.finding, self._cls, tools))
                for one in self._reported
            ),
            tuple(ordered),
            walk.repeated,
            frozenset(one.declared_at for one in running),
            self._has_events(running),
        )

    def _has_events(self, running: Sequence[Declaration]) -> bool:
        """Whether a class with missing events has others. Most classes have no missing ones."""
        if not self._lacking or any(self._lacking):
            return True
        called = {
            name
            for one in running
            if one.callable.definition is not None
            for name in one.callable.definition.self_calls
        }
        return any(
            not one.name.startswith("_") and one.name not in called for one in self._table.targets()
        )

    def _asserted(self, ordered: _Bound) -> tuple[OrderAssertion, ...]:
        """The order assertions that hold; the others are reported."""
        phases: dict[tuple[str, str], list[Declaration]] = {}
        for one in ordered:
            phases.setdefault((one.label, one.declaration.phase), []).append(one.declaration)
        tools = self._tools
        holding, findings = in_order(phases, configured(tools.names, tools.values))
        for finding, declaration in findings:
            self._report_if_checked(finding, declaration)
        return holding

    def _host(
        self, bound: _Bound, bound_runtime: _Bound | None, dropped: Sequence[Ordered]
    ) -> HostClass:
        cls, tools = self._cls, self._tools
        repeated, findings = keywords(cls, self._found.framework, tools.names)
        if self._found.compiled:
            self._report(cls, findings)
        counts = any(
            wrapper.traits.keeps_count
            for one in (*bound, *(bound_runtime or ()))
            for wrapper in one.callback.wrappers
        )
        return msgspec.structs.replace(
            bare_host(self._found, tools, requested=True),
            default_setattr=not counts or has_default_setattr(self._mro, tools.members),
            events=self._events(bound, bound_runtime, dropped),
            entries=_entries(bound),
            runtime_entries=None if bound_runtime is None else _entries(bound_runtime),
            type_params=tools.facts.type_params(cls),
            keywords=repeated,
            wants_keyword=wants_keyword(cls, tools.members),
            attributes=tools.facts.attributes(self._mro),
            list_form=list_form(self._mro, tools.members, self._found.framework),
            contributions=tools.at_import.contributions(self._mro),
        )

    # Findings.

    def _report(self, about: ClassEntity, findings: Iterable[Finding]) -> None:
        """Report findings; ``about`` is the class whose declarations they concern."""
        is_own = about.id == self._cls.id
        self._reported += (ClassFinding(one, self._cls.id, is_own) for one in findings)

    def _report_if_checked(self, finding: Finding, declaration: Declaration) -> None:
        if self._checked:
            self._report(declaration.owner, [finding])

    def _report_declarations(self) -> None:
        """Report problems in the declarations of the class and of those it inherits."""
        mro, tools = self._found.mro, self._tools
        problems = () if mro.problem is None else (mro.problem.finding,)
        self._report(self._cls, (*mro.unknown_bases, *problems))
        for cls in self._mro:
            own = tools.declarations.own(cls)
            self._report(cls, (*own.findings, *tools.at_import.unclear(cls)))
            if (own.entries or own.methods) and not tools.names.is_kept(cls):
                self._reported.append(ClassFinding(lost_class(cls), self._cls.id, True))

    def _unbound(
        self, declaration: Declaration, target: object, of_objects: list[Declaration]
    ) -> Finding | None:
        """The finding for a callback whose event has no method. Missing events of one callback
        object are reported together: their declarations are added to ``of_objects``."""
        if isinstance(target, NotAnEvent):
            unsure = self._found.broken and target.member is None
            return None if unsure else not_an_event(declaration, target, self._cls)
        if not self._found.compiled or self._found.broken:
            # A subclass, or the base that was not found, may define the event.
            return None
        near = self._table.closest(declaration.event)
        self._lacking.append(bool(near))
        if is_of_object(declaration) and not near:
            of_objects.append(declaration)
            return None
        return no_method(declaration, near, self._table, self._cls, self._tools.members)

    # Events, methods, callbacks.

    def _canonical(self, event: str) -> str:
        target = self._table.target(event)
        return target.label if isinstance(target, EventTarget) else event

    def _is_event(self, name: str) -> bool:
        return isinstance(self._table.target(name), EventTarget)

    def _method(self, target: EventTarget) -> Method | NotAnEvent:
        found = self._methods.get(target.label)
        if found is None:
            found = self._tools.methods.method(self._cls, self._mro, target)
            self._methods[target.label] = found
        return found

    def _bind(self, walked: Sequence[Ordered]) -> _Bound:
        """The callbacks whose events exist, checked against the methods."""
        bound: list[BoundCallback] = []
        of_objects: list[Declaration] = []
        for one in walked:
            declaration = one.declaration
            target = self._table.target(declaration.event)
            method = self._method(target) if isinstance(target, EventTarget) else target
            if not isinstance(target, EventTarget) or not isinstance(method, Method):
                problem = self._unbound(declaration, method, of_objects)
                if problem is not None:
                    self._report_if_checked(problem, declaration)
                continue
            left_out = False
            if self._checked and not self._found.final:
                findings = (
                    *check_signature(declaration, method, self._mro, self._tools.names),
                    *wrapper_findings(declaration, method),
                    *argument_findings(declaration, self._tools.members, self._tools.values),
                )
                self._report(declaration.owner, findings)
                left_out = any(finding.code in CANNOT_BE_CALLED for finding in findings)
            callback = self._callback(one, left_out)
            bound.append(BoundCallback(target.label, target.name, declaration, callback))
        for problem, declaration in no_methods(
            of_objects, self._table, self._cls, self._tools.members
        ):
            self._report_if_checked(problem, declaration)
        return bound

    def _callback(self, ordered: Ordered, left_out: bool) -> Callback:
        declaration = ordered.declaration
        value = declaration.callable
        if value.definition is not None and "." not in value.definition.qualname:
            # Its returns were read. For a method, the class already depends on its body by name.
            module = value.scope.module
            self._tools.names.queries.read(module, value.definition.name, body=True)
        return Callback(
            phase=declaration.phase,
            kind=declaration.kind,
            declared_in=declaration.owner.id,
            name=value.name,
            place=value.place,
            declared_at=declaration.declared_at,
            reach=self._tools.at_import.reach(declaration),
            signature=self._tools.methods.of_callback(declaration, self._cls),
            identity=value.identity,
            lifted=declaration.lifted,
            wrappers=value.wrappers,
            inner=declaration.inner,
            nested=tuple(inner.callable.name for inner in ordered.nested),
            reason=ordered.reason,
            event_text=declaration.event_text,
            added_by=declaration.added_by,
            made=value.made if declaration.kind == "entry" else "",
            left_out=left_out,
            module=value.module,
            receiver=None if value.receiver is None else value.receiver.owner.id,
        )

    def _events(
        self, bound: _Bound, bound_runtime: _Bound | None, dropped: Sequence[Ordered]
    ) -> tuple[Event, ...]:
        events = []
        here = _by_event(bound)
        there = None if bound_runtime is None else _by_event(bound_runtime)
        settings = self._tools.names.settings
        for target in self._table.targets():
            method = self._methods.get(target.label)
            if method is None:
                late = settings.late_callbacks and self._table.wrapped_as(target.name) is not None
                if late or (target.member is not None and target.member.decoration.others):
                    method = self._tools.methods.method(self._cls, self._mro, target)
                else:
                    method = self._tools.methods.bare(self._cls, target)
            if isinstance(method, NotAnEvent):
                continue
            none = None if there is None else ()
            events.append(
                Event(
                    label=target.label,
                    method=method,
                    pre=here.get((target.label, "pre"), ()),
                    post=here.get((target.label, "post"), ()),
                    runtime_pre=(there or {}).get((target.label, "pre"), none),
                    runtime_post=(there or {}).get((target.label, "post"), none),
                    wrapped_as=self._table.wrapped_as(target.name),
                    dropped=_dropped(dropped, target),
                )
            )
        return tuple(events)


def _dropped(dropped: Sequence[Ordered], target: EventTarget) -> tuple[Dropped, ...]:
    """The dropped callbacks of one event, compared by name: nothing else is read for them."""
    names = (target.name, target.label.replace("-", "_"))
    return tuple(
        Dropped(
            one.phase,
            one.callable.name,
            one.declared_at,
            ordered.reason,
            around(one.callable.wrappers, one.callable.made or one.callable.qualname),
        )
        for ordered in dropped
        if (one := ordered.declaration).event in names
    )


def _by_event(bound: _Bound) -> dict[tuple[str, str], tuple[Callback, ...]]:
    """The callbacks of each event and phase, with ``on_error`` and ``always`` last."""
    found: dict[tuple[str, str], list[Callback]] = {}
    for role in ROLES:
        for one in bound:
            if one.callback.role == role:
                found.setdefault((one.label, one.callback.phase), []).append(one.callback)
    return {key: tuple(callbacks) for key, callbacks in found.items()}


def _entries(bound: _Bound) -> tuple[tuple[str, Callback], ...]:
    entries = (one.callback for one in bound if one.callback.kind == "entry")
    return tuple((one.event_text, one) for one in entries)
