"""Plans compiled classes: their ``class`` line, docstring, attributes and methods."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from arctic_codegen.model.hosts import ClassId, HostAttribute, HostClass
from arctic_codegen.model.plan import ClassPlan
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.plan.callees import entry
from arctic_codegen.plan.calls import plan_method
from arctic_codegen.plan.class_references import relative
from arctic_codegen.plan.lambda_functions import declarations, usage_of
from arctic_codegen.plan.scope import (
    ModuleScope,
    called_events,
    chosen,
    chosen_entries,
    is_as_declared,
    takeover_of,
)
from arctic_codegen.plan.wrapper_lines import Counters

_WIDTH = 84
"""Maximum length of a line in a class body."""


def plan_classes(scope: ModuleScope) -> tuple[ClassPlan, ...]:
    """The classes of a module, each after those that its body refers to."""
    hosts = {host.id: host for host in scope.slot.hosts}
    order = scope.links.ordered(scope.slot)
    for cls in order:  # import sources in a fixed order, whatever refers to them first
        scope.imports.owner(cls)
    placed: set[ClassId] = set()
    plans = []
    for cls in order:
        plans.append(_class(scope, hosts[cls], placed))
        placed.add(cls)
    return tuple(plans)


def _class(scope: ModuleScope, host: HostClass, placed: set[ClassId]) -> ClassPlan:
    name = scope.slot.names[host.id]
    source = scope.imports.owner(host.id)
    attributes = [f"__arctic_source__ = {source}"]
    if host.slots:
        attributes.append("__slots__ = ()")
    if host.registry == "kept":
        known = host.registered_name
        attributes.append(f"name = {f'{source}.name' if known is None else repr(known)}")
    attributes.extend(_closed(scope, host))
    takeover = takeover_of(host)
    if takeover is not None:
        late = "late=True" if scope.settings.late_callbacks else ""
        attributes.append(f"{takeover.attribute} = {scope.takeover(takeover, 'take_over')}({late})")
        attributes.extend(_order(scope, host))
    for attribute in host.attributes:
        attributes.extend(_attribute(scope, host, attribute, placed))
    counters = Counters()
    methods = [
        plan_method(scope, host, event, counters) for event in called_events(host, scope.settings)
    ]
    attributes.extend(f"{name} = 0" for name in counters.names if host.default_setattr)
    if counters.counted_by:
        places = ", ".join(f'"{name}": {by!r}' for name, by in counters.counted_by.items())
        attributes.append(f"__arctic_every__ = {{{places}}}")
    return ClassPlan(
        id=host.id,
        name=name,
        header=_header(scope, host, name, source),
        docstring=_docstring(scope, host),
        attributes=tuple(attributes),
        methods=tuple(methods),
    )


def _order(scope: ModuleScope, host: HostClass) -> Iterable[str]:
    """The text that the entry that logs the order of callbacks writes."""
    called = [
        (f"{callback.phase}-{event.label}", callback)
        for event in called_events(host, scope.settings)
        for callbacks in chosen(host, event, scope.settings)
        for callback in callbacks
    ]
    if any(scope.logs_order(host, callback) for _, callback in called):
        yield '__arctic_order__ = """'
        yield from (f"    {event} {callback.name}" for event, callback in called)
        yield '    """'


def _header(scope: ModuleScope, host: HostClass, name: str, source: str) -> str:
    declared = declarations(scope, host)
    usage = usage_of(scope, host, runtime=True)
    brackets = f"[{', '.join(declared)}]" if declared else ""
    base = f"{source}[{', '.join(usage)}]" if usage else source
    keywords = [f"{key}={_keyword(scope, source, key, value)}" for key, value in host.keywords]
    bases = [base]
    if host.registry == "root":
        bases.append(scope.imports.name("abc", "ABC"))
    # The source's own `__init_subclass__`, which wants the keyword, is not called for its compiled
    # class.
    ignore = "  # type: ignore[call-arg, unused-ignore]" if host.wants_keyword else ""
    return f"class {name}{brackets}({', '.join([*bases, *keywords])}):{ignore}"


def _keyword(scope: ModuleScope, source: str, name: str, value: Text | None) -> str:
    if value is None:
        return f"{scope.runtime('class_keyword')}({source}, {name!r})"
    return scope.imports.text(value, runtime=True)


def _docstring(scope: ModuleScope, host: HostClass) -> tuple[str, ...]:
    events = [
        f"{phase}-{event.label}"
        for event in called_events(host, scope.settings)
        for phase, callbacks in zip(
            ("pre", "post"), chosen(host, event, scope.settings), strict=True
        )
        if callbacks
    ]
    first = f"Compiled from {host.id}."
    if not events:
        return (first,)
    lines = textwrap.wrap(
        f"Events: {', '.join(events)}", _WIDTH, break_long_words=False, break_on_hyphens=False
    )
    return first, "", *lines, ""


def _closed(scope: ModuleScope, host: HostClass) -> Iterable[str]:
    if host.list_form == "absent" and not host.entries:
        return  # the mixin adds an empty list
    if is_as_declared(host, scope.settings):
        entries = [scope.imports.owner(host.id)]
    else:
        entries = [
            f"({event_text!r}, {entry(scope, callback)})"
            for event_text, callback in chosen_entries(host, scope.settings)
        ]
    closed = scope.runtime("closed")
    call = f"{closed}({', '.join(entries)})"
    if host.list_form == "annotated":
        builtin = scope.imports.builtin
        item = f"{builtin('tuple')}[{builtin('str')}, {scope.any_callable()}]"
        yield f"callbacks: {builtin('list')}[{item}] = {call}"
    elif host.list_form != "marked":
        yield f"callbacks = {call}"
    else:
        # The source marks its list (as `ClassVar`, say), but the mixin does not. If the types of
        # the mixin are unknown, there is nothing to ignore.
        ignore = "  # type: ignore[misc, unused-ignore]"
        if len(call) <= _WIDTH:
            yield f"callbacks = {call}{ignore}"
        else:  # the formatter breaks long lines, and the comment has to stay next to the name
            lines = "".join(f"\n        {one}," for one in entries)
            yield f"callbacks = {closed}({ignore}{lines}\n    )"


def _attribute(
    scope: ModuleScope,
    host: HostClass,
    attribute: HostAttribute,
    placed: set[ClassId],
) -> Iterable[str]:
    """The attribute, with compiled classes instead of the source's (R30)."""
    known = [cls for cls in attribute.classes if cls in scope.layout.classes]
    if not known:
        return
    if attribute.form == "value":
        if _is_defined_later(scope, known[0], placed):
            value = _compiled(scope, known[0], typed=False)
            name = scope.slot.names[host.id]
            scope.deferred.append(f"{name}.{attribute.name} = {value}")
        else:
            yield f"{attribute.name} = {_compiled(scope, known[0], typed=True)}"
        return
    if attribute.annotation is None:
        return
    # The registry evaluates the annotation when the class is created.
    evaluated = takeover_of(host) is not None
    waits = evaluated and any(_is_defined_later(scope, cls, placed) for cls in known)
    compiled = {(cls.module, cls.name): cls for cls in known}

    def other(ref: Ref) -> str | None:
        cls = compiled.get((ref.module, ref.name))
        return None if cls is None else _compiled(scope, cls, typed=not waits)

    annotation = scope.imports.text(attribute.annotation, runtime=True, other=other)
    if waits:
        annotations = f"{scope.slot.names[host.id]}.__annotations__"
        scope.deferred.append(f'{annotations}["{attribute.name}"] = {annotation}')
        return
    # Narrowing the type of a mutable attribute is unsound, but intended here.
    rules = "reportIncompatibleVariableOverride"
    if len(known) == 1 and annotation.endswith("]"):
        # ArcticTraining uses `Union` with a single class, so the compiled class does too.
        rules += ", reportInvalidTypeArguments"
    ignore = f"  # pyright: ignore[{rules}]"
    line = f"{attribute.name}: {annotation}"
    if len(line) > _WIDTH and annotation.endswith("]"):
        # The formatter breaks the line, and the comment has to stay next to the name.
        head, _, items = line.partition("[")
        yield f"{head}[{ignore}\n        {items[:-1]}\n    ]"
    else:
        yield f"{line}{ignore}"


def _is_defined_later(scope: ModuleScope, cls: ClassId, placed: set[ClassId]) -> bool:
    """Whether a class does not exist yet when a class body of this module refers to it."""
    if cls.module == scope.slot.module:
        # A class body would also mangle a name with two leading underscores.
        return cls not in placed or scope.slot.names[cls].startswith("__")
    return scope.links.cyclic(scope.slot.module, cls.module)


def _compiled(scope: ModuleScope, cls: ClassId, *, typed: bool) -> str:
    if cls.module == scope.slot.module:
        return scope.slot.names[cls]
    other = scope.layout.modules[cls.module]
    deferred = scope.links.cyclic(scope.slot.module, cls.module)
    module = relative(scope.slot, other)
    return scope.imports.compiled(module, other.names[cls], deferred=deferred, typed=typed)
