"""Where ArcticTraining's runtime and its documentation differ: reported, not decided (R45)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from arctic_codegen.build.why_different import why_different
from arctic_codegen.diagnostics.records import Finding, Severity
from arctic_codegen.model.choice import (
    PHASES,
    chosen_semantics,
    differing_phases,
    is_framework_log,
    phase_of,
    target_name,
)
from arctic_codegen.model.hosts import Event, HostClass
from arctic_codegen.model.settings import Semantics, Settings


def semantics_findings(hosts: Iterable[HostClass], settings: Settings) -> tuple[Finding, ...]:
    """AC305 for each compiled class whose orders differ and for which none was chosen, AC306
    where one was."""
    findings: list[Finding] = []
    for host in hosts:
        if not (host.requested and host.compiled and host.framework == "arctic_training"):
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
            findings.append(
                Finding(
                    "AC306",
                    f"'{host.id.name}' would have other callbacks on {labels} with "
                    f'semantics = "{other}"',
                    host.place,
                    f"`arctic-codegen explain {target_name(host.id)} --compare` shows both",
                    severity=Severity.NOTE,
                )
            )
    return tuple(findings)


def _not_chosen(host: HostClass, labels: str, events: Iterable[Event]) -> Finding:
    name = target_name(host.id)
    shown = [line for event in events for line in ("", *side_by_side(host, event))]
    return Finding(
        "AC305",
        f"'{host.id.name}' has other callbacks on {labels} when ArcticTraining runs it than "
        "its documentation says, and none of the two is chosen",
        host.place,
        "\n".join(
            [
                'to keep what runs today, paste into [tool.arctic-codegen]: semantics = "runtime"',
                'for what is documented: semantics = "documented"',
                "for this class alone, into [tool.arctic-codegen.semantics-of]: "
                f'"{name}" = "runtime"',
                *shown,
            ]
        ),
    )


def side_by_side(host: HostClass, event: Event, *, logs: bool = True) -> tuple[str, ...]:
    """Both orders of one event in two columns, lines that differ marked; and why they differ.

    Without ``logs`` the entries by which ArcticTraining logs its own work are left out.
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
        lines += [f"    ({sentence})" for sentence in why_different(host, event)]
    return tuple(lines)


def _aligned(documented: list[str], runtime: list[str]) -> list[tuple[str, str]]:
    """Rows of the two columns; a call that both have stands in one row where the order allows."""
    rows: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, documented, runtime, autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        rows += zip_longest(documented[start:end], runtime[other_start:other_end], fillvalue="")
    return rows


_Call = tuple[str, str, str]
"""What it is (``pre``, ``call``, ``post``), its whole name, and the short one."""


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
    """How each is shown: by its short name, where that says which it is."""
    whole: dict[str, set[str]] = {}
    for _, name, short in calls:
        whole.setdefault(short, set()).add(name)
    return {
        (what, name, short): f"{what:4}  {short if len(whole[short]) == 1 else name.rstrip()}"
        for what, name, short in calls
    }
