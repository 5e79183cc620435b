"""In which order do the callbacks of a class run according to the documentation (R15 to R19)?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.wrappers import around
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declarations import Declaration, Declarations

_Key = tuple[str, str, tuple[str, ...]]


class Ordered(msgspec.Struct, frozen=True):
    """A callback in its position, with the callbacks that it calls and the reason for its
    position."""

    declaration: Declaration
    nested: tuple[Declaration, ...] = ()
    reason: str = ""


class Walk(msgspec.Struct, frozen=True):
    """The result of a walk along one MRO."""

    running: tuple[Ordered, ...]
    dropped: tuple[Ordered, ...]
    """Callbacks that the walk meets but that do not run by themselves, with the reason."""
    repeated: tuple[Declaration, ...]
    """The dropped callbacks that are entries: R16 does not repeat them."""
    twice: tuple[tuple[Declaration, Declaration], ...]
    """Callbacks that one class declares twice for one event: the first and the second time."""


def documented_order(
    mro: Sequence[ClassEntity],
    declarations: Declarations,
    canonical: Callable[[str], str],
) -> Walk:
    """The callbacks of a class, given its MRO (itself first).

    ``canonical`` maps events that refer to one method to one spelling (``split``, ``split_data``).
    """
    walked: list[Declaration] = []
    replacing: set[int] = set()
    seen: dict[_Key, Declaration] = {}
    dropped: list[tuple[Declaration, str]] = []
    repeated: list[Declaration] = []
    twice: list[tuple[Declaration, Declaration]] = []
    for cls in reversed(mro):
        own = declarations.own(cls)
        here: dict[_Key, Declaration] = {}
        for entry in own.entries:
            key = (entry.phase, canonical(entry.event), entry.callable.identity)
            if key in seen:
                where = f"{seen[key].owner.id.name}'s list"
                dropped.append((entry, f"not repeated: {where} has the same callback"))
                repeated.append(entry)
                continue
            other = here.setdefault(key, entry)
            if other is not entry and _same_wrappers(other, entry):
                twice.append((other, entry))
            walked.append(entry)
        seen.update(here)
        twice.extend(_listed_methods(own.methods, here, canonical))
        replacing_here = {m.method: m for m in own.methods if m.replaces}
        gone = {*own.dropped, *replacing_here}
        if gone:
            for one in (d for d in walked if d.method in gone):
                method = replacing_here.get(one.method)
                how = "sets it to None" if method is None else "replaces it"
                dropped.append((one, f"dropped: {cls.id.name} {how}"))
                if method is not None:
                    replacing.add(id(method))
            walked = [d for d in walked if d.method not in gone]
        walked.extend(own.methods)
    running = [d for d in walked if not d.abstract]
    calls = Nesting(mro, declarations)
    called = calls.called_by_any(running)
    target = mro[0].id
    ordered = tuple(
        Ordered(d, calls.called_by(d), _reason(d, target, id(d) in replacing))
        for d in running
        if id(d) not in called
    )
    for inner in (d for d in running if id(d) in called):
        callers = (one for one in ordered if any(d is inner for d in one.nested))
        names = [one.declaration.callable.qualname for one in callers]
        dropped.append(
            (inner, f"not run by itself: {' and '.join(names) or 'another one'} runs it")
        )
    return Walk(
        ordered,
        tuple(Ordered(one, (), reason) for one, reason in dropped),
        tuple(repeated),
        tuple(twice),
    )


def _same_wrappers(one: Declaration, other: Declaration) -> bool:
    """Whether both have the same wrappers."""
    return around(one.callable.wrappers, "") == around(other.callable.wrappers, "")


def _listed_methods(
    methods: Sequence[Declaration],
    listed: Mapping[_Key, Declaration],
    canonical: Callable[[str], str],
) -> Iterator[tuple[Declaration, Declaration]]:
    """The callback methods of a class that its list also contains for the same event."""
    identities = {identity for _, _, identity in listed}
    for method in methods:
        if method.callable.identity in identities:
            key = (method.phase, canonical(method.event), method.callable.identity)
            if key in listed and not listed[key].callable.wrappers:
                yield listed[key], method


class Nesting:
    """Which callback methods call others in one class, by ``super()`` or by name (R18).

    Each method is read once.
    """

    def __init__(self, mro: Sequence[ClassEntity], declarations: Declarations) -> None:
        self._names = declarations.names
        self._members = declarations.members
        self._declarations = declarations
        self._mro = mro
        self._positions: dict[ClassId, int] = {}
        for index, cls in enumerate(mro):
            self._positions.setdefault(cls.id, index)
        self._known: dict[int, list[Declaration]] = {}

    def called_by(self, declaration: Declaration) -> tuple[Declaration, ...]:
        """Every callback method that this one runs, directly or through another, in order."""
        found: dict[int, Declaration] = {}
        pending = [iter(self._direct(declaration))]
        while pending:
            inner = next(pending[-1], None)
            if inner is None:
                pending.pop()
            elif id(inner) not in found:
                found[id(inner)] = inner
                pending.append(iter(self._direct(inner)))
        return tuple(found.values())

    def called_by_any(self, declarations: Iterable[Declaration]) -> set[int]:
        """The ``id`` of every callback method that one of these runs."""
        called: set[int] = set()
        pending = list(declarations)
        while pending:
            for inner in self._direct(pending.pop()):
                if id(inner) not in called:
                    called.add(id(inner))
                    pending.append(inner)
        return called

    def _direct(self, declaration: Declaration) -> list[Declaration]:
        if not declaration.super_calls:
            return []
        known = self._known.get(id(declaration))
        if known is None:
            known = self._known[id(declaration)] = self._read(declaration)
        return known

    def _read(self, declaration: Declaration) -> list[Declaration]:
        result = []
        for call in declaration.super_calls:
            if call.method != declaration.method:
                continue
            classes: Sequence[ClassEntity] = ()
            if call.owner is None:
                if declaration.defined_in in self._positions:
                    classes = self._mro[self._positions[declaration.defined_in] + 1 :]
            elif declaration.super_scope is not None:
                owner = self._names.lookup(call.owner, declaration.super_scope)
                if isinstance(owner, ClassEntity):
                    classes = self._names.mro(owner).classes
            reached = self._reached(classes, declaration.method)
            if reached is not None and reached is not declaration:
                result.append(reached)
        return result

    def _reached(self, classes: Sequence[ClassEntity], name: str) -> Declaration | None:
        holder = next((cls for cls in classes if name in self._members.own_names(cls)), None)
        return None if holder is None else self._declarations.method(holder, name)


def _reason(declaration: Declaration, target: ClassId, replacing: bool) -> str:
    owner = declaration.owner.id
    inherited = "" if owner == target else ", inherited"
    if declaration.kind == "entry":
        if declaration.added_by is not None:
            return f"an entry that {declaration.added_by} adds to {owner.name}'s list{inherited}"
        return f"an entry of {owner.name}'s list{inherited}"
    if replacing:
        return f"a callback method of {owner.name} that replaces the inherited ones{inherited}"
    return f"a callback method of {owner.name}{inherited}"
