"""``list`` as text: modules, their host classes, and the events that have callbacks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import chain, groupby

from arctic_codegen.frameworks.table import framework_named
from arctic_codegen.model.chosen_order import phases_of
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.report.view import View, aligned, is_internal, short_name

FOR_SUBCLASSES = "its callbacks on events that it lacks run in the classes that derive from it"
"""About a mixin, whose own events are not all that it has callbacks for."""


def list_text(hosts: Iterable[HostClass], view: View) -> str:
    """A tree of classes and events, with a blank line between modules."""
    blocks: list[str] = []
    for module, members in groupby(hosts, lambda host: host.id.module):
        lines = [module]
        for host in members:
            lines += _class_lines(host, view)
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def class_kind(host: HostClass) -> str:
    """The kind of a class, in a few words."""
    words = [host.kind] if host.kind else []
    if not host.compiled:
        words.append("mixin" if host.for_subclasses else "abstract")
    title = framework_named(host.framework).title
    if title:
        words.append(title)
    if host.registered_name is not None:
        words.append(f'name "{host.registered_name}"')
    return f" ({', '.join(words)})" if words else ""


def _class_lines(host: HostClass, view: View) -> list[str]:
    lines = [f"  {host.id.name}{class_kind(host)}  {view.line(host.place)}"]
    rows: list[tuple[str, str]] = []
    named = (one for one in host.events if view.everything or not is_internal(one.method))
    others = {event.label: None for event in named}
    for phase in chain.from_iterable(phases_of(host, view.settings)):
        callbacks = view.callbacks(phase.callbacks)
        if callbacks:
            others.pop(phase.event.label, None)
            rows.append((f"    {phase.name}", ""))
        for number, callback in enumerate(callbacks, 1):
            rows.append((f"      {number}. {callback.short}", view.line(callback.place)))
            rows += [(f"         runs {short_name(name, host)}", "") for name in callback.nested]
    lines += aligned(rows, view.width)
    if host.for_subclasses:
        lines.append(f"    {FOR_SUBCLASSES}")
    if others:
        title = "    other events: " if rows else "    events: "
        lines.append(
            textwrap.fill(
                ", ".join(others),
                width=view.width,
                initial_indent=title,
                subsequent_indent="      ",
                break_on_hyphens=False,
                break_long_words=False,
            )
        )
    return lines
