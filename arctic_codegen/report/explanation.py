"""``explain`` as text: the calls of each event in order, and why each stands there."""

from __future__ import annotations

from collections.abc import Mapping

from arctic_codegen.build.semantics import side_by_side
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.diagnostics.texts import shown_line
from arctic_codegen.model.choice import callbacks_of, chosen_semantics, phase_of
from arctic_codegen.model.hosts import Callback, Event, HostClass
from arctic_codegen.model.settings import Semantics, Settings
from arctic_codegen.report.listing import describe

MARGIN = "      "


def explain_class(
    host: HostClass,
    settings: Settings,
    working_folder: str,
    *,
    event: Event | None = None,
    compare: bool = False,
    places: Mapping[str, Place] | None = None,
) -> str:
    """All events of a class that have callbacks, or one event even if it has none.

    ``places`` are those of callbacks that may be nested in others, by name.
    """
    chosen = chosen_semantics(host, settings)
    semantics: Semantics = chosen or "documented"
    where = shown_line(host.place, working_folder)
    lines = [f"{host.id}{describe(host)}", f"  {where}", f"  {_chain(host)}"]
    if host.framework == "arctic_training":
        lines.append(f"  semantics: {chosen or 'not chosen, documented shown'}")
    if event is not None:
        events: tuple[Event, ...] = (event,)
    elif compare:
        events = tuple(found for found in host.events if _has_any(found))
    else:
        events = tuple(
            found
            for found in host.events
            if callbacks_of(found, semantics) or (found.dropped and semantics == "documented")
        )
    for found in events:
        lines.append("")
        lines += (
            list(side_by_side(host, found))
            if compare and found.runtime_pre is not None
            else _event(found, semantics, working_folder, places or {})
        )
    if compare and host.framework != "arctic_training":
        lines += ["", "There is nothing to compare: only classes on ArcticTraining's mixin have"]
        lines += ["another order than the documented one."]
    if not events:
        lines += ["", f"  no callbacks on any of its {len(host.events)} events"]
    return "\n".join(lines) + "\n"


def _chain(host: HostClass) -> str:
    return "order of classes: " + " > ".join(str(identity) for identity in reversed(host.mro))


def _has_any(event: Event) -> bool:
    return bool(callbacks_of(event, "documented") or callbacks_of(event, "runtime"))


def _event(
    event: Event, semantics: Semantics, working_folder: str, places: Mapping[str, Place]
) -> list[str]:
    method = event.method
    title = event.label if event.label == method.name else f"{event.label} (method {method.name})"
    lines = [f"{title}:"]
    number = 0
    for callback in phase_of(event, "pre", semantics):
        number += 1
        lines += _call(number, callback, working_folder, places)
    number += 1
    at = shown_line(method.place, working_folder)
    lines.append(f"{number:3}. call  {method.defined_in}.{method.name}  {at}")
    lines.append(f"{MARGIN}     the method itself")
    for callback in phase_of(event, "post", semantics):
        number += 1
        lines += _call(number, callback, working_folder, places)
    for one in event.dropped if semantics == "documented" else ():
        lines.append(f"  -  {one.phase:4}  {one.name}  {shown_line(one.place, working_folder)}")
        lines.append(f"{MARGIN}     {one.reason}")
    return lines


def _call(
    number: int, callback: Callback, working_folder: str, places: Mapping[str, Place]
) -> list[str]:
    place = callback.place
    at = shown_line(place, working_folder)
    lines = [f"{number:3}. {callback.phase:4}  {callback.explained}  {at}"]
    declared = callback.declared_at
    reason = callback.reason or f"{callback.kind} of {callback.declared_in}"
    if callback.kind == "entry" and (declared.path, declared.span.line) != (
        place.path,
        place.span.line,
    ):
        reason += f" ({shown_line(declared, working_folder)})"
    lines.append(f"{MARGIN}     {reason}")
    for name in callback.nested:
        place_of = places.get(name)
        at = "" if place_of is None else f"  {shown_line(place_of, working_folder)}"
        lines.append(f"{MARGIN}     runs {name} itself{at}")
    return lines
