"""Calls and entries that reach the plain method of an event: its callbacks do not run (R54)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from arctic_codegen.diagnostics.records import Finding, Place, Related, Severity
from arctic_codegen.model.decls import FunctionDecl, SuperCall
from arctic_codegen.model.hosts import ClassId, Event, HostClass
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.lambdas import called_by_lambda
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show


def in_methods(
    compiled: Iterable[tuple[HostClass, Sequence[ClassEntity]]],
    requested: frozenset[str],
    names: Names,
) -> Iterator[Finding]:
    """``super().other_event()`` and ``Cls.other_event(self)`` in methods of host classes."""
    found: set[Place] = set()
    for host, mro in compiled:
        calls = PlainCalls(host, mro, names)
        for cls in mro if calls.events else ():
            if cls.id.module not in requested:
                continue
            for decl in flat(cls.decl.body):
                if not isinstance(decl, FunctionDecl):
                    continue
                scope = Scope(cls.id.module, (*cls.scope.frames, cls.decl, decl))
                others = [call for call in decl.super_calls if call.method != decl.name]
                for finding in calls.calls(others, decl.name, scope, cls.place.path):
                    if finding.place is not None and finding.place not in found:
                        found.add(finding.place)
                        yield finding


class PlainCalls:
    """What reaches the plain methods of one class's events."""

    def __init__(self, host: HostClass, mro: Sequence[ClassEntity], names: Names) -> None:
        self.events = {
            event.method.name: event for event in host.events if any(event.all_callbacks)
        }
        self._classes: dict[ClassId, ClassEntity] = {cls.id: cls for cls in mro}
        self._names = names
        # ArcticTraining's runtime fires there, so the two would differ.
        runtime = host.framework == "arctic_training"
        self._severity = Severity.ERROR if runtime else Severity.WARNING

    def calls(
        self, calls: Iterable[SuperCall], where: str, scope: Scope, path: str
    ) -> Iterator[Finding]:
        """Those of the calls in a function."""
        for call in calls:
            event = self.events.get(call.method)
            if event is None or not (call.owner is None or self._is_ancestor(call, scope)):
                continue
            base = "super()" if call.owner is None else show(call.owner)
            shown = f"{base}.{call.method}({'' if call.owner is None else 'self'})"
            yield self._finding(f"'{shown}' in '{where}' reaches", event, Place(path, call.span))

    def entry(self, declaration: Declaration) -> Iterator[Finding]:
        """What is wrong with the callable of an entry."""
        value = declaration.callable
        owner, _, method = value.name.rpartition(".")
        event = self.events.get(method)
        if event is not None and any(str(cls) == owner for cls in self._classes):
            name = owner.rpartition(".")[2]
            yield self._finding(f"'{name}.{method}' is", event, declaration.declared_at)
            return
        if value.installed:
            return
        if value.entity is not None:
            expr = getattr(value.entity, "expr", None)
            calls = () if expr is None else called_by_lambda(expr)
            yield from self.calls(calls, "<lambda>", value.scope, value.place.path)
        elif value.definition is not None:
            decl = value.definition
            scope = Scope(value.scope.module, (*value.scope.frames, decl))
            calls = tuple(call for call in decl.super_calls if call.owner is not None)
            yield from self.calls(calls, decl.name, scope, value.place.path)

    def _is_ancestor(self, call: SuperCall, scope: Scope) -> bool:
        if call.owner is None:
            return False
        entity = self._names.lookup(call.owner, Scope(scope.module, scope.frames))
        return isinstance(entity, ClassEntity) and entity.id in self._classes

    def _finding(self, what: str, event: Event, place: Place) -> Finding:
        method = event.method.name
        return Finding(
            "AC304",
            f"{what} the plain method, so no callback of '{event.label}' runs",
            place,
            hint=f"call 'self.{method}()' to fire the event",
            related=(Related(event.method.place, f"the method '{method}'"),),
            severity=self._severity,
        )
