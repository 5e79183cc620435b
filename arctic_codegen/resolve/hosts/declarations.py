"""Which callbacks does each class itself declare, in its body and in later statements?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, TypeVar

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.decls import FunctionDecl, SuperCall
from arctic_codegen.model.expr import Call, Name
from arctic_codegen.model.hosts import ClassId, MethodReach, Reach
from arctic_codegen.model.spelling import Phase
from arctic_codegen.model.wrappers import FunctionReach, LiftedLambda, Role, ScriptReach, role_of
from arctic_codegen.resolve.class_list_changes import ListChange
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.hosts.copied_expressions import called_by_lambda
from arctic_codegen.resolve.hosts.events import (
    EventString,
    read_event,
    read_method_name,
    repaired_event,
)
from arctic_codegen.resolve.hosts.members import Member, Members, is_none
from arctic_codegen.resolve.names.identity import is_protocol
from arctic_codegen.resolve.names.mro import class_key
from arctic_codegen.resolve.values.lifting import lifted
from arctic_codegen.resolve.values.records import EvaluatedEntry, Function
from arctic_codegen.resolve.values.values import Values


class Declaration(msgspec.Struct, frozen=True):
    """A callback as declared, independent of any class that inherits it."""

    phase: Phase
    event: str
    """Spelled with underscores."""
    kind: Literal["entry", "method"]
    owner: ClassEntity
    declared_at: Place
    event_place: Place
    """Where findings about the event are reported."""
    callable: Function
    reach: Reach | None
    """How generated code accesses it; ``None`` for an entry without a name, whose object is taken
    from the list at import."""
    inner: FunctionReach | ScriptReach | None
    """How the callable inside the wrappers is accessed, if it has a name."""
    event_text: str = ""
    """The event as the entry spells it; empty for a method."""
    lifted: LiftedLambda | None = None
    change: ListChange | None = None
    """The statement outside the class body that adds the entry to the list (R12)."""
    index: int = 0
    """Its position among the entries of the class body or of that statement."""
    method: str = ""
    """The name of a callback method; empty for an entry."""
    super_calls: tuple[SuperCall, ...] = ()
    super_scope: Scope | None = None
    defined_in: ClassId | None = None
    """The class whose body contains the ``def`` of a callback method: the start of ``super()``."""
    replaces: bool = False
    """Marked ``@replaces_inherited``."""
    abstract: bool = False
    """An abstract callback method must be overridden: it never runs itself."""

    @property
    def added_by(self) -> str | None:
        """The module whose statement added the entry."""
        return None if self.change is None else self.change.module

    @property
    def in_script(self) -> bool:
        """Whether that statement is in a module that imports the output."""
        return self.change is not None and self.change.in_script

    @property
    def role(self) -> Role:
        """When it runs: in order, on failure or always."""
        return role_of(self.callable.wrappers)

    @property
    def on(self) -> str:
        """Phase and event in an entry's spelling: ``pre-create-model``."""
        return f"{self.phase}-{self.event.replace('_', '-')}"

    @property
    def short(self) -> str:
        """The name in messages."""
        return self.method or self.callable.name.rpartition(".")[2]

    @property
    def method_owner(self) -> ClassEntity | None:
        """The class that declares the callback as a method; an entry has none."""
        return self.owner if self.kind == "method" else None

    @property
    def named(self) -> str:
        """The name in messages, with the class for a method."""
        return f"{self.owner.id.name}.{self.method}" if self.method else self.callable.short

    @property
    def reported_at(self) -> Place:
        """Where findings about the signature are reported."""
        return self.declared_at if self.callable.installed else self.callable.place


class OwnDeclarations(msgspec.Struct, frozen=True):
    """The declarations of one class alone, in order."""

    entries: tuple[Declaration, ...] = ()
    methods: tuple[Declaration, ...] = ()
    dropped: tuple[str, ...] = ()
    """Names of callback methods that the class body sets to ``None`` (R19)."""
    findings: tuple[Finding, ...] = ()
    written: tuple[Declaration | None, ...] = ()
    """The list of the class body without later changes; ``None`` is a placeholder for an entry
    that could not be read."""


T = TypeVar("T")


class Declarations:
    """The declarations of each class, each read once."""

    def __init__(
        self, members: Members, values: Values, changes: Sequence[ListChange] = ()
    ) -> None:
        self.names = members.names
        self.members = members
        self.changes = changes
        self._values = values
        self._changes: dict[ClassId, list[ListChange]] = {}
        for change in changes:
            self._changes.setdefault(change.owner, []).append(change)

    def own(self, owner: ClassEntity) -> OwnDeclarations:
        """The declarations of this class alone."""
        return self.once("own", owner, lambda: self._read(owner))

    def once(self, what: str, owner: ClassEntity, compute: Callable[[], T]) -> T:
        """A result for a class that depends on these changes, computed once."""
        return self.names.queries.get((self, what, class_key(owner)), compute)

    def method(self, owner: ClassEntity, name: str) -> Declaration | None:
        """The callback method of that name that the class itself declares."""
        return next((one for one in self.own(owner).methods if one.method == name), None)

    def assigned_by(self, owner: ClassId) -> str | None:
        """The module whose statement assigns the class's list, replacing an earlier one."""
        changes = reversed(self.changes_of(owner))
        return next((one.module for one in changes if one.kind == "assign"), None)

    def changes_of(self, owner: ClassId) -> Sequence[ListChange]:
        """The statements outside the class body that change its list."""
        return self._changes.get(owner, ())

    def replayed(
        self, owner: ClassEntity, changes: Iterable[ListChange]
    ) -> tuple[Declaration, ...]:
        """The list of the class body after these statements only.

        Changes in the class's own module come first: modules that import it run later.
        """
        current: list[Declaration | None] = list(self.own(owner).written)
        for change in sorted(changes, key=lambda one: one.module != owner.id.module):
            current = self._changed(owner, current, change, [])
        return tuple(entry for entry in current if entry is not None)

    def _read(self, owner: ClassEntity) -> OwnDeclarations:
        findings: list[Finding] = []
        names = self.members.own_names(owner)
        written: list[Declaration | None] = []
        if "callbacks" in names:
            evaluated = self._values.own_entries(owner)
            findings.extend(evaluated.findings)
            written = [None] * evaluated.length
            for entry in self._entries(owner, evaluated.entries, None, findings):
                written[entry.index] = entry
        current = list(written)
        for change in self.changes_of(owner.id):
            current = self._changed(owner, current, change, findings)
        methods: list[Declaration] = []
        dropped: list[str] = []
        for name in names:
            event = read_method_name(name)
            member = None if event is None else self.members.own(owner, name)
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
        change: ListChange,
        findings: list[Finding],
    ) -> list[Declaration | None]:
        """The list after one statement, with the semantics of ``list``."""
        added = [*self._entries(owner, change.entries, change, findings)]
        if change.kind == "assign":
            return list(added)
        at = len(current) if change.position is None else change.position
        return [*current[:at], *added, *current[at:]]

    def _entries(
        self,
        owner: ClassEntity,
        entries: Iterable[EvaluatedEntry],
        change: ListChange | None,
        findings: list[Finding],
    ) -> Iterator[Declaration]:
        for entry in entries:
            event = read_event(entry.event)
            if event is None:
                findings.append(_malformed(entry))
                continue
            value, reach = entry.callable, _reach(entry, change)
            in_main = change is not None and change.main_only and change.module == owner.id.module
            if reach is None and in_main:
                found = message("AC213", "unnamed-in-main", owner=owner.id.name)
                findings.append(found.at(entry.place))
                continue
            alone = None
            if change is not None and change.in_script:
                value = _in_script(value, change)
            elif isinstance(value.entity, LambdaEntity):
                alone = lifted(value.entity, self.names)
            yield Declaration(
                phase=event.phase,
                event=event.event,
                kind="entry",
                owner=owner,
                declared_at=entry.place,
                event_place=entry.event_place,
                callable=value,
                reach=reach,
                inner=_inner(value, change),
                event_text=entry.event,
                lifted=alone,
                change=change,
                index=entry.index,
            )

    def _method(
        self, owner: ClassEntity, member: Member, event: EventString
    ) -> Declaration | Finding:
        name = member.name
        place = self.members.binding_place(owner, name)
        if isinstance(member.entity, Unknown):
            ended, reason = member.entity.place, member.entity.reason
            found = message(
                "AC207", "method-undetermined", method=name, owner=owner.id.name, reason=reason
            )
            if ended is None or ended == place:
                return found.at(place)
            return found.at(place, message("AC207", "ends-here").note(ended))
        # The value of a call may be a function: ``post_step_callback = every(10, log)``.
        made = isinstance(member.entity, ValueEntity) and isinstance(member.entity.expr, Call)
        value: Function | Finding | None = None
        if member.what == "method" or (made and member.what == "plain attribute"):
            written = Name(place.span, self.members.own_names(owner)[name])
            value = self._values.callable(written, owner.body)
        if isinstance(value, Finding):
            return value
        if value is None or not (value.binds or member.what == "method"):
            what = f"a {member.what}"
            if member.what == "plain attribute":
                what = "bound to no function"
            return message("AC209", "not-a-method", method=name, what=what).at(place)
        decl: FunctionDecl | None = None
        scope: Scope | None = None
        super_calls: tuple[SuperCall, ...] = ()
        defined_in = owner.id
        match member.entity:
            case FunctionEntity(decl=decl):
                scope, super_calls = member.entity.body, decl.super_calls
                defined_in = member.entity.owner or owner.id
            case LambdaEntity(expr=expr):
                scope, super_calls = member.entity.scope.late, called_by_lambda(expr)
        return Declaration(
            phase=event.phase,
            event=event.event,
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
        """Whether this only declares a member of a protocol: the stub itself never runs."""
        stub = decl is not None and decl.is_stub
        return stub and any(map(is_protocol, self.members.bases(owner)))


def _reach(entry: EvaluatedEntry, change: ListChange | None) -> Reach | None:
    path: tuple[str, str, tuple[int, ...]] | None = None
    if entry.callable.reachable is not None:
        path = (*entry.callable.reachable, ())
    elif entry.reachable is not None and len(entry.reachable[2]) == 1:
        path = entry.reachable  # a callable in a tuple; list elements may change position later
    if path is not None:
        return _named(*path, change)
    asked = (wrapper.condition for wrapper in entry.callable.wrappers)
    named = all(one is None or one.path or one.reach for one in asked)
    if change is not None and change.in_script and named:
        # Its wrappers are created again: those of the script do not exist yet.
        return _inner(entry.callable, change)
    return None


def _in_script(value: Function, change: ListChange) -> Function:
    """A callable whose conditions are looked up in the script that adds the entry."""
    wrappers = []
    for wrapper in value.wrappers:
        condition = wrapper.condition
        if condition is not None and condition.reach is not None:
            reach = _named(condition.reach.module, condition.reach.path, (), change)
            condition = msgspec.structs.replace(condition, reach=reach, lifted=None)
        elif condition is not None:
            condition = msgspec.structs.replace(condition, lifted=None)
        wrappers.append(msgspec.structs.replace(wrapper, condition=condition))
    return msgspec.structs.replace(value, wrappers=tuple(wrappers))


def _inner(value: Function, change: ListChange | None) -> FunctionReach | ScriptReach | None:
    """How generated code accesses the callable inside the wrappers of an entry, if it has a
    name."""
    path = value.inner_reachable
    return None if path is None else _named(*path, (), change)


def _named(
    module: str, name: str, items: tuple[int, ...], change: ListChange | None
) -> FunctionReach | ScriptReach:
    if change is not None and change.in_script and module == change.module:
        return ScriptReach(module, name, items)
    return FunctionReach(module, name, items)


def _malformed(entry: EvaluatedEntry) -> Finding:
    found = message("AC203", "malformed", event=entry.event)
    if meant := repaired_event(entry.event):
        found = message("AC203", "malformed-did-you-mean", event=entry.event, meant=meant)
    whole, event = entry.place, entry.event_place
    if whole.path == event.path and whole.span.line <= event.span.line <= whole.span.end_line:
        return found.at(entry.event_place)  # the entry is visible there
    return found.at(entry.event_place, message("AC203", "in-entry").note(entry.place))
