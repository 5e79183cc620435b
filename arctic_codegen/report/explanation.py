"""``explain`` as text: the calls of each event in order, and the reason for each position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from arctic_codegen.build.semantics import differing_phases, side_by_side
from arctic_codegen.commands.results import ExplainResult
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.frameworks.logs import is_framework_log, is_log
from arctic_codegen.model.chosen_order import EventPhase, chosen_semantics, phases_of
from arctic_codegen.model.hosts import Callback, Event, HostClass, Method
from arctic_codegen.report.listing import FOR_SUBCLASSES, class_kind
from arctic_codegen.report.view import View, aligned, entry_elsewhere, short_name, shown_reason

MARGIN = " " * 11

Row = tuple[str, str]
"""A text, and the place displayed after it."""


def explain_class(
    host: HostClass, view: View, result: ExplainResult, *, compare: bool = False
) -> str:
    """All events of a class with callbacks; if events were named, also those without."""
    lines = [
        f"{host.id}{class_kind(host)}  {view.line(host.place)}",
        f"  classes, base first: {' > '.join(_classes(host))}",
    ]
    if host.has_runtime_order:
        chosen = chosen_semantics(host, view.settings)
        lines.append(f"  semantics: {chosen or 'not chosen; the documented order is shown'}")
    rows: list[Row] = []
    for phases in phases_of(host, view.settings):
        event = phases[0].event
        if compare:
            is_shown = bool(view.callbacks(event.all_callbacks))
        else:
            is_shown = any(view.callbacks(one.callbacks) or one.dropped for one in phases)
        if not is_shown and not result.names_event:
            continue
        rows.append(("", ""))
        if compare and event.runtime_pre is not None:
            logs = _logs(host, event, view)
            rows += [(line, "") for line in side_by_side(host, event, logs=logs)]
        else:
            rows += _event(phases, view, result.places)
    lines += aligned(rows, view.width)
    if compare and not host.has_runtime_order:
        lines += ["", "  nothing to compare: the mixin of this class has only one order"]
    if host.for_subclasses:
        lines += ["", f"  {FOR_SUBCLASSES}"]
    elif not rows:
        lines += ["", "  none of its events has callbacks"]
    return "\n".join(lines) + "\n"


def _logs(host: HostClass, event: Event, view: View) -> bool:
    """Whether a comparison needs the log entries: the orders differ in a relevant way, or the
    project lists some."""
    differs = any(event == one for one, _ in differing_phases(host))
    listed = any(is_log(one) and not is_framework_log(one) for one in event.all_callbacks)
    return view.everything or differs or listed


def _classes(host: HostClass) -> list[str]:
    """The classes, base first; only their names, unless these are ambiguous."""
    names = [one.name for one in host.mro]
    return [one.name if names.count(one.name) == 1 else str(one) for one in reversed(host.mro)]


def _event(phases: Sequence[EventPhase], view: View, places: Mapping[str, Place]) -> Iterator[Row]:
    event = phases[0].event
    method = event.method
    title = event.label if event.label == method.name else f"{event.label} (method {method.name})"
    yield f"{title}:", ""
    pre, post = (view.callbacks(one.callbacks) for one in phases)
    calls: tuple[Callback | Method, ...] = (*pre, method, *post)
    for number, call in enumerate(calls, 1):
        if isinstance(call, Method):
            text = f"{number:3}. call  {call.defined_in.name}.{call.name}"
            yield text, view.line(call.place)
            continue
        yield f"{number:3}. {call.phase:4}  {call.short}", view.line(call.place)
        entry = entry_elsewhere(call)
        yield f"{MARGIN}{shown_reason(call)}", "" if entry is None else view.line(entry)
        for name in call.nested:
            text = f"{MARGIN}runs {short_name(name, phases[0].host)} itself"
            yield text, view.line(places[name]) if name in places else ""
    for phase in phases:
        for assertion in phase.assertions:
            text = f"       '{assertion.first}' runs before '{assertion.second}', as is asserted"
            yield text, view.line(assertion.place)
    for phase in phases:
        for one in phase.dropped:
            yield f"  -  {one.phase:4}  {one.short}", view.line(one.place)
            yield f"{MARGIN}{one.reason}", ""
