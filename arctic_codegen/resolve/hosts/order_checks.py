"""Do callbacks run in the order that ``after``, ``before`` and ``order`` say (R59)?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.hosts import ROLES, OrderAssertion
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    ValueEntity,
)
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.values import Values

Phases = Mapping[tuple[str, str], Sequence[Declaration]]
"""The callbacks of each event and phase, in order."""


class _End(NamedTuple):
    """A callback that an assertion names, known by where its innermost function stands; one of the
    configuration that leads nowhere, by its dotted name."""

    name: str
    at: Place | None

    def is_that_of(self, one: Declaration) -> bool:
        if self.at is not None:
            return one.callable.place == self.at
        return one.callable.name == self.name


class _Pair(NamedTuple):
    """``first`` runs before ``second``, says the text at ``place``."""

    first: _End
    second: _End
    place: Place


def configured(names: Names, values: Values) -> tuple[_Pair, ...]:
    """The assertions of the configuration."""
    listed = names.settings.order
    places = names.settings.order_places

    def compute() -> tuple[_Pair, ...]:
        found = []
        for chain, place in zip(listed, places, strict=True):
            ends = [_End(name, _place_of(name, names, values)) for name in chain]
            found += [
                _Pair(first, second, place)
                for at, first in enumerate(ends)
                for second in ends[at + 1 :]
            ]
        return tuple(found)

    return names.queries.get(("order",), compute)


def _place_of(dotted: str, names: Names, values: Values) -> Place | None:
    """Where the innermost function of a dotted name stands."""
    parts = dotted.split(".")
    size = len(parts) - 1
    while size and names.source(".".join(parts[:size])).kind == "missing":
        size -= 1
    if not size:
        return None
    entity = names.module_attribute(".".join(parts[:size]), parts[size])
    for part in parts[size + 1 :]:
        if not isinstance(entity, ClassEntity):
            return None
        member = names.class_attribute(entity, part)
        if member is None:
            return None
        entity = member
    if isinstance(entity, (FunctionEntity, LambdaEntity)):
        return entity.place
    if isinstance(entity, ValueEntity):
        value = values.callable(entity.expr, entity.scope)
        return None if isinstance(value, Finding) else value.place
    return None


def in_order(
    phases: Phases, settled: Sequence[_Pair]
) -> tuple[tuple[OrderAssertion, ...], list[tuple[Finding, Declaration]]]:
    """The assertions about the callbacks of one class that hold, and findings about the others,
    each with a callback that it is about."""
    pairs = [*settled]
    for declared in phases.values():
        for one in declared:
            pairs += _claimed(one)
    pairs = list(dict.fromkeys(pairs))
    holding: list[OrderAssertion] = []
    findings: list[tuple[Finding, Declaration]] = []
    against = {pair: other for pair in pairs if (other := _contradicting(pair, pairs))}
    for (event, phase), declared in phases.items():
        ran = sorted(declared, key=lambda one: ROLES.index(one.role))
        for pair in pairs:
            firsts = [at for at, one in enumerate(ran) if pair.first.is_that_of(one)]
            seconds = [at for at, one in enumerate(ran) if pair.second.is_that_of(one)]
            if not firsts or not seconds:
                continue
            if pair in against:
                findings.append((_contradiction(pair, against[pair]), ran[seconds[0]]))
            elif firsts[-1] < seconds[0]:
                on = f"{phase}-{event}"
                names = pair.first.name, pair.second.name
                holding.append(OrderAssertion(on, *names, pair.place))
            else:
                late = ran[next(at for at in firsts if at > seconds[0])]
                findings.append((_violated(pair, late, ran[seconds[0]], ran), ran[seconds[0]]))
    for pair in against:
        findings.extend(
            (_contradiction(pair, against[pair]), one)
            for declared in phases.values()
            for one in declared
            if any(said.place == pair.place for said in one.callable.claims)
        )
    return tuple(holding), findings


def contradictions(settled: Sequence[_Pair]) -> Iterator[Finding]:
    """Those of the configuration by itself."""
    for pair in settled:
        other = _contradicting(pair, settled)
        if other is not None:
            yield _contradiction(pair, other)


def _claimed(one: Declaration) -> Iterator[_Pair]:
    me = _End(one.callable.qualname, one.callable.place)
    for said in one.callable.claims:
        other = _End(said.other, said.other_at)
        first, second = (other, me) if said.is_after else (me, other)
        yield _Pair(first, second, said.place)


def _contradicting(pair: _Pair, pairs: Sequence[_Pair]) -> _Pair | None:
    """The assertion that ends a way from the second of a pair back to its first."""
    reached = {_key(pair.second)}
    if _key(pair.first) in reached:
        return pair
    pending = True
    while pending:
        pending = False
        for one in pairs:
            if _key(one.first) in reached and _key(one.second) not in reached:
                if _key(one.second) == _key(pair.first):
                    return one
                reached.add(_key(one.second))
                pending = True
    return None


def _key(end: _End) -> Place | str:
    return end.name if end.at is None else end.at


def _contradiction(pair: _Pair, other: _Pair) -> Finding:
    first, second = pair.first.name, pair.second.name
    found = message("AC311", "contradicts", first=first, second=second)
    if other is pair:
        return message("AC311", "itself", callback=first).at(pair.place)
    said = message("AC311", "other", first=other.first.name, second=other.second.name)
    return found.at(pair.place, said.note(other.place))


def _violated(
    pair: _Pair, first: Declaration, second: Declaration, ran: Sequence[Declaration]
) -> Finding:
    before, behind = pair.first.name, pair.second.name
    order = ", ".join(one.named for one in ran)
    found = message(
        "AC310", "wrong-order", event=second.on, order=order, first=before, second=behind
    )
    return found.at(
        pair.place,
        message("AC310", "runs-first", callback=behind).note(second.declared_at),
        message("AC310", "runs-later", callback=before).note(first.declared_at),
    )
