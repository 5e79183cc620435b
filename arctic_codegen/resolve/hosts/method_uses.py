"""Do the sources use events of compiled classes in a way that passes callbacks by?

They may call the plain method (R54), or test against replaced classes (R30).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Severity
from arctic_codegen.model.decls import FunctionDecl, SuperCall
from arctic_codegen.model.hosts import Event, HostClass
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.hosts.candidates import Tools, candidate
from arctic_codegen.resolve.hosts.copied_text import called_by_lambda
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show


def findings_in_sources(
    compiled: Iterable[tuple[HostClass, Sequence[ClassEntity]]],
    requested: frozenset[str],
    tools: Tools,
) -> tuple[Finding, ...]:
    """All of them in the requested modules, for compiled classes with their MROs; one a place."""
    found: dict[Place | None, Finding] = {}
    for host, mro in compiled:
        calls = PlainCalls(host, mro, tools.names)
        held = {one.name for one in host.attributes if one.form == "value"}
        for cls in mro if calls.events or held else ():
            if cls.id.module not in requested:
                continue
            here: list[Finding] = []
            for decl in flat(cls.decl.body):
                if isinstance(decl, FunctionDecl):
                    here += calls.in_method(cls, decl)
                    if held:
                        here += _class_tests(cls, decl, mro[0], held, requested, tools)
            for finding in here:
                found.setdefault(finding.place, finding)
    return tuple(found.values())


# Calls and entries that reach the plain method of an event: its callbacks do not run (AC304).


class PlainCalls:
    """What reaches the plain methods of one class's events."""

    def __init__(self, host: HostClass, mro: Sequence[ClassEntity], names: Names) -> None:
        self.events = {
            event.method.name: event for event in host.events if any(event.all_callbacks)
        }
        self._classes = frozenset(cls.id for cls in mro)
        self._names = names
        # A framework's own runtime fires there, so the two would differ.
        self._severity = Severity.ERROR if host.has_runtime_order else Severity.WARNING

    def in_method(self, cls: ClassEntity, decl: FunctionDecl) -> Iterator[Finding]:
        """``super().other_event()`` and ``Cls.other_event(self)`` in a method of a class."""
        others = [call for call in decl.super_calls if call.method != decl.name]
        yield from self._calls(others, decl.name, cls.body.inside(decl), cls.place.path)

    def in_entry(self, entry: Declaration) -> Iterator[Finding]:
        """What is wrong with the callable of an entry."""
        if entry.kind != "entry":
            return
        value = entry.callable
        owner, _, method = value.name.rpartition(".")
        event = self.events.get(method)
        if event is not None and owner in map(str, self._classes):
            name = owner.rpartition(".")[2]
            found = message(
                "AC304",
                "entry",
                name=name,
                method=method,
                event=event.label,
                method_name=event.method.name,
            )
            yield self._finding(found, event, entry.declared_at)
            return
        if value.installed:
            return
        path = value.place.path
        if value.entity is not None:
            expr = getattr(value.entity, "expr", None)
            calls = () if expr is None else called_by_lambda(expr)
            yield from self._calls(calls, "<lambda>", value.scope, path)
        elif value.definition is not None:
            decl = value.definition
            calls = tuple(call for call in decl.super_calls if call.owner is not None)
            yield from self._calls(calls, decl.name, value.scope.inside(decl), path)

    def _calls(
        self, calls: Iterable[SuperCall], where: str, scope: Scope, path: str
    ) -> Iterator[Finding]:
        for call in calls:
            event = self.events.get(call.method)
            if event is None:
                continue
            shown = f"super().{call.method}()"
            if call.owner is not None:
                entity = self._names.lookup(call.owner, scope.late)
                if not isinstance(entity, ClassEntity) or entity.id not in self._classes:
                    continue
                shown = f"{show(call.owner)}.{call.method}(self)"
            found = message(
                "AC304",
                "call",
                call=shown,
                where=where,
                event=event.label,
                method_name=event.method.name,
            )
            yield self._finding(found, event, Place(path, call.span))

    def _finding(self, found: Message, event: Event, place: Place) -> Finding:
        method = message("shared", "method", method=event.method.name)
        return found.at(place, method.note(event.method.place), severity=self._severity)


# ``isinstance(x, self.kind)`` where a compiled class stands in ``kind``: a compiled subclass
# derives from its source, and from no other compiled class (AC308).


def _class_tests(
    cls: ClassEntity,
    decl: FunctionDecl,
    owner: ClassEntity,
    attributes: set[str],
    requested: frozenset[str],
    tools: Tools,
) -> Iterator[Finding]:
    for test in decl.class_tests:
        if test.attribute not in attributes:
            continue
        held = tools.names.class_attribute(owner, test.attribute)
        if not isinstance(held, ClassEntity) or held.id.module not in requested:
            continue
        one = candidate(held, tools)
        if one is not None and one.compiled:
            name = held.id.name
            found = message("AC308", "test", attribute=test.attribute, name=name)
            note = message("AC308", "class", name=name).note(held.place)
            yield found.at(Place(cls.place.path, test.span), note)
