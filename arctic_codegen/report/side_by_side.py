"""Arranges the callbacks of one event at two revisions in two columns."""

from __future__ import annotations

from typing import NamedTuple

from arctic_codegen.commands.plan_changes import EventChange
from arctic_codegen.model.hosts import Callback

MARKS = {"added": "+", "removed": "-", "moved": "~"}
"""The marks of ``diff``; ``!`` marks other changes."""


class Side(NamedTuple):
    """One callback at one revision; ``kind`` is empty if it is unchanged."""

    text: str
    mark: str
    kind: str
    changes: tuple[str, ...]
    """Descriptions of changes: ``signature: was (self) -> int, now (self) -> float``."""


def sides(event: EventChange) -> tuple[list[Side], list[Side]]:
    """The callbacks before and now, each with its change."""
    before = {one.before: one.change for one in event.changes if one.change in ("removed", "moved")}
    after = {one.after: one.change for one in event.changes if one.change in ("added", "moved")}
    changed: dict[_Key, tuple[str, ...]] = {}
    for one in event.changes:
        if one.change not in MARKS:
            text = f"{one.change}: was {one.before}, now {one.after}"
            key = (one.name, one.line, one.made)
            changed[key] = (*changed.get(key, ()), text)
    was = [_side(one, before.get(number, "")) for number, one in enumerate(event.was, 1)]
    now = [
        _side(one, after.get(number, ""), changed.get(_key(one), ()))
        for number, one in enumerate(event.now, 1)
    ]
    return was, now


def method_changes(event: EventChange) -> tuple[str, ...]:
    """The changes of the event's method."""
    callbacks = set(map(_key, event.now))
    return tuple(
        f"{one.change} of the method: was {one.before}, now {one.after}"
        for one in event.changes
        if one.change == "signature" and (one.name, one.line, one.made) not in callbacks
    )


_Key = tuple[str, int, str]


def _key(one: Callback) -> _Key:
    return one.name, one.place.span.line, one.made


def _side(one: Callback, kind: str, changes: tuple[str, ...] = ()) -> Side:
    kind = kind or ("changed" if changes else "")
    return Side(one.short, MARKS.get(kind, "!" if kind else ""), kind, changes)
