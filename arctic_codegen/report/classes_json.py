"""``list --format json`` and ``explain CLASS --format json`` (section 12 of the contract)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.model.choice import phases_of
from arctic_codegen.model.hosts import Callback, HostClass
from arctic_codegen.model.settings import Settings


def classes_document(
    hosts: Iterable[HostClass], settings: Settings, working_folder: str
) -> dict[str, Any]:
    """The whole document."""
    return {
        "version": 1,
        "classes": [_class(host, settings, working_folder) for host in hosts],
    }


def _class(host: HostClass, settings: Settings, working_folder: str) -> dict[str, Any]:
    """One class, with every event in both phases."""
    return {
        "module": host.id.module,
        "name": host.id.name,
        "framework": host.framework,
        "kind": host.kind,
        "events": [
            {
                "event": f"{phase}-{event.label}",
                "method": event.method.name,
                "callbacks": [_callback(callback, working_folder) for callback in callbacks],
            }
            for event, phase, callbacks in phases_of(host, settings)
        ],
    }


def _callback(callback: Callback, working_folder: str) -> dict[str, Any]:
    value: dict[str, Any] = {
        "name": callback.name,
        "path": shown_path(callback.place.path, working_folder),
        "line": callback.place.span.line,
        "kind": callback.kind,
        "class": str(callback.declared_in),
        "nested": list(callback.nested),
    }
    if callback.wrappers:  # outermost first
        value["wrappers"] = [str(wrapper) for wrapper in callback.wrappers]
    if callback.made:
        value["made"] = callback.made
    return value
