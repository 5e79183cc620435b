"""The order that the page promises: along the MRO, from the root to the class (R15 to R19)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from arctic_codegen.model.hosts import ClassId
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.callbacks import Declarations
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.interfaces import NamesFace


class Ordered(msgspec.Struct, frozen=True):
    """A callback in its place, with those that it calls itself and why it stands there."""

    declaration: Declaration
    nested: tuple[Declaration, ...] = ()
    reason: str = ""


def documented(
    mro: Sequence[ClassEntity],
    declarations: Declarations,
    nesting: Nesting,
    canonical: Callable[[str], str],
) -> tuple[Ordered, ...]:
    """The callbacks of the class whose MRO (itself first) is given.

    ``canonical`` gives one spelling to events that name one method (``split``, ``split_data``).
    """
    walked: list[Declaration] = []
    replaced: dict[int, int] = {}
    seen: dict[tuple[str, str, tuple[str, ...]], ClassId] = {}
    for cls in reversed(mro):
        own = declarations.own(cls)
        here: dict[tuple[str, str, tuple[str, ...]], ClassId] = {}
        for entry in own.entries:
            key = (entry.phase, canonical(entry.event), entry.callable.identity)
            if key in seen:
                continue
            here[key] = cls.id
            walked.append(entry)
        seen.update(here)
        dropped = {*own.dropped, *(m.method for m in own.methods if m.replaces)}
        if dropped:
            kept = [d for d in walked if d.kind == "entry" or d.method not in dropped]
            for method in own.methods:
                if method.replaces:
                    count = sum(1 for d in walked if d.method == method.method)
                    replaced[id(method)] = count
            walked = kept
        walked.extend(own.methods)
    running = [d for d in walked if not d.abstract]
    called = {id(inner) for d in running for inner in nesting.called_by(d, mro)}
    target = mro[0].id
    return tuple(
        Ordered(d, nesting.called_by(d, mro), _reason(d, target, replaced.get(id(d), 0)))
        for d in running
        if id(d) not in called
    )


class Nesting:
    """Which callback methods run others themselves, by ``super()`` or by name (R18)."""

    def __init__(self, names: NamesFace, members: Members, declarations: Declarations) -> None:
        self._names = names
        self._members = members
        self._declarations = declarations

    def called_by(
        self, declaration: Declaration, mro: Sequence[ClassEntity]
    ) -> tuple[Declaration, ...]:
        """Every callback method that this one runs, directly or through another, in order."""
        found: list[Declaration] = []
        self._follow(declaration, mro, found)
        return tuple(found)

    def _follow(
        self, declaration: Declaration, mro: Sequence[ClassEntity], found: list[Declaration]
    ) -> None:
        for inner in self._direct(declaration, mro):
            if inner is not declaration and not any(inner is one for one in found):
                found.append(inner)
                self._follow(inner, mro, found)

    def _direct(self, declaration: Declaration, mro: Sequence[ClassEntity]) -> list[Declaration]:
        result = []
        for call in declaration.super_calls:
            if call.method != declaration.method:
                continue
            classes: Sequence[ClassEntity]
            if call.owner is None:
                start = next(
                    (i for i, cls in enumerate(mro) if cls.id == declaration.defined_in), None
                )
                classes = () if start is None else mro[start + 1 :]
            else:
                scope = declaration.super_scope
                owner = None if scope is None else self._names.lookup(call.owner, scope)
                classes = self._names.mro(owner).classes if isinstance(owner, ClassEntity) else ()
            reached = self._reached(classes, declaration.method)
            if reached is not None:
                result.append(reached)
        return result

    def _reached(self, classes: Sequence[ClassEntity], name: str) -> Declaration | None:
        for cls in classes:
            if name in self._members.own_names(cls):
                own = self._declarations.own(cls)
                return next((m for m in own.methods if m.method == name), None)
        return None


def _reason(declaration: Declaration, target: ClassId, replaced: int) -> str:
    owner = declaration.owner.id
    inherited = "" if owner == target else ", inherited"
    if declaration.kind == "entry":
        if declaration.added_by is not None:
            return f"an entry that {declaration.added_by} adds to {owner.name}'s list{inherited}"
        return f"an entry of {owner.name}'s list{inherited}"
    if declaration.replaces and replaced:
        return f"a callback method of {owner.name} that replaces the inherited ones{inherited}"
    return f"a callback method of {owner.name}{inherited}"
