"""The report: one file of HTML that needs nothing else. The template only puts things in places."""

from __future__ import annotations

import base64
import hashlib
import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arctic_codegen.commands.diff import DiffResult
from arctic_codegen.commands.results import ListResult
from arctic_codegen.diagnostics.codes import HAZARDS
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.emit.render import rendered_page, template_folder
from arctic_codegen.model.chosen_order import semantics_of, target_name
from arctic_codegen.model.hosts import Event, HostClass
from arctic_codegen.model.settings import output_location
from arctic_codegen.report.classes_json import (
    CallbackDocument,
    EventDocument,
    LineDocument,
    class_document,
)
from arctic_codegen.report.links import Links, no_links
from arctic_codegen.report.listing import class_kind
from arctic_codegen.report.side_by_side import method_changes, sides
from arctic_codegen.report.view import View
from arctic_codegen.trace.sites import Site, Total
from arctic_codegen.trace.table import shown_time

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_OPEN_AT_MOST = 3
"""So many classes are open from the start."""

_Hazard = tuple[str, tuple[Place, ...]]


class ShownEvent(msgspec.Struct, frozen=True):
    """Both phases of an event, without what is left out."""

    label: str
    method: str
    """``Trainer.loss``, where it is defined."""
    full_method: str
    """With its module, as traces have it."""
    pre: EventDocument
    post: EventDocument
    hazards: tuple[tuple[LineDocument, str], ...]
    """What is said of the callbacks at some places."""

    def hazards_at(self, call: CallbackDocument) -> Iterable[str]:
        """What is said of one."""
        return (text for at, text in self.hazards if (at.path, at.line) == (call.path, call.line))


class ShownClass(msgspec.Struct, frozen=True):
    """A class, with those of its events that have something to show."""

    target: str
    about: str
    semantics: str
    """Where the framework has an order of its own."""
    bases: str
    place: LineDocument
    events: tuple[ShownEvent, ...]


def report_html(
    result: ListResult,
    view: View,
    *,
    links: Links = no_links,
    times: Sequence[Total] = (),
) -> str:
    """The whole file. The same bytes for the same sources, wherever these stand."""
    folder = template_folder()
    style, script = (
        (folder / f"report.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    page = _Page(result, view, links, times)
    classes = [page.shown_class(host) for host in result.classes]
    return rendered_page(
        "report.html",
        visible,
        title=f"Callbacks of {', '.join(view.settings.sources)}",
        page=page,
        classes=classes,
        is_open=len(classes) <= _OPEN_AT_MOST,
        diff=result if isinstance(result, DiffResult) else None,
        sides=sides,
        method_changes=method_changes,
        target_name=target_name,
        shown_time=shown_time,
        findings=result.findings,
        style=style,
        script=script,
        hashes=[_hash(style), _hash(script)],
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def visible(value: object) -> object:
    """Characters that a reader would not see, or that turn text around, as their numbers."""
    if not isinstance(value, str) or hasattr(value, "__html__") or value.isprintable():
        return value
    return "".join(
        f"[U+{ord(one):04X}]" if one not in "\n\t" and unicodedata.category(one) in _HIDDEN else one
        for one in value
    )


class _Page:
    """What the template asks for while it is filled."""

    def __init__(
        self, result: ListResult, view: View, links: Links, times: Iterable[Total]
    ) -> None:
        self._view = view
        self._links = links
        self._times = {one.site: one for one in times}
        self.has_times = bool(self._times)
        self._texts: dict[str, str] = {}
        self._package = output_location(view.settings)[0]
        self._hazards = list(_hazards(result.findings, result.classes))

    def shown_class(self, host: HostClass) -> ShownClass:
        """One class."""
        phases = class_document(host, self._view).events
        events = [
            ShownEvent(
                event.label,
                f"{event.method.defined_in.name}.{event.method.name}",
                f"{event.method.defined_in}.{event.method.name}",
                self._shown(pre),
                self._shown(post),
                tuple(self._hazards_of(event)),
            )
            for event, pre, post in zip(host.events, phases[::2], phases[1::2], strict=True)
        ]
        return ShownClass(
            target_name(host.id),
            class_kind(host).strip(" ()"),
            semantics_of(host, self._view.settings) if host.has_runtime_order else "",
            " > ".join(one.name for one in reversed(host.mro)),
            self.line(host.place),
            tuple(
                one
                for one in events
                if any(phase.callbacks or phase.dropped for phase in (one.pre, one.post))
            ),
        )

    def _shown(self, event: EventDocument) -> EventDocument:
        if self._view.everything:
            return event
        shown = tuple(one for one in event.callbacks if not one.log)
        return msgspec.structs.replace(event, callbacks=shown)

    def _hazards_of(self, event: Event) -> Iterator[tuple[LineDocument, str]]:
        """Those whose places all lie in callbacks of the event."""
        places = {one.place for one in event.all_callbacks}
        for message, inside in self._hazards if places else ():
            if places.issuperset(inside):
                yield self.line(inside[0]), message

    def line(self, place: Place) -> LineDocument:
        """A place as the records name it."""
        return LineDocument(shown_path(place.path, self._view.working_folder), place.span.line)

    def href(self, at: LineDocument | CallbackDocument) -> str | None:
        """What a place links to."""
        return self._links(self._path(at), at.line)

    def text(self, at: LineDocument | CallbackDocument) -> str:
        """``PATH:LINE``; the path of an installed file starts at its package."""
        if at.path not in self._texts:
            self._texts[at.path] = self._view.path(self._path(at))
        return f"{self._texts[at.path]}:{at.line}"

    def _path(self, at: LineDocument | CallbackDocument) -> str:
        return os.path.join(self._view.working_folder, at.path)

    def time(self, target: str, method: str, kind: str, name: str) -> Total | None:
        """What a trace says of one call."""
        module, _, cls = target.partition(":")
        return self._times.get(Site(f"{self._package}.{module}", cls, method, kind, name))

    def event_time(self, target: str, method: str) -> Total | None:
        """What it says of an event."""
        module, _, cls = target.partition(":")
        module = f"{self._package}.{module}"
        return self.time(target, method, "event", f"{module}.{cls}.{method}")


def _hazards(findings: Iterable[Finding], hosts: Iterable[HostClass]) -> Iterator[_Hazard]:
    """Each hazard with the callbacks in which its places lie, the one that it is about first."""
    starts: dict[str, set[Place]] = {}
    for host in hosts:
        for event in host.events:
            for place in (event.method.place, *(one.place for one in event.all_callbacks)):
                starts.setdefault(place.path, set()).add(place)
    for found in findings:
        if found.code not in HAZARDS or found.place is None:
            continue
        others = [one.place for one in found.related if found.code != "AC803"]
        inside = []
        for at in (found.place, *others):
            before = [one for one in starts.get(at.path, ()) if one.span.line <= at.span.line]
            inside += [max(before)] if before else []
        if len(inside) == 1 + len(others):
            yield found.message, tuple(inside)
