"""``uses`` as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Literal

import msgspec

from arctic_codegen.commands.uses import Use
from arctic_codegen.model.chosen_order import target_name
from arctic_codegen.report.classes_json import LineDocument, line_document
from arctic_codegen.report.view import View, aligned


def uses_text(uses: Sequence[Use], view: View) -> str:
    """Classes with their events, the calls, and where the callbacks are declared."""
    rows: list[tuple[str, str]] = []
    column = max((len(use.event) for use in uses), default=0)
    for host, found in groupby(uses, key=lambda use: use.host):
        rows.append((target_name(host.id), view.line(host.place)))
        for use in found:
            text = f"  {use.event.ljust(column)}  {use.callback.short}"
            rows.append((text, view.line(use.callback.declared_at)))
    return "".join(f"{line}\n" for line in aligned(rows, view.width))


class UseDocument(msgspec.Struct, frozen=True, rename={"cls": "class"}):
    """A call of a callback. ``shown`` is in source syntax; ``declared`` is the entry that
    declares it, or the method."""

    module: str
    cls: str
    event: str
    name: str
    shown: str
    declared: LineDocument


class UsesDocument(msgspec.Struct, frozen=True):
    """All calls, by class and in the order in which they run."""

    version: Literal[1]
    uses: tuple[UseDocument, ...]


def uses_document(uses: Sequence[Use], view: View) -> UsesDocument:
    """The calls as a JSON document."""
    found = (
        UseDocument(
            use.host.id.module,
            use.host.id.name,
            use.event,
            use.callback.name,
            use.callback.short,
            line_document(use.callback.declared_at, view),
        )
        for use in uses
    )
    return UsesDocument(1, tuple(found))
