"""``list --format json`` and ``explain --format json``, as records."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Literal

import msgspec

from arctic_codegen.commands.signature_text import callback_signature, method_signature
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.frameworks.logs import is_framework_log
from arctic_codegen.model.chosen_order import EventPhase, phases_of
from arctic_codegen.model.hosts import Callback, HostClass, Method
from arctic_codegen.report.view import View, is_internal, rewrites


class LineDocument(msgspec.Struct, frozen=True):
    """A line of a file, as seen from the working folder."""

    path: str
    line: int


class CallbackDocument(msgspec.Struct, frozen=True, omit_defaults=True, rename={"cls": "class"}):
    """One call. ``wrappers`` are around it, outermost first; ``made`` is the call that creates it.
    ``rewrites`` are the values that its result replaces: parameters, or ``result``."""

    name: str
    path: str
    line: int
    kind: Literal["entry", "method"]
    cls: str
    nested: tuple[str, ...]
    shown: str
    reason: str
    declared: LineDocument
    installed: bool
    log: bool
    signature: str
    wrappers: tuple[str, ...] = ()
    made: str = ""
    rewrites: tuple[str, ...] = ()


class AssertionDocument(msgspec.Struct, frozen=True):
    """``first`` runs before ``second``, as ``after``, ``before`` or ``order`` asserts."""

    first: str
    second: str
    path: str
    line: int


class DroppedDocument(msgspec.Struct, frozen=True):
    """A callback that is in the order but is not called."""

    name: str
    shown: str
    path: str
    line: int
    reason: str


class EventDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """One phase of an event: ``post-loss``. ``signature`` and ``defined`` are those of its method,
    also for ``post``."""

    event: str
    method: str
    internal: bool
    callbacks: tuple[CallbackDocument, ...]
    signature: str = ""
    defined: LineDocument | None = None
    """Where the method is defined; omitted if the event has nothing to show."""
    assertions: tuple[AssertionDocument, ...] = ()
    dropped: tuple[DroppedDocument, ...] = ()


class ClassDocument(msgspec.Struct, frozen=True):
    """One class, with both phases of every event."""

    module: str
    name: str
    framework: str
    kind: str | None
    events: tuple[EventDocument, ...]


class ClassesDocument(msgspec.Struct, frozen=True):
    """Classes in order. Items that text output hides are marked: ``internal``, ``log``."""

    version: Literal[1]
    classes: tuple[ClassDocument, ...]


def classes_document(hosts: Iterable[HostClass], view: View) -> ClassesDocument:
    """The complete document."""
    return ClassesDocument(1, tuple(_class(host, view) for host in hosts))


def _class(host: HostClass, view: View) -> ClassDocument:
    phases = chain.from_iterable(phases_of(host, view.settings))
    events = tuple(_event(phase, view) for phase in phases)
    return ClassDocument(host.id.module, host.id.name, host.framework, host.kind, events)


def _event(phase: EventPhase, view: View) -> EventDocument:
    method = phase.event.method
    has_calls = bool(phase.event.all_callbacks or phase.event.dropped)
    return EventDocument(
        phase.name,
        method.name,
        is_internal(method),
        tuple(_callback(callback, method, view) for callback in phase.callbacks),
        method_signature(method) if has_calls else "",
        line_document(method.place, view) if has_calls else None,
        tuple(
            AssertionDocument(one.first, one.second, *_line(one.place, view))
            for one in phase.assertions
        ),
        tuple(
            DroppedDocument(one.name, one.short, *_line(one.place, view), one.reason)
            for one in phase.dropped
        ),
    )


def _callback(callback: Callback, method: Method, view: View) -> CallbackDocument:
    return CallbackDocument(
        name=callback.name,
        path=_line(callback.place, view)[0],
        line=callback.place.span.line,
        kind=callback.kind,
        cls=str(callback.declared_in),
        nested=callback.nested,
        shown=callback.short,
        reason=callback.reason,
        declared=line_document(callback.declared_at, view),
        installed=view.is_installed(callback.place.path),
        log=is_framework_log(callback),
        signature=callback_signature(callback),
        wrappers=tuple(map(str, callback.wrappers)),
        made=callback.made,
        rewrites=rewrites(callback, method),
    )


def line_document(place: Place, view: View) -> LineDocument:
    """A place as seen from the working folder."""
    return LineDocument(*_line(place, view))


def _line(place: Place, view: View) -> tuple[str, int]:
    return shown_path(place.path, view.working_folder), place.span.line
