"""What the classes of an MRO declare, as the proof at import expects to find it (R48)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from arctic_codegen.model.hosts import Contribution, Declared, FunctionReach, Reach, ScriptReach
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.callbacks import Declarations
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.events import read_method_name
from arctic_codegen.resolve.hosts.members import Members


def contributions(
    mro: Sequence[ClassEntity], declarations: Declarations, members: Members, *, watched: bool
) -> tuple[Contribution, ...]:
    """The classes that declare something, root first.

    ``watched`` tells that each class keeps a list of its own for what statements add; else they
    change an inherited one where it has none.
    """
    found = (_contribution(cls, declarations, members, watched) for cls in reversed(mro))
    return tuple(one for one in found if one.entries or one.methods or one.partial)


def _contribution(
    cls: ClassEntity, declarations: Declarations, members: Members, watched: bool
) -> Contribution:
    own = declarations.own(cls)
    names = members.own_names(cls)
    assigned_by = declarations.assigned_by(cls.id)
    shares = not watched and "callbacks" not in names and assigned_by is None
    declared = own.entries if watched or shares else declarations.held(cls)
    entries = [
        _declared(one, one.event_text, shares or declarations.has_landed(cls, one))
        for one in declared
    ]
    methods = {one.method: one for one in own.methods}
    made: list[Declared | str] = []
    for name in names:
        if name in methods:
            made.append(_declared(methods[name], name, False))
        elif name in own.dropped and read_method_name(name) is not None:
            made.append(name)
    return Contribution(
        cls.id,
        tuple(_ranked(entries, declared)),
        tuple(made),
        assigned_by,
        bool(own.findings),
    )


def _declared(one: Declaration, event: str, may_be_missing: bool) -> Declared:
    value = one.callable
    params: tuple[str, ...] | None = None
    if value.params is not None and not any(
        param.kind in ("var_positional", "var_keyword") for param in value.params
    ):
        params = tuple(param.name for param in value.params)
    reach: Reach | None = None
    if isinstance(one.reach, (FunctionReach, ScriptReach)) and one.kind == "entry":
        reach = one.reach
    return Declared(
        event=event,
        name=value.name,
        params=params,
        is_async=value.is_async,
        identity=value.identity,
        reach=reach,
        inner=one.inner,
        wrappers=value.wrappers if one.kind == "entry" else (),
        added_by=one.added_by,
        may_be_missing=one.main_only or (may_be_missing and one.added_by is not None),
    )


def _ranked(entries: Sequence[Declared], declared: Sequence[Declaration]) -> Iterator[Declared]:
    """Lambdas share a name: each with its place among those of its scope, where there are more."""
    places: dict[str, list[tuple[int, int]]] = {}
    starts = []
    for one in declared:
        span = one.callable.place.span
        start = (span.line, span.column)
        starts.append(start)
        if one.callable.name.endswith("<lambda>"):
            places.setdefault(one.callable.name, []).append(start)
    order = {name: sorted(set(found)) for name, found in places.items()}
    for entry, start in zip(entries, starts, strict=True):
        among = order.get(entry.name, ())
        if len(among) > 1:
            yield msgspec.structs.replace(entry, rank=among.index(start) + 1)
        else:
            yield entry
