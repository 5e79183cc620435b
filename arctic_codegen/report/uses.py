"""``uses`` as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from arctic_codegen.commands.uses import Use
from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.model.chosen_order import target_name
from arctic_codegen.report.view import View, aligned


def uses_text(uses: Sequence[Use], view: View) -> str:
    """Classes, each with its events and what they call, and where that is declared."""
    rows: list[tuple[str, str]] = []
    for host, found in groupby(uses, key=lambda use: use.host):
        rows.append((target_name(host.id), view.line(host.place)))
        for use in found:
            rows.append(
                (f"  {use.event}  {use.callback.short}", view.line(use.callback.declared_at))
            )
    return "".join(f"{line}\n" for line in aligned(rows, view.width))


def uses_document(uses: Sequence[Use], view: View) -> dict[str, Any]:
    """The same for programs."""
    return {
        "version": 1,
        "uses": [
            {
                "module": use.host.id.module,
                "class": use.host.id.name,
                "event": use.event,
                "name": use.callback.name,
                "shown": use.callback.short,
                "declared": {
                    "path": shown_path(use.callback.declared_at.path, view.working_folder),
                    "line": use.callback.declared_at.span.line,
                },
            }
            for use in uses
        ],
    }
