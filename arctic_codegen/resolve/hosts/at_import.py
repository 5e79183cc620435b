"""Where is each entry in the list that exists at import (R34, R48)?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.frameworks.table import framework_of
from arctic_codegen.model.hosts import (
    ClassId,
    Contribution,
    Declared,
    ListedReach,
    Reach,
    StatementReach,
)
from arctic_codegen.model.wrappers import FunctionReach, ScriptReach, Wrapper
from arctic_codegen.resolve.class_list_changes import ListChange
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declarations import Declaration, Declarations
from arctic_codegen.resolve.show import STARS
from arctic_codegen.resolve.values.records import Function


class AtImport:
    """Determines which list each class has, and its contents.

    With our mixin each class keeps its own list and records which modules change it. Changes of
    ArcticTraining's lists are not recorded, and classes without a list share an inherited one.
    """

    def __init__(self, declarations: Declarations) -> None:
        self._declarations = declarations
        self._names = declarations.names
        assigned = {change.owner for change in declarations.changes if change.kind == "assign"}
        self._holders: dict[ClassId, ClassId] = {}
        self._changes: dict[ClassId, list[ListChange]] = {}
        for change in declarations.changes:
            holder = change.owner
            if change.lands_in is not None and holder not in assigned:
                holder = self._holders[change.owner] = change.lands_in
            self._changes.setdefault(holder, []).append(change)

    def reach(self, declaration: Declaration) -> Reach:
        """How a generated module accesses the callable of a declaration."""
        if declaration.reach is not None:
            return declaration.reach
        owner, name = declaration.owner, declaration.callable.name
        watched = self._is_watched(owner)
        by = declaration.added_by
        if by == owner.id.module or not (watched or declaration.in_script):
            by = None  # nothing records which module changes ArcticTraining's lists
        if watched:
            like = [
                one
                for one in self._declarations.own(owner).entries
                if _is_like(one, declaration)
                and (one.added_by == by if by else one.added_by in (None, owner.id.module))
            ]
        else:
            like = self._entries_like(declaration)
        places = [_list_place(one) for one in like]
        here = _list_place(declaration)
        nth = places.index(here) if here in places else 0
        if declaration.in_script and by is not None:
            shown = f"{owner.id.name}.callbacks"
            return StatementReach(owner.id, by, declaration.event_text, name, nth, shown)
        adders = dict.fromkeys(one.added_by for one in like if one.added_by is not None)
        adders.pop(owner.id.module, None)
        return ListedReach(
            owner.id, declaration.event_text, name, nth, max(len(like), 1), by, tuple(adders)
        )

    def _is_watched(self, owner: ClassEntity) -> bool:
        framework = framework_of(one.id for one in self._names.mro(owner).classes)
        return framework is None or framework.keeps_notes

    def _holder(self, owner: ClassEntity) -> ClassEntity:
        """The class whose list is changed by statements about ``owner``."""
        holder = self._holders.get(owner.id)
        return next((one for one in self._names.mro(owner).classes if one.id == holder), owner)

    def _held(self, owner: ClassEntity) -> tuple[Declaration, ...]:
        """The list as it is at run time. With ArcticTraining it includes entries that statements
        add through other classes, which have no list and share this one."""
        return self._declarations.replayed(owner, self._changes.get(owner.id, ()))

    def _entries_like(self, declaration: Declaration) -> list[Declaration]:
        """The entries of ArcticTraining's list that are indistinguishable at run time, in order,
        without those that another script adds, since they do not exist yet."""
        return [
            one
            for one in self._held(self._holder(declaration.owner))
            if _is_like(one, declaration)
            and (not one.in_script or one.added_by == declaration.added_by)
        ]

    def unclear(self, owner: ClassEntity) -> Iterator[Finding]:
        """Entries of one ArcticTraining list that several modules add and that are
        indistinguishable: nothing records which comes first (AC213)."""
        if self._is_watched(owner):
            return
        # The statements of the list's own module come before those of modules that import it.
        known = (None, self._holder(owner).id.module)
        for entry in self._declarations.own(owner).entries:
            if entry.reach is not None or entry.added_by in known or entry.in_script:
                continue
            like = (one for one in self._entries_like(entry) if not one.in_script)
            adders = dict.fromkeys(one.added_by for one in like if one.added_by not in known)
            if len(adders) > 1:
                found = message(
                    "AC213",
                    "same-name",
                    modules=" and ".join(map(repr, adders)),
                    callback=entry.callable.name,
                    event=entry.event_text,
                )
                yield found.at(entry.declared_at)

    def contributions(self, mro: Sequence[ClassEntity]) -> tuple[Contribution, ...]:
        """The declarations of each class that has any, root first, as the proof expects them."""
        watched = self._is_watched(mro[0])
        found = (self._contribution(cls, watched) for cls in reversed(mro))
        return tuple(one for one in found if one.entries or one.methods or one.partial)

    def _contribution(self, cls: ClassEntity, watched: bool) -> Contribution:
        own = self._declarations.own(cls)
        names = self._declarations.members.own_names(cls)
        assigned_by = self._declarations.assigned_by(cls.id)
        shares = not watched and "callbacks" not in names and assigned_by is None
        landed = {
            change.place for change in self._changes.get(cls.id, ()) if change.owner != cls.id
        }
        entries = own.entries if watched or shares else self._held(cls)
        made: list[Declared | str] = []
        for name in names:
            method = self._declarations.method(cls, name)
            if method is not None:
                made.append(_declared(method))
            elif name in own.dropped:
                made.append(name)
        number = _lambda_numbers([one.callable for one in entries])
        asked = [asked for one in entries for asked in one.callable.conditions if asked]
        number_of_asked = _lambda_numbers(asked)
        return Contribution(
            cls.id,
            tuple(
                _declared(
                    one,
                    may_be_missing=shares
                    or (one.change is not None and one.change.place in landed),
                    lambda_number=number(one.callable),
                    wrappers=_numbered(one.callable, number_of_asked),
                )
                for one in entries
            ),
            tuple(made),
            assigned_by,
            bool(own.findings),
        )


def _declared(
    one: Declaration,
    *,
    may_be_missing: bool = False,
    lambda_number: int = 0,
    wrappers: tuple[Wrapper, ...] = (),
) -> Declared:
    value = one.callable
    params: tuple[str, ...] | None = None
    if value.params is not None and not any(param.kind in STARS for param in value.params):
        params = tuple(param.name for param in value.params)
    main_only = one.change is not None and one.change.main_only
    return Declared(
        event=one.method or one.event_text,
        name=value.name,
        params=params,
        is_async=value.is_async,
        identity=value.identity,
        reach=one.reach if isinstance(one.reach, (FunctionReach, ScriptReach)) else None,
        inner=one.inner,
        added_by=one.added_by,
        may_be_missing=main_only or (may_be_missing and one.added_by is not None),
        lambda_number=lambda_number,
        wrappers=wrappers,
    )


def _numbered(value: Function, number: Callable[[Function], int]) -> tuple[Wrapper, ...]:
    """The wrappers of an entry, with numbers for conditions that are lambdas."""
    found = []
    for wrapper, asked in zip(value.wrappers, value.conditions, strict=True):
        if asked is not None and wrapper.condition is not None:
            condition = msgspec.structs.replace(wrapper.condition, lambda_number=number(asked))
            wrapper = msgspec.structs.replace(wrapper, condition=condition)
        found.append(wrapper)
    return tuple(found)


def _lambda_numbers(values: Sequence[Function]) -> Callable[[Function], int]:
    """A function that gives each callable its position among the lambdas of its scope, which all
    have the same name."""
    places: dict[str, set[tuple[int, int]]] = {}
    for value in values:
        if value.name.endswith("<lambda>"):
            places.setdefault(value.name, set()).add(value.place.span.start)

    def number(value: Function) -> int:
        among = sorted(places.get(value.name, ()))
        return among.index(value.place.span.start) + 1 if len(among) > 1 else 0

    return number


def _list_place(one: Declaration) -> tuple[object, ...]:
    """A key that is unique for each entry of a list, however often the list is rebuilt."""
    change = one.change
    where = None if change is None else (change.module, change.operation, change.place)
    return where, one.index


def _is_like(one: Declaration, other: Declaration) -> bool:
    """Whether two entries are indistinguishable at run time: same event and definition name."""
    return (one.on, one.callable.name) == (other.on, other.callable.name)
