"""``list`` as text: modules, their host classes, and the events that have callbacks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import groupby

from arctic_codegen.diagnostics.texts import shown_line
from arctic_codegen.model.choice import phases_of
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.settings import Settings

WIDTH = 100


def list_text(hosts: Iterable[HostClass], settings: Settings, working_folder: str) -> str:
    """A tree of what there is, a blank line between modules."""
    blocks: list[str] = []
    for module, members in groupby(hosts, lambda host: host.id.module):
        lines = [module]
        for host in members:
            lines += _class_lines(host, settings, working_folder)
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def describe(host: HostClass) -> str:
    """What kind of class it is, in a few words."""
    words = [host.kind] if host.kind else []
    if not host.compiled:
        words.append("mixin" if host.for_others else "abstract")
    if host.framework == "arctic_training":
        words.append("ArcticTraining")
    if host.registered_name is not None:
        words.append(f'name "{host.registered_name}"')
    return f" ({', '.join(words)})" if words else ""


def _class_lines(host: HostClass, settings: Settings, working_folder: str) -> list[str]:
    lines = [f"  {host.id.name}{describe(host)}  {shown_line(host.place, working_folder)}"]
    rows: list[tuple[str, str]] = []
    others = {event.label: None for event in host.events}
    for event, phase, callbacks in phases_of(host, settings):
        if callbacks:
            others.pop(event.label, None)
            rows.append((f"    {phase}-{event.label}", ""))
        for number, callback in enumerate(callbacks, 1):
            at = shown_line(callback.place, working_folder)
            rows.append((f"      {number}. {callback.explained}", at))
            rows += [(f"         runs {name}", "") for name in callback.nested]
    width = min(max((len(left) for left, right in rows if right), default=0), WIDTH - 30)
    lines += [f"{left.ljust(width)}  {right}".rstrip() for left, right in rows]
    if others:
        title = "    other events: " if rows else "    events: "
        lines.append(
            textwrap.fill(
                ", ".join(others),
                width=WIDTH,
                initial_indent=title,
                subsequent_indent="      ",
                break_on_hyphens=False,
                break_long_words=False,
            )
        )
    return lines
