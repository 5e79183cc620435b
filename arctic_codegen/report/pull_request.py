"""Output for a pull request: differences as Markdown, calls as a Mermaid chart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from arctic_codegen.commands.plan_changes import CallbackChange, ClassChange
from arctic_codegen.diagnostics.texts import visible
from arctic_codegen.model.chosen_order import EventPhase, phases_of, target_name
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.report.side_by_side import MARKS
from arctic_codegen.report.view import View


def diff_markdown(changes: Iterable[ClassChange], against: str) -> str:
    """A table for each class with differences."""
    lines = [f"### Callbacks: changes since {_code(against)}"]
    for cls in changes:
        lines += ["", f"{_code(f'{cls.module}:{cls.name}')} ({cls.change})", ""]
        lines += ["| event | change | callback | place |", "|---|---|---|---|"]
        for event in cls.events:
            for one in event.changes:
                cells = (
                    event.event,
                    f"{MARKS.get(one.change, '!')} {_change(one)}",
                    _code(one.made or one.name),
                    "" if one.change == "removed" else _code(f"{one.path}:{one.line}"),
                )
                lines.append(f"| {' | '.join(cells)} |")
    if len(lines) == 1:
        lines += ["", "No calls differ."]
    return "".join(f"{line}\n" for line in lines)


def _change(one: CallbackChange) -> str:
    if one.change in ("added", "removed"):
        return f"{one.change} ({one.after or one.before})"
    if one.change == "moved":
        return f"moved ({one.before} to {one.after})"
    return f"{one.change}: {_code(str(one.before))} to {_code(str(one.after))}"


def _code(text: str) -> str:
    """A text as code in a table cell, so that it contains no markup, mention or cell separator."""
    text = visible(text).replace("|", "\\|")
    ticks = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def mermaid(hosts: Iterable[HostClass], view: View) -> str:
    """A flowchart with a box for each class, and its calls in order for each event with
    callbacks."""
    lines = ["flowchart LR"]
    for number, host in enumerate(hosts):
        lines.append(f"  subgraph c{number}[{_label(target_name(host.id))}]")
        for place, (pre, post) in enumerate(phases_of(host, view.settings)):
            if view.callbacks(pre.callbacks + post.callbacks):
                lines += _event(pre, post, f"c{number}e{place}", view)
        lines.append("  end")
    return "".join(f"{line}\n" for line in lines)


def _event(pre: EventPhase, post: EventPhase, name: str, view: View) -> Iterator[str]:
    yield f"    subgraph {name}[{_label(pre.event.label)}]"
    yield "      direction TB"
    before, after = (
        [f"[{_label(f'{phase.phase} {one.short}')}]" for one in view.callbacks(phase.callbacks)]
        for phase in (pre, post)
    )
    method = pre.event.method
    called = f"[[{_label(f'{method.defined_in.name}.{method.name}')}]]"
    nodes = [f"{name}n{number}{shape}" for number, shape in enumerate((*before, called, *after))]
    yield f"      {' --> '.join(nodes)}"
    yield "    end"


def _label(text: str) -> str:
    """A quoted text, with characters escaped that Mermaid or a browser would treat as markup."""
    text = re.sub(r"[^\w .,:()=+/-]", lambda found: f"#{ord(found[0])};", visible(text))
    return f'"{text}"'
