"""``explain`` as text: the calls of each event in order, and why each stands there."""

from __future__ import annotations

from collections.abc import Mapping

from arctic_codegen.build.semantics import differing_phases, side_by_side
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.frameworks.logs import is_framework_log, is_log
from arctic_codegen.model.chosen_order import (
    chosen_semantics,
    phase_of,
)
from arctic_codegen.model.hosts import Callback, Event, HostClass
from arctic_codegen.model.settings import Semantics
from arctic_codegen.report.listing import class_kind
from arctic_codegen.report.view import View, aligned, short_name

MARGIN = " " * 11

Row = tuple[str, str]
"""A text, and the place that stands behind it."""


def explain_class(
    host: HostClass,
    view: View,
    *,
    names_event: bool = False,
    compare: bool = False,
    places: Mapping[str, Place] | None = None,
) -> str:
    """All events of a class that have callbacks; with ``names_event``, those without too.

    ``places`` are those of callbacks that may be nested in others, by name.
    """
    chosen = chosen_semantics(host, view.settings)
    semantics: Semantics = chosen or "documented"
    lines = [
        f"{host.id}{class_kind(host)}  {view.line(host.place)}",
        f"  classes, base first: {' > '.join(_classes(host))}",
    ]
    if host.has_runtime_order:
        lines.append(f"  semantics: {chosen or 'not chosen; the documented order is shown'}")
    shown = [
        found
        for found in host.events
        if names_event or _is_shown(found, semantics, view, compare=compare)
    ]
    rows: list[Row] = []
    for found in shown:
        rows.append(("", ""))
        if compare and found.runtime_pre is not None:
            rows += [
                (line, "") for line in side_by_side(host, found, logs=_logs(host, found, view))
            ]
        else:
            rows += _event(host, found, semantics, view, places or {})
    lines += aligned(rows, view.width)
    if compare and not host.has_runtime_order:
        lines += ["", "  nothing to compare: the mixin of this class has only one order"]
    if not shown:
        lines += ["", "  none of its events has callbacks"]
    return "\n".join(lines) + "\n"


def _logs(host: HostClass, event: Event, view: View) -> bool:
    """Whether a comparison needs the log entries: they differ in a way that counts, or the project
    lists some."""
    differs = any(event == one for one, _ in differing_phases(host))
    listed = any(is_log(one) and not is_framework_log(one) for one in event.all_callbacks)
    return view.everything or differs or listed


def _classes(host: HostClass) -> list[str]:
    """Base first; by name alone where that says which."""
    names = [one.name for one in host.mro]
    return [one.name if names.count(one.name) == 1 else str(one) for one in reversed(host.mro)]


def _is_shown(event: Event, semantics: Semantics, view: View, *, compare: bool) -> bool:
    if compare:
        return bool(view.callbacks(event.all_callbacks))
    both = (*phase_of(event, "pre", semantics), *phase_of(event, "post", semantics))
    return bool(view.callbacks(both) or (event.dropped and semantics == "documented"))


def _event(
    host: HostClass, event: Event, semantics: Semantics, view: View, places: Mapping[str, Place]
) -> list[Row]:
    method = event.method
    title = event.label if event.label == method.name else f"{event.label} (method {method.name})"
    rows: list[Row] = [(f"{title}:", "")]
    number = 0
    for callback in view.callbacks(phase_of(event, "pre", semantics)):
        number += 1
        rows += _call(number, callback, host, view, places)
    number += 1
    name = f"{method.defined_in.name}.{method.name}"
    rows.append((f"{number:3}. call  {name}", view.line(method.place)))
    for callback in view.callbacks(phase_of(event, "post", semantics)):
        number += 1
        rows += _call(number, callback, host, view, places)
    for said in host.assertions:
        if said.on in (f"pre-{event.label}", f"post-{event.label}"):
            text = f"       '{said.first}' runs before '{said.second}', as is asserted"
            rows.append((text, view.line(said.place)))
    for one in event.dropped if semantics == "documented" else ():
        rows.append((f"  -  {one.phase:4}  {one.short}", view.line(one.place)))
        rows.append((f"{MARGIN}{one.reason}", ""))
    return rows


def _call(
    number: int, callback: Callback, host: HostClass, view: View, places: Mapping[str, Place]
) -> list[Row]:
    place = callback.place
    rows: list[Row] = [(f"{number:3}. {callback.phase:4}  {callback.short}", view.line(place))]
    declared = callback.declared_at
    reason = callback.reason or f"{callback.kind} of {callback.declared_in}"
    here = (place.path, place.span.line)
    is_elsewhere = (declared.path, declared.span.line) != here
    is_entry = callback.kind == "entry" and is_elsewhere
    rows.append((f"{MARGIN}{reason}", view.line(declared) if is_entry else ""))
    for name in callback.nested:
        at = places.get(name)
        rows.append(
            (f"{MARGIN}runs {short_name(name, host)} itself", "" if at is None else view.line(at))
        )
    return rows
