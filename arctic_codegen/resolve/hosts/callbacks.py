"""From class bodies and later statements to the callbacks that each class declares itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Call, Name
from arctic_codegen.model.hosts import (
    ClassId,
    FunctionReach,
    LiftedLambda,
    ListedReach,
    MethodReach,
    Reach,
    ScriptReach,
    StatementReach,
)
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.hosts.declared import Declaration, ListPlace, OwnDeclarations
from arctic_codegen.resolve.hosts.events import (
    EventString,
    read_event,
    read_method_name,
    repaired_event,
)
from arctic_codegen.resolve.hosts.lambdas import called_by_lambda, lifted
from arctic_codegen.resolve.hosts.members import ClassKey, Member, Members, class_key, is_none
from arctic_codegen.resolve.hosts.unwatched_lists import UnwatchedLists, is_like, told_apart
from arctic_codegen.resolve.interfaces import (
    CallableValue,
    Change,
    EvaluatedEntry,
)
from arctic_codegen.resolve.names.identity import is_protocol
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.values import Values


class Declarations:
    """What each class declares itself, read once."""

    def __init__(
        self,
        names: Names,
        values: Values,
        members: Members,
        changes: Sequence[Change] = (),
    ) -> None:
        self._names = names
        self._values = values
        self._members = members
        self._changes: dict[ClassId, list[Change]] = {}
        for change in changes:
            self._changes.setdefault(change.owner, []).append(change)
        self._unwatched = UnwatchedLists(names, changes)
        self._own: dict[ClassKey, OwnDeclarations] = {}
        self.gathered: dict[ClassKey, tuple[Declaration, ...]] = {}
        """What ArcticTraining's runtime gathers for each class (``order_runtime``)."""

    def own(self, owner: ClassEntity) -> OwnDeclarations:
        """The declarations of that class alone."""
        found = self._own.get(class_key(owner))
        if found is None:
            found = self._read(owner)
            self._own[class_key(owner)] = found
        return found

    def reach(self, declaration: Declaration) -> Reach:
        """How a generated module has the callable of a declaration."""
        place, owner = declaration.reach, declaration.owner
        if not isinstance(place, ListPlace):
            return place
        watched = self._unwatched.is_watched(owner)
        by = declaration.added_by
        if by == owner.id.module or not (watched or declaration.in_script):
            by = None  # nobody writes down who changes ArcticTraining's lists
        name = declaration.callable.name
        if watched:
            like = [
                one
                for one in self.own(owner).entries
                if is_like(one, declaration)
                and (one.added_by == by if by else one.added_by in (None, owner.id.module))
            ]
        else:
            like = self._alike(declaration)
        places = [(one.reach, one.change_place) for one in like]
        here = place, declaration.change_place
        nth = places.index(here) if here in places else 0
        if declaration.in_script and by is not None:
            shown = f"{owner.id.name}.callbacks"
            return StatementReach(owner.id, by, declaration.event_text, name, nth, shown)
        adders = dict.fromkeys(one.added_by for one in like if one.added_by is not None)
        adders.pop(owner.id.module, None)
        return ListedReach(
            owner.id, declaration.event_text, name, nth, max(len(like), 1), by, tuple(adders)
        )

    def _alike(self, declaration: Declaration) -> list[Declaration]:
        """The entries of ArcticTraining's list that look the same at run time, in its order. What
        another script adds is not there yet."""
        return [
            one
            for one in self.held(self._unwatched.holder(declaration.owner))
            if is_like(one, declaration)
            and (not one.in_script or one.added_by == declaration.added_by)
        ]

    def held(self, owner: ClassEntity) -> tuple[Declaration, ...]:
        """The list as Python has it: on ArcticTraining with what statements about other classes
        put into it, which have no list and share this one."""
        return self._replayed(owner, self._unwatched.changes(owner.id))

    def has_landed(self, owner: ClassEntity, declaration: Declaration) -> bool:
        """Whether a statement about another class has put an entry of ``held`` there."""
        place = declaration.change_place
        changes = self._unwatched.changes(owner.id)
        return any(one.place == place and one.owner != owner.id for one in changes)

    def _unclear(self, owner: ClassEntity) -> Iterator[Finding]:
        """Entries of ArcticTraining's list that several modules add and that look the same."""
        home = self._unwatched.holder(owner).id.module
        for one in self.own(owner).entries:
            if isinstance(one.reach, ListPlace) and one.added_by and not one.in_script:
                yield from told_apart(one, self._alike(one), home)

    def findings(self, owner: ClassEntity) -> tuple[Finding, ...]:
        """What is wrong with the class's own declarations."""
        found = self.own(owner).findings
        return found if self._unwatched.is_watched(owner) else (*found, *self._unclear(owner))

    def assigned_by(self, owner: ClassId) -> str | None:
        """The module whose statement gives the class its list, in place of an earlier one."""
        changes = self._changes.get(owner, ())
        return next((one.module for one in reversed(changes) if one.kind == "assign"), None)

    def list_after(
        self, owner: ClassEntity, counts: Callable[[Change], bool]
    ) -> tuple[Declaration, ...]:
        """The class's own list, changed by those later statements alone that ``counts`` takes.

        Those of its own module come first: the others are read by modules that import it.
        """
        return self._replayed(owner, filter(counts, self._changes.get(owner.id, ())))

    def _replayed(self, owner: ClassEntity, changes: Iterable[Change]) -> tuple[Declaration, ...]:
        current: list[Declaration | None] = list(self.own(owner).written)
        for change in sorted(changes, key=lambda one: one.module != owner.id.module):
            current = self._changed(owner, current, change, [])
        return tuple(entry for entry in current if entry is not None)

    def is_assigned(self, owner: ClassId, counts: Callable[[Change], bool]) -> bool:
        """Whether one of those later statements gives the class a list of its own."""
        changes = self._changes.get(owner, ())
        return any(change.kind == "assign" and counts(change) for change in changes)

    def _read(self, owner: ClassEntity) -> OwnDeclarations:
        findings: list[Finding] = []
        names = self._members.own_names(owner)
        written: list[Declaration | None] = []
        if "callbacks" in names:
            evaluated = self._values.own_entries(owner)
            findings.extend(evaluated.findings)
            written = [None] * evaluated.length
            for entry in evaluated.entries:
                made = self._entry(owner, entry, None)
                if isinstance(made, Finding):
                    findings.append(made)
                else:
                    written[entry.index] = made
        current = list(written)
        for change in self._changes.get(owner.id, ()):
            current = self._changed(owner, current, change, findings)
        methods: list[Declaration] = []
        dropped: list[str] = []
        for name in names:
            event = read_method_name(name)
            member = None if event is None else self._members.own(owner, name)
            if event is None or member is None:
                continue
            if is_none(member.entity):
                dropped.append(name)
                continue
            method = self._method(owner, member, event)
            if isinstance(method, Finding):
                findings.append(method)
            else:
                methods.append(method)
        return OwnDeclarations(
            entries=tuple(entry for entry in current if entry is not None),
            methods=tuple(methods),
            dropped=tuple(dropped),
            findings=tuple(findings),
            written=tuple(written),
        )

    def _changed(
        self,
        owner: ClassEntity,
        current: list[Declaration | None],
        change: Change,
        findings: list[Finding],
    ) -> list[Declaration | None]:
        """The list after one statement, by the rules of ``list``."""
        added: list[Declaration | None] = []
        for entry in change.entries:
            made = self._entry(owner, entry, change)
            if isinstance(made, Finding):
                findings.append(made)
            else:
                added.append(made)
        if change.kind == "assign":
            return added
        at = len(current) if change.position is None else change.position
        return [*current[:at], *added, *current[at:]]

    def _entry(
        self, owner: ClassEntity, entry: EvaluatedEntry, change: Change | None
    ) -> Declaration | Finding:
        event = read_event(entry.event)
        if event is None:
            return _malformed(entry)
        value = entry.callable
        alone: LiftedLambda | None = None
        in_script = change is not None and change.in_script
        if isinstance(value.entity, LambdaEntity) and not in_script:
            alone = lifted(value.entity, self._names)
        reach = _reach(entry, change)
        return Declaration(
            phase=event.phase,
            event=event.event,
            event_text=entry.event,
            kind="entry",
            owner=owner,
            declared_at=entry.place,
            event_place=entry.event_place,
            callable=value,
            reach=reach,
            lifted=alone,
            inner=_inner(value, change),
            added_by=None if change is None else change.module,
            in_script=in_script,
            main_only=change is not None and change.main_only,
            change_place=None if change is None else change.place,
        )

    def _method(
        self, owner: ClassEntity, member: Member, event: EventString
    ) -> Declaration | Finding:
        name = member.name
        place = self._binding_place(owner, member)
        if isinstance(member.entity, Unknown):
            return Finding(
                "AC207",
                f"the callback method '{name}' of '{owner.id.name}' cannot be determined: "
                f"{member.entity.reason}",
                place,
                hint="write it as a plain 'def' in the class body",
                related=_trail(member.entity),
            )
        inside = Scope(owner.id.module, (*owner.scope.frames, owner.decl), None)
        # What a call gives may be a function: ``post_step_callback = every(10, log)``.
        made = isinstance(member.entity, ValueEntity) and isinstance(member.entity.expr, Call)
        value: CallableValue | Finding | None = None
        if member.what == "method" or (made and member.what == "plain attribute"):
            value = self._values.callable(
                Name(place.span, self._members.own_names(owner)[name]), inside
            )
        if isinstance(value, Finding):
            return value
        if value is None or not (value.binds or member.what == "method"):
            what = (
                f"a {member.what}" if member.what != "plain attribute" else "bound to no function"
            )
            return Finding(
                "AC209",
                f"the callback method '{name}' is {what}",
                place,
                hint="write it as a plain method, or rename it if it is no callback",
            )
        decl: FunctionDecl | None = None
        scope: Scope | None = None
        defined_in = owner.id
        if isinstance(member.entity, FunctionEntity):
            decl = member.entity.decl
            scope = Scope(
                member.entity.module, (*member.entity.scope.frames, member.entity.decl), None
            )
            defined_in = member.entity.owner or owner.id
        super_calls = () if decl is None else decl.super_calls
        if isinstance(member.entity, LambdaEntity):
            super_calls = called_by_lambda(member.entity.expr)
            scope = Scope(member.entity.module, member.entity.scope.frames, None)
        return Declaration(
            phase=event.phase,
            event=event.event,
            event_text="",
            kind="method",
            owner=owner,
            declared_at=place,
            event_place=place,
            callable=value,
            reach=MethodReach(owner.id, name),
            inner=_inner(value, None),
            method=name,
            super_calls=super_calls,
            super_scope=scope,
            defined_in=defined_in,
            replaces=member.decoration.replaces_inherited,
            abstract=member.decoration.abstract or self._is_of_protocol(owner, decl),
        )

    def _is_of_protocol(self, owner: ClassEntity, decl: FunctionDecl | None) -> bool:
        """Whether this only says what a protocol's classes have: the stub itself never runs."""
        if decl is None or not decl.is_stub:
            return False
        return any(is_protocol(self._names.lookup(base, owner.scope)) for base in owner.decl.bases)

    def _binding_place(self, owner: ClassEntity, member: Member) -> Place:
        """Where the class body binds the name: the ``def``, or the assignment's target."""
        span = self._members.bound_at(owner, member.name)
        return Place(owner.place.path, span or owner.place.span)


def _reach(entry: EvaluatedEntry, change: Change | None) -> Reach | ListPlace:
    path: tuple[str, str, tuple[int, ...]] | None = None
    if entry.callable.reachable is not None:
        path = (*entry.callable.reachable, ())
    elif entry.reachable is not None and len(entry.reachable[2]) == 1:
        path = entry.reachable  # the callable of a tuple; a place in a list may be another's later
    if path is not None:
        return _named(*path, change)
    if change is not None and change.in_script:
        # What stands around it is put around it again: the script's own is not there yet.
        inner = _inner(entry.callable, change)
        if inner is not None:
            return inner
    if change is not None:
        return ListPlace(change.module, change.operation, entry.index)
    return ListPlace(None, 0, entry.index)


def _inner(value: CallableValue, change: Change | None) -> FunctionReach | ScriptReach | None:
    """How what stands inside the wrappers of an entry is reached by a name of its own."""
    path = value.inner_reachable
    return None if path is None else _named(*path, (), change)


def _named(
    module: str, name: str, items: tuple[int, ...], change: Change | None
) -> FunctionReach | ScriptReach:
    if change is not None and change.in_script and module == change.module:
        return ScriptReach(module, name, items)
    return FunctionReach(module, name, items)


def _malformed(entry: EvaluatedEntry) -> Finding:
    meant = repaired_event(entry.event)
    return Finding(
        "AC203",
        f"the event '{entry.event}' does not have the form 'pre-EVENT' or 'post-EVENT'",
        entry.event_place,
        hint=f"write '{meant}'" if meant else "write 'pre-' or 'post-' and the method's name",
        related=()
        if entry.place == entry.event_place
        else (Related(entry.place, "the entry that has it"),),
    )


def _trail(unknown: Unknown) -> tuple[Related, ...]:
    return () if unknown.place is None else (Related(unknown.place, "the trail ends here"),)
