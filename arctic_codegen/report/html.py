"""The report: one self-contained HTML file (R64). The template only arranges the parts."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from arctic_codegen.commands.concerned import begun
from arctic_codegen.commands.diff import DiffResult
from arctic_codegen.commands.results import ListResult
from arctic_codegen.commands.signature_text import callback_signature, method_signature
from arctic_codegen.diagnostics.codes import HAZARDS
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.emit.render import rendered_page, template_folder
from arctic_codegen.model.chosen_order import EventPhase, phases_of, semantics_of, target_name
from arctic_codegen.model.hosts import Callback, HostClass, Method
from arctic_codegen.model.settings import output_location
from arctic_codegen.report.links import Links, no_links
from arctic_codegen.report.listing import class_kind
from arctic_codegen.report.side_by_side import method_changes, sides
from arctic_codegen.report.view import View, entry_elsewhere, rewrites, shown_reason
from arctic_codegen.trace.sites import Site, Total
from arctic_codegen.trace.table import shown_time

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_OPEN_AT_MOST = 3
"""The maximum number of classes that are initially expanded."""


class ShownEvent(NamedTuple):
    """An event with something to display, and the displayed calls around its method."""

    method: Method
    phases: tuple[EventPhase, EventPhase]
    calls: tuple[Callback | Method, ...]
    hazards: dict[Place, list[str]]
    """The findings about the callbacks at each place."""


def report_html(
    result: ListResult,
    view: View,
    *,
    links: Links = no_links,
    times: Sequence[Total] = (),
) -> str:
    """The complete file. It depends only on the sources, not on their location."""
    folder = template_folder()
    style, script = (
        (folder / f"report.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    return rendered_page(
        "report.html",
        visible,
        title=f"Callbacks of {', '.join(view.settings.sources)}",
        view=view,
        page=_Page(result, view, times),
        classes=result.classes,
        is_open=len(result.classes) <= _OPEN_AT_MOST,
        diff=result if isinstance(result, DiffResult) else None,
        findings=result.findings,
        link=links,
        class_kind=class_kind,
        callback_signature=callback_signature,
        entry_elsewhere=entry_elsewhere,
        method_changes=method_changes,
        method_signature=method_signature,
        shown_reason=shown_reason,
        rewrites=rewrites,
        semantics_of=semantics_of,
        shown_time=shown_time,
        sides=sides,
        target_name=target_name,
        style=style,
        script=script,
        hashes=[_hash(style), _hash(script)],
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def visible(value: object) -> object:
    """A value with invisible characters, and those that change text direction, as their numbers."""
    if not isinstance(value, str) or hasattr(value, "__html__") or value.isprintable():
        return value
    return "".join(
        f"[U+{ord(one):04X}]" if one not in "\n\t" and unicodedata.category(one) in _HIDDEN else one
        for one in value
    )


class _Page:
    """The functions and data that the template uses."""

    def __init__(self, result: ListResult, view: View, times: Iterable[Total]) -> None:
        self._view = view
        self._times = {one.site: one for one in times}
        self.has_times = bool(self._times)
        self._package = output_location(view.settings)[0]
        self._hazards = list(_hazards(result.findings, result.classes))

    def events(self, host: HostClass) -> Iterator[ShownEvent]:
        """The events with callbacks, including callbacks that are not called."""
        for phases in phases_of(host, self._view.settings):
            event = phases[0].event
            pre, post = (self._view.callbacks(one.callbacks) for one in phases)
            if pre or post or any(one.dropped for one in phases):
                hazards: dict[Place, list[str]] = {}
                around = {one.place for one in event.all_callbacks}
                for text, inside in self._hazards:
                    if around.issuperset(inside):
                        hazards.setdefault(inside[0], []).append(text)
                yield ShownEvent(event.method, phases, (*pre, event.method, *post), hazards)

    def time(self, host: HostClass, method: str, kind: str, name: str) -> Total | None:
        """The time of one call in a trace."""
        module = f"{self._package}.{host.id.module}"
        return self._times.get(Site(module, host.id.name, method, kind, name))

    def event_time(self, host: HostClass, method: str) -> Total | None:
        """The time of an event in a trace."""
        return self.time(host, method, "event", f"{self._package}.{host.id}.{method}")


def _hazards(
    findings: Iterable[Finding], hosts: Iterable[HostClass]
) -> Iterator[tuple[str, list[Place]]]:
    """Each hazard with the callbacks that contain its places, the main one first."""
    starts: dict[str, set[Place]] = defaultdict(set)
    for host in hosts:
        for event in host.events:
            for place in (event.method.place, *(one.place for one in event.all_callbacks)):
                starts[place.path].add(place)
    for found in findings:
        if found.code in HAZARDS and found.place is not None:
            others = [one.place for one in found.related if found.code != "AC803"]
            inside = [begun(at, starts[at.path]) for at in (found.place, *others)]
            known = [at for at in inside if at is not None]
            if len(known) == len(inside):
                yield found.message, known
