"""``diff`` as text for a person, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from arctic_codegen.commands.plan_changes import CallbackChange, ClassChange
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


def plan_diff_document(
    changes: Iterable[ClassChange], commit: str, working_folder: str
) -> dict[str, Any]:
    """For programs."""
    return {
        "version": 1,
        "against": commit,
        "classes": [
            {
                "module": cls.id.module,
                "name": cls.id.name,
                "change": cls.change,
                "events": [
                    {
                        "event": event.event,
                        "method": event.method,
                        "changes": [_change(one, working_folder) for one in event.changes],
                    }
                    for event in cls.events
                ],
            }
            for cls in changes
        ],
    }


def _change(change: CallbackChange, working_folder: str) -> dict[str, Any]:
    value = {
        "change": change.change,
        "name": change.name,
        "path": shown_path(change.place.path, working_folder),
        "line": change.place.span.line,
        "before": change.before,
        "after": change.after,
    }
    if change.made:
        value["made"] = change.made
    return value
