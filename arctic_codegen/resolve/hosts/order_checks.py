"""Do callbacks run in the order that ``after``, ``before`` and ``order`` assert (R59)?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.model.expr import named
from arctic_codegen.model.hosts import OrderAssertion
from arctic_codegen.model.wrappers import ROLES
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.values import Values

Phases = Mapping[tuple[str, str], Sequence[Declaration]]
"""The callbacks of each event and phase, in order."""


class _End(NamedTuple):
    """A callback in an assertion, identified by the place of its innermost function."""

    name: str
    at: Place


class _Pair(NamedTuple):
    """The assertion at ``place`` that ``first`` runs before ``second``."""

    first: _End
    second: _End
    place: Place


def configured(names: Names, values: Values) -> tuple[_Pair, ...]:
    """The assertions of the configuration, without names that do not exist."""
    settings = names.settings

    def compute() -> tuple[_Pair, ...]:
        found = []
        for chain, place in zip(settings.order, settings.order_places, strict=True):
            known = ((name, _place_of(name, names, values)) for name in chain)
            ends = [_End(name, at) for name, at in known if at is not None]
            found += [_Pair(first, second, place) for first, second in combinations(ends, 2)]
        return tuple(found)

    return names.queries.get(("order",), compute)


def _place_of(dotted: str, names: Names, values: Values) -> Place | None:
    """The place of the innermost function of a dotted name."""
    parts = dotted.split(".")
    size = len(parts) - 1
    while size and names.source(".".join(parts[:size])).kind == "missing":
        size -= 1
    if not size:
        return None
    listed = named(".".join(parts[size:]), Span(0, 0, 0, 0))
    value = values.callable(listed, Scope(".".join(parts[:size])))
    return None if isinstance(value, Finding) else value.place


def in_order(
    phases: Phases, settled: Sequence[_Pair]
) -> tuple[tuple[OrderAssertion, ...], list[tuple[Finding, Declaration]]]:
    """The assertions about the callbacks of one class that hold, and findings about the others,
    each with a callback concerned."""
    claims = [
        (pair, one) for declared in phases.values() for one in declared for pair in _claimed(one)
    ]
    pairs = tuple(dict.fromkeys((*settled, *(pair for pair, _ in claims))))
    holding: list[OrderAssertion] = []
    findings: list[tuple[Finding, Declaration]] = []
    against = {pair: other for pair in pairs if (other := _contradicting(pair, pairs))}
    findings += [
        (_contradiction(pair, against[pair]), by) for pair, by in claims if pair in against
    ]
    for (event, phase), declared in phases.items():
        ran = sorted(declared, key=lambda one: ROLES.index(one.role))
        for pair in pairs:
            firsts = [at for at, one in enumerate(ran) if one.callable.place == pair.first.at]
            seconds = [at for at, one in enumerate(ran) if one.callable.place == pair.second.at]
            if not firsts or not seconds or pair in against:
                continue
            if firsts[-1] < seconds[0]:
                on = f"{phase}-{event}"
                holding.append(OrderAssertion(on, pair.first.name, pair.second.name, pair.place))
            else:
                late = ran[next(at for at in firsts if at > seconds[0])]
                findings.append((_violated(pair, late, ran[seconds[0]], ran), ran[seconds[0]]))
    return tuple(holding), findings


def contradictions(settled: Sequence[_Pair]) -> Iterator[Finding]:
    """Contradictions within the configuration."""
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
    """An assertion of the opposite order."""
    ends = pair.second.at, pair.first.at
    return next((one for one in pairs if (one.first.at, one.second.at) == ends), None)


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
