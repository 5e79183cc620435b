"""How do the plans of two states of the sources differ?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain
from typing import Literal

import msgspec

from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.commands.signature_text import as_text, callback_signature, method_signature
from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.model.chosen_order import EventPhase, phases_of
from arctic_codegen.model.hosts import Callback, ClassId, Method

PlanChangeKind = Literal[
    "added", "removed", "moved", "declaration", "signature", "wrappers", "arguments", "body"
]

Change = Literal["added", "removed", "changed"]


class CallbackChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One changed callback of an event.

    ``before`` and ``after`` are its numbers among the callbacks of the phase, from 1, or the aspect
    that has changed: its declaration, signature, wrappers, the call that creates it, or the body of
    a lambda.
    ``path``, relative to the working folder, and ``line`` are its current or former place.
    """

    change: PlanChangeKind
    name: str
    path: str
    line: int
    before: int | str | None
    after: int | str | None
    made: str = ""
    """The call that creates it, or created it."""


class EventChange(msgspec.Struct, frozen=True):
    """The changes of one phase of an event."""

    event: str
    method: str
    changes: tuple[CallbackChange, ...]
    was: tuple[Callback, ...] = ()
    now: tuple[Callback, ...] = ()


class ClassChange(msgspec.Struct, frozen=True):
    """A class whose plan differs."""

    module: str
    name: str
    change: Change
    events: tuple[EventChange, ...]


def plan_changes(
    old: ResolvedProject, new: ResolvedProject, working_folder: str
) -> tuple[ClassChange, ...]:
    """The compiled classes with differences, by name."""
    before, after = _plans(old), _plans(new)
    found = []
    for cls in sorted({*before, *after}):
        events = tuple(_events(before.get(cls, {}), after.get(cls, {}), working_folder))
        if events:  # a class without callbacks also has a plan, which is empty
            kind: Change = "changed"
            if cls not in before or cls not in after:
                kind = "added" if cls in after else "removed"
            found.append(ClassChange(cls.module, cls.name, kind, events))
    return tuple(found)


_Plan = dict[tuple[str, bool], EventPhase]
"""Event phases, by the label of the event and whether it is the post phase."""


def _plans(resolved: ResolvedProject) -> dict[ClassId, _Plan]:
    return {
        host.id: {
            (phase.event.label, phase.phase == "post"): phase
            for phase in chain.from_iterable(phases_of(host, resolved.settings))
        }
        for host in resolved.hosts
        if host.requested and host.compiled
    }


def _events(before: _Plan, after: _Plan, working_folder: str) -> Iterator[EventChange]:
    compared = ""
    for key in sorted({*before, *after}):
        first, second = before.get(key), after.get(key)
        was, now = (() if one is None else one.compiled for one in (first, second))
        changes = list(_compared(was, now, working_folder))
        # The signature of the method does not matter for an event without callbacks.
        if first and second and was and now and compared != key[0]:
            compared = key[0]
            changes[:0] = _method(first.event.method, second.event.method, working_folder)
        phase = second or first
        if changes and phase is not None:
            yield EventChange(phase.name, phase.event.method.name, tuple(changes), was, now)


def _method(was: Method, now: Method, working_folder: str) -> Iterator[CallbackChange]:
    before, after = method_signature(was), method_signature(now)
    if before != after:
        path, line = shown_path(now.place.path, working_folder), now.place.span.line
        name = f"{now.defined_in}.{now.name}"
        yield CallbackChange("signature", name, path, line, before, after)


def _compared(
    was: Sequence[Callback], now: Sequence[Callback], working_folder: str
) -> Iterator[CallbackChange]:
    def change(
        kind: PlanChangeKind, one: Callback, before: int | str | None, after: int | str | None
    ) -> CallbackChange:
        path = shown_path(one.place.path, working_folder)
        return CallbackChange(kind, one.name, path, one.place.span.line, before, after, one.made)

    same = _same(was, now)
    order = [same[number] for number in range(len(now)) if number in same]
    blocks = SequenceMatcher(None, order, sorted(order), autojunk=False).get_matching_blocks()
    still = {number for block in blocks for number in order[block.a : block.a + block.size]}
    for number, one in enumerate(was):
        if number not in order:
            yield change("removed", one, number + 1, None)
    for number, one in enumerate(now):
        if number not in same:
            yield change("added", one, None, number + 1)
            continue
        if same[number] not in still:
            yield change("moved", one, same[number] + 1, number + 1)
        for kind, shown in _ASPECTS:
            old, new = shown(was[same[number]]), shown(one)
            if old != new:
                yield change(kind, one, old, new)


def _same(was: Sequence[Callback], now: Sequence[Callback]) -> dict[int, int]:
    """The numbers of the callbacks that remain, each with its former number. Callbacks match if
    they are equal, or equal except for arguments, the declaring class or module, the name, or the
    body of a lambda."""
    found: dict[int, int] = {}
    keys = (_exact, _without_arguments, _without_place, _without_name, _around_body, _without_body)
    for like in keys:
        left: dict[Hashable, list[int]] = defaultdict(list)
        for number, one in enumerate(was):
            if number not in found.values():
                left[like(one, number)].append(number)
        for number, one in enumerate(now):
            if number not in found and left[like(one, number)]:
                found[number] = left[like(one, number)].pop(0)
    return found


def _exact(callback: Callback, number: int) -> Hashable:
    return _without_arguments(callback, number), callback.made


def _without_arguments(callback: Callback, number: int) -> Hashable:
    return _without_body(callback, number), _body(callback)


def _without_place(callback: Callback, number: int) -> Hashable:
    return callback.name.rpartition(".")[2], callback.kind, callback.made, _body(callback)


def _without_name(callback: Callback, number: int) -> Hashable:
    """A key without the name, with the position: the callback was renamed or replaced."""
    shape = callback_signature(callback), _wrappers(callback), _body(callback)
    return number, callback.kind, callback.declared_in, shape


def _around_body(callback: Callback, number: int) -> Hashable:
    return _without_body(callback, number), callback_signature(callback), _wrappers(callback)


def _without_body(callback: Callback, number: int) -> Hashable:
    return callback.name, callback.kind, callback.declared_in


def _body(callback: Callback) -> str:
    """The body of a lambda, in one line, if it is known."""
    return " ".join(as_text(callback.lifted.body).split()) if callback.lifted else "another"


def _wrappers(callback: Callback) -> str:
    """The wrappers around it, in source syntax."""
    return callback.around("...") if callback.wrappers else "no wrapper"


def _declaration(callback: Callback) -> str:
    """Its name, with the declaring class if this is not part of the name."""
    owner = f"{callback.declared_in.module}.{callback.declared_in.name}"
    if callback.name.startswith(f"{owner}."):
        return callback.name
    return f"{callback.name} of {owner}"


_ASPECTS: tuple[tuple[PlanChangeKind, Callable[[Callback], str]], ...] = (
    ("declaration", _declaration),
    ("signature", callback_signature),
    ("wrappers", _wrappers),
    ("arguments", lambda callback: callback.made or "no call"),
    ("body", _body),
)
"""The aspects in which a callback that remains may differ."""
