"""Where do a framework's runtime and its documentation differ (R45)?

The difference is only reported: the user chooses.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from arctic_codegen.build.why_orders_differ import why_orders_differ
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.frameworks.logs import is_framework_log, is_log
from arctic_codegen.frameworks.table import framework_named, is_mixin
from arctic_codegen.model.chosen_order import chosen_semantics, phase_of, target_name
from arctic_codegen.model.hosts import ClassId, Event, HostClass
from arctic_codegen.model.settings import Semantics, Settings
from arctic_codegen.model.spelling import PHASES


def semantics_findings(hosts: Iterable[HostClass], settings: Settings) -> tuple[Finding, ...]:
    """For each compiled class whose orders differ: AC306 if one was chosen, otherwise AC305."""
    findings: list[Finding] = []
    for host in hosts:
        if not (host.requested and host.compiled and host.has_runtime_order):
            continue
        differing = differing_phases(host)
        if not differing:
            continue
        events = tuple(dict.fromkeys(event for event, _ in differing))
        labels = ", ".join(f"{phase}-{event.label}" for event, phase in differing)
        chosen = chosen_semantics(host, settings)
        if chosen is None:
            findings.append(_not_chosen(host, labels, events))
        else:
            other = "runtime" if chosen == "documented" else "documented"
            found = message(
                "AC306",
                "differs",
                name=host.id.name,
                events=labels,
                other=other,
                target=target_name(host.id),
            )
            findings.append(found.at(host.place))
    return tuple(findings)


def differing_phases(host: HostClass, *, logs: bool = True) -> tuple[tuple[Event, str], ...]:
    """The events and phases for which the two semantics give a class different callbacks, or a
    different order (R45). The mixin's own log entries are ignored, even if a class lists them
    again; without ``logs``, so are the framework's other log entries."""
    return tuple(
        (event, phase)
        for event in host.events
        for phase in PHASES
        if _calls(event, phase, "documented", logs) != _calls(event, phase, "runtime", logs)
    )


def _calls(
    event: Event, phase: str, semantics: Semantics, logs: bool
) -> list[tuple[ClassId, tuple[str, ...]]]:
    of_mixin = {
        callback.identity for callback in event.all_callbacks if is_mixin(callback.declared_in)
    }
    return [
        (callback.declared_in, callback.identity)
        for callback in phase_of(event, phase, semantics)
        if callback.identity not in of_mixin and (logs or not is_log(callback))
    ]


def _not_chosen(host: HostClass, labels: str, events: Iterable[Event]) -> Finding:
    shown = [line for event in events for line in ("", *side_by_side(host, event))]
    found = message(
        "AC305",
        "not-chosen",
        name=host.id.name,
        framework=framework_named(host.framework).title,
        events=labels,
        target=target_name(host.id),
        orders="\n".join(shown),
    )
    return found.at(host.place)


def side_by_side(host: HostClass, event: Event, *, logs: bool = True) -> tuple[str, ...]:
    """Both orders of one event in two columns, with differing lines marked, and the reasons.

    Without ``logs``, the framework's own log entries are omitted.
    """
    documented = _column(event, "documented", logs)
    runtime = _column(event, "runtime", logs)
    same = documented == runtime
    names = _names([*documented, *runtime])
    left_column = [names[call] for call in documented]
    right_column = [names[call] for call in runtime]
    width = max(len(text) for text in ("documented", *left_column))
    title = f"{event.label}:  (the same)" if same else f"{event.label}:"
    lines = [title, f"    {'documented'.ljust(width)}    runtime"]
    for left, right in _aligned(left_column, right_column):
        mark = " " if left == right else "!"
        lines.append(f"  {mark} {left.ljust(width)}    {right}".rstrip())
    if logs or not same:
        lines += [f"    ({sentence})" for sentence in why_orders_differ(host, event)]
    return tuple(lines)


def _aligned(documented: list[str], runtime: list[str]) -> list[tuple[str, str]]:
    """Rows of the two columns; a call in both is in one row if the order allows."""
    rows: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, documented, runtime, autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        rows += zip_longest(documented[start:end], runtime[other_start:other_end], fillvalue="")
    return rows


_Call = tuple[str, str, str]
"""Its kind (``pre``, ``call``, ``post``), its full name, and its short name."""


def _column(event: Event, semantics: Semantics, logs: bool) -> list[_Call]:
    method = event.method
    name = f"{method.defined_in.name}.{method.name}"
    calls: list[_Call] = []
    for phase in PHASES:
        if phase == "post":
            calls.append(("call", f"{method.defined_in.module}.{name}", name))
        calls += [
            (phase, f"{one.shown} {one.made}", one.short)
            for one in phase_of(event, phase, semantics)
            if logs or not is_framework_log(one)
        ]
    return calls


def _names(calls: Sequence[_Call]) -> dict[_Call, str]:
    """The text of each call, with its short name if that is unambiguous."""
    whole: dict[str, set[str]] = {}
    for _, name, short in calls:
        whole.setdefault(short, set()).add(name)
    return {
        (what, name, short): f"{what:4}  {short if len(whole[short]) == 1 else name.rstrip()}"
        for what, name, short in calls
    }
