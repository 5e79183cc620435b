"""``list --format json`` and ``explain CLASS --format json``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.frameworks.logs import is_framework_log
from arctic_codegen.model.chosen_order import phases_of
from arctic_codegen.model.hosts import Callback, HostClass
from arctic_codegen.report.view import View, is_internal


def classes_document(hosts: Iterable[HostClass], view: View) -> dict[str, Any]:
    """The whole document: what is left out for a person is marked for a program."""
    return {"version": 1, "classes": [_class(host, view) for host in hosts]}


def _class(host: HostClass, view: View) -> dict[str, Any]:
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
                "internal": is_internal(event.method),
                "callbacks": [_callback(callback, view) for callback in callbacks],
            }
            for event, phase, callbacks in phases_of(host, view.settings)
        ],
    }


def _callback(callback: Callback, view: View) -> dict[str, Any]:
    declared = callback.declared_at
    value: dict[str, Any] = {
        "name": callback.name,
        "path": shown_path(callback.place.path, view.working_folder),
        "line": callback.place.span.line,
        "kind": callback.kind,
        "class": str(callback.declared_in),
        "nested": list(callback.nested),
        "shown": callback.short,
        "reason": callback.reason,
        "declared": {
            "path": shown_path(declared.path, view.working_folder),
            "line": declared.span.line,
        },
        "installed": view.is_installed(callback.place.path),
        "log": is_framework_log(callback),
    }
    if callback.wrappers:  # outermost first
        value["wrappers"] = [str(wrapper) for wrapper in callback.wrappers]
    if callback.made:
        value["made"] = callback.made
    return value
