"""``diff`` as text for a person, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from arctic_codegen.commands.plan_changes import CallbackChange, Change, ClassChange, PlanChangeKind
from arctic_codegen.diagnostics.texts import shown_line, shown_path
from arctic_codegen.model.chosen_order import target_name

_CLASS_MARKS = {"added": "+ ", "removed": "- ", "changed": ""}


def plan_diff_text(changes: Iterable[ClassChange], working_folder: str) -> str:
    """For a person, as in a review."""
    lines: list[str] = []
    for cls in changes:
        lines += [""] if lines else []
        lines.append(f"{_CLASS_MARKS[cls.change]}{target_name(cls.id)}")
        for event in cls.events:
            lines.append(f"  {event.event}:")
            lines += [f"    {_line(change, working_folder)}" for change in event.changes]
    return "".join(f"{line}\n" for line in lines)


def _line(change: CallbackChange, working_folder: str) -> str:
    at = shown_line(change.place, working_folder)
    name = f"{change.name} from {change.made}" if change.made else change.name
    if change.change == "added":
        return f"+ {change.after}. {name}  {at}"
    if change.change == "removed":
        return f"- {change.before}. {name}"
    if change.change == "moved":
        return f"~ {change.after}. {name}  {at}  was {change.before}."
    return f"! {change.name}  {at}  was {change.before}, now {change.after}"


class ChangeDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """One callback. ``before`` and ``after`` are its numbers, or what has changed about it."""

    change: PlanChangeKind
    name: str
    path: str
    line: int
    before: int | str | None
    after: int | str | None
    made: str = ""


class EventChangeDocument(msgspec.Struct, frozen=True):
    """One phase of an event: ``post-loss``."""

    event: str
    method: str
    changes: tuple[ChangeDocument, ...]


class ClassChangeDocument(msgspec.Struct, frozen=True):
    """A class whose calls differ."""

    module: str
    name: str
    change: Change
    events: tuple[EventChangeDocument, ...]


class DiffDocument(msgspec.Struct, frozen=True):
    """``diff --format json``. ``against`` is the commit."""

    version: Literal[1]
    against: str
    classes: tuple[ClassChangeDocument, ...]


def plan_diff_document(
    changes: Iterable[ClassChange], commit: str, working_folder: str
) -> DiffDocument:
    """For programs."""
    return DiffDocument(
        1,
        commit,
        tuple(
            ClassChangeDocument(
                cls.id.module,
                cls.id.name,
                cls.change,
                tuple(
                    EventChangeDocument(
                        event.event,
                        event.method,
                        tuple(_change(one, working_folder) for one in event.changes),
                    )
                    for event in cls.events
                ),
            )
            for cls in changes
        ),
    )


def _change(change: CallbackChange, working_folder: str) -> ChangeDocument:
    return ChangeDocument(
        change.change,
        change.name,
        shown_path(change.place.path, working_folder),
        change.place.span.line,
        change.before,
        change.after,
        change.made,
    )
