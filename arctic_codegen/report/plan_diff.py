"""``diff`` as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from arctic_codegen.commands.plan_changes import CallbackChange, Change, ClassChange

_CLASS_MARKS = {"added": "+ ", "removed": "- ", "changed": ""}


def plan_diff_text(changes: Iterable[ClassChange]) -> str:
    """The changes as text, as in a review."""
    lines: list[str] = []
    for cls in changes:
        lines += [""] if lines else []
        lines.append(f"{_CLASS_MARKS[cls.change]}{cls.module}:{cls.name}")
        for event in cls.events:
            lines.append(f"  {event.event}:")
            lines += [f"    {_line(change)}" for change in event.changes]
    return "".join(f"{line}\n" for line in lines)


def _line(change: CallbackChange) -> str:
    at = f"{change.path}:{change.line}"
    name = f"{change.name} from {change.made}" if change.made else change.name
    if change.change == "added":
        return f"+ {change.after}. {name}  {at}"
    if change.change == "removed":
        return f"- {change.before}. {name}"
    if change.change == "moved":
        return f"~ {change.after}. {name}  {at}  was {change.before}."
    return f"! {change.name}  {at}  was {change.before}, now {change.after}"


class EventChangeDocument(msgspec.Struct, frozen=True):
    """One phase of an event: ``post-loss``."""

    event: str
    method: str
    changes: tuple[CallbackChange, ...]


class ClassChangeDocument(msgspec.Struct, frozen=True):
    """A class with changed calls."""

    module: str
    name: str
    change: Change
    events: tuple[EventChangeDocument, ...]


class DiffDocument(msgspec.Struct, frozen=True):
    """``diff --format json``. ``against`` is the commit."""

    version: Literal[1]
    against: str
    classes: tuple[ClassChangeDocument, ...]


def plan_diff_document(changes: Iterable[ClassChange], commit: str) -> DiffDocument:
    """The changes as a JSON document."""
    classes = msgspec.convert(changes, tuple[ClassChangeDocument, ...], from_attributes=True)
    return DiffDocument(1, commit, classes)
