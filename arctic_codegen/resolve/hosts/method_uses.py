"""Do the sources use events of compiled classes in a way that bypasses callbacks?

They may call the plain method (R54), test against replaced classes (R30), or rebind an event (R7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Severity, Span
from arctic_codegen.model.decls import ClassTest, FunctionDecl, SuperCall
from arctic_codegen.model.expr import Attr, Expr, LambdaExpr, Name, Param
from arctic_codegen.model.hosts import Event, HostClass
from arctic_codegen.model.parameters import MethodParam
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity, LambdaEntity, Scope
from arctic_codegen.resolve.hosts.candidates import Tools, candidate
from arctic_codegen.resolve.hosts.copied_expressions import called_by_lambda, copied_default
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show


class MethodUses:
    """Finds code that bypasses the callbacks of one compiled class."""

    def __init__(self, host: HostClass, mro: Sequence[ClassEntity], tools: Tools) -> None:
        self._events = {
            event.method.name: event for event in host.events if any(event.all_callbacks)
        }
        self._held = {one.name for one in host.attributes if one.form == "value"}
        self._mro = mro
        self._classes = frozenset(cls.id for cls in mro)
        self._tools = tools
        self._names = tools.names
        # With a framework's runtime these callbacks run, so the behaviour would differ.
        self._severity = Severity.ERROR if host.has_runtime_order else Severity.WARNING

    def in_class(self, cls: ClassEntity) -> Iterator[Finding]:
        """Findings about the methods of one class of the MRO."""
        for decl in flat(cls.decl.body) if self._events or self._held else ():
            if isinstance(decl, FunctionDecl):
                others = [call for call in decl.super_calls if call.method != decl.name]
                yield from self._calls(others, decl.name, cls.body.inside(decl), cls.place.path)
                for test in decl.class_tests:
                    if test.attribute in self._held:
                        yield from self._class_test(test, Place(cls.place.path, test.span))
        if self._events:
            yield from self._rebound(cls)

    # Calls and entries that refer to the plain method of an event: its callbacks do not run
    # (AC304).

    def in_entry(self, entry: Declaration) -> Iterator[Finding]:
        """Findings about the callable of an entry."""
        if entry.kind != "entry":
            return
        value = entry.callable
        owner, _, method = value.name.rpartition(".")
        event = self._events.get(method)
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
            event = self._events.get(call.method)
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

    # ``isinstance(x, self.kind)`` where ``kind`` is bound to a compiled class: a compiled subclass
    # derives from its source, and from no other compiled class (AC308).

    def _class_test(self, test: ClassTest, place: Place) -> Iterator[Finding]:
        held = self._names.class_attribute(self._mro[0], test.attribute)
        if not isinstance(held, ClassEntity) or held.id.module not in self._tools.sources:
            return
        one = candidate(held, self._tools)
        if one is not None and one.compiled:
            name = held.id.name
            found = message("AC308", "test", attribute=test.attribute, name=name)
            yield found.at(place, message("AC308", "class", name=name).note(held.place))

    # ``Trainer.step = other`` at module level, if callers of ``other`` pass other arguments than
    # the compiled method accepts (AC309). With equal parameters it is called as in Python.

    def _rebound(self, cls: ClassEntity) -> Iterator[Finding]:
        for bound in _bound_attributes(cls.id.module, self._names):
            event = self._events.get(bound.attribute)
            if event is None:
                continue
            ids = [one.id for one in self._mro]
            if event.method.defined_in not in ids[ids.index(cls.id) :]:
                continue
            owner = self._names.lookup(bound.owner, bound.scope)
            if not isinstance(owner, ClassEntity) or owner.id != cls.id:
                continue
            given = _given(bound.value, bound.scope, self._names)
            if given is not None and not _fits(given[1:], event.method.params[1:]):
                method = event.method
                found = message("AC309", "rebound", owner=cls.id.name, method=method.name)
                note = message("shared", "method", method=method.name).note(method.place)
                yield found.at(Place(cls.place.path, bound.span), note)


class _Binding(NamedTuple):
    """A statement of a module that sets an attribute of an object."""

    owner: Name | Attr
    attribute: str
    value: Expr
    span: Span
    scope: Scope


def _bound_attributes(module: str, names: Names) -> tuple[_Binding, ...]:
    """The attributes that statements at module level set, with their places. They are read once,
    however many classes derive from those of the module."""
    return names.queries.get(
        ("bound attributes", module), lambda: tuple(_read_bound_attributes(module, names))
    )


def _read_bound_attributes(module: str, names: Names) -> Iterator[_Binding]:
    for placed in names.list_changes(module):
        change, scope = placed.change, placed.scope
        target = change.target
        if (
            scope.frames
            or not isinstance(target, Attr)
            or not isinstance(target.value, Name | Attr)
        ):
            continue
        if change.args and (change.kind == "assign" or change.what == "'setattr'"):
            yield _Binding(target.value, target.attr, change.args[0], change.span, scope)


def _given(value: Expr, scope: Scope, names: Names) -> Sequence[Param] | None:
    """The parameters of a function; ``None`` if they are not obvious."""
    if isinstance(value, LambdaExpr):
        return value.params
    entity = names.lookup(value, scope) if isinstance(value, Name | Attr) else None
    if isinstance(entity, LambdaEntity):
        return entity.expr.params
    if isinstance(entity, FunctionEntity) and not entity.decl.decorators:
        return entity.decl.params
    return None


def _fits(given: Sequence[Param], taken: Sequence[MethodParam]) -> bool:
    """Whether callers of both pass the same arguments, with the same defaults."""
    return len(given) == len(taken) and all(
        (one.name, one.kind) == (param.name, param.kind) and _same_default(one, param)
        for one, param in zip(given, taken, strict=True)
    )


def _same_default(given: Param, taken: MethodParam) -> bool:
    if given.default is None or taken.default is None:
        return given.default is None and taken.default is None
    # A default that is not a literal is taken from the function when the output is imported.
    return taken.default.text in (None, copied_default(given.default).text)
