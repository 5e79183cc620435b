"""One host class, resolved: its events, its callbacks in order, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from arctic_codegen.diagnostics.records import Finding, Fix, Place, Related, Severity
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.accounts import Told
from arctic_codegen.model.hosts import Callback, Dropped, Event, HostClass, Method
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.candidates import Candidate, Tools, bare_host
from arctic_codegen.resolve.hosts.checks import CANNOT_BE_CALLED, check_signature
from arctic_codegen.resolve.hosts.class_keywords import ClassKeywords
from arctic_codegen.resolve.hosts.contributions import contributions
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.endings import falls_through
from arctic_codegen.resolve.hosts.events import EventTable, EventTarget, NotAnEvent
from arctic_codegen.resolve.hosts.guards import Guarded
from arctic_codegen.resolve.hosts.installed_bases import at_own_class
from arctic_codegen.resolve.hosts.list_form import list_form
from arctic_codegen.resolve.hosts.members import ClassKey, class_key
from arctic_codegen.resolve.hosts.near_misses import is_installed, near_misses
from arctic_codegen.resolve.hosts.order_documented import Ordered, Walk, documented
from arctic_codegen.resolve.hosts.order_runtime import runtime
from arctic_codegen.resolve.hosts.plain_attributes import takes_plain_attributes
from arctic_codegen.resolve.hosts.plain_calls import PlainCalls
from arctic_codegen.resolve.hosts.return_shapes import Shapes
from arctic_codegen.resolve.hosts.signature import signature_of


class _Bound(msgspec.Struct, frozen=True):
    ordered: Ordered
    target: EventTarget
    left_out: bool


class HostResolver:
    """Resolves one host class."""

    def __init__(self, found: Candidate, tools: Tools, *, checked: bool) -> None:
        self._found = found
        self._tools = tools
        self._cls = found.cls
        self._mro: Sequence[ClassEntity] = found.mro.classes
        self._checked = checked
        """Whether findings about this class are told; an abstract class leaves them to others."""
        self._told: list[Told] = []
        self._table = EventTable(
            tools.names, tools.members, self._mro, found.framework, tools.facts.is_of_library
        )
        self._targets: dict[str, EventTarget | NotAnEvent | None] = {}
        self._methods: dict[str, Method | NotAnEvent] = {}
        self.guarded: list[Guarded] = []
        """The callbacks with wrappers around them; in both orders, one may be there twice."""
        self.repeated: tuple[Declaration, ...] = ()
        """Entries that are not repeated in this class."""
        self.running: frozenset[Place] = frozenset()
        """Where the callbacks that run in it are declared."""
        self._lacking: list[bool] = []
        """For each callback without its event, whether one of that spelling is there."""

    def resolve(self) -> tuple[HostClass, tuple[Told, ...]]:
        """The class, and what was found out about it."""
        tools = self._tools
        self._tell_declarations()
        walk = documented(self._mro, tools.declarations, tools.nesting, self._canonical)
        walked = walk.running
        self.repeated = walk.repeated
        self.running = frozenset(one.declaration.declared_at for one in walked)
        by_runtime: tuple[Ordered, ...] | None = None
        if self._found.framework.has_runtime:
            by_runtime = runtime(
                self._mro, tools.names, tools.members, tools.declarations, tools.nesting
            )
        if self._found.final:
            self._tell_final(walked)
        if self._checked:
            self._tell_near_misses()
            self._tell_twice(walk)
        bound = self._bind(walked)
        bound_runtime = None if by_runtime is None else self._bind(by_runtime)
        made = [(one, self._callback(one)) for one in bound]
        made_runtime = (
            None if bound_runtime is None else [(one, self._callback(one)) for one in bound_runtime]
        )
        host = self._host(
            self._events(made, made_runtime, walk.dropped),
            _entries(made),
            None if made_runtime is None else _entries(made_runtime),
        )
        names = self._tools.names
        calls = PlainCalls(host, self._mro, names)
        for one in dict.fromkeys((*walked, *(by_runtime or ()))) if calls.events else ():
            if one.declaration.kind == "entry":
                for finding in calls.entry(one.declaration):
                    self._tell(finding, one.declaration)
        told = (
            msgspec.structs.replace(one, finding=at_own_class(one.finding, self._cls, names))
            for one in self._told
        )
        return host, tuple(told)

    def _host(
        self,
        events: tuple[Event, ...],
        entries: tuple[tuple[str, Callback], ...],
        runtime_entries: tuple[tuple[str, Callback], ...] | None,
    ) -> HostClass:
        cls, facts = self._cls, self._tools.facts
        host = bare_host(self._found, self._tools, requested=True)
        tools = self._tools
        read = ClassKeywords(tools.names, tools.members, facts)
        keywords, findings = read.of(cls)
        if self._found.compiled:
            self._told.extend(Told(finding, cls.id, True) for finding in findings)
        plain = True
        if any(one.counts for event in events for one in event.all_callbacks):
            plain = takes_plain_attributes(self._mro, self._tools.names, self._tools.members)
        return msgspec.structs.replace(
            host,
            plain_attributes=plain,
            events=events,
            entries=entries,
            runtime_entries=runtime_entries,
            type_params=facts.type_params(cls),
            keywords=keywords,
            wants_keyword=read.wanted(cls) is not None,
            attributes=facts.attributes(self._mro),
            list_form=list_form(
                self._mro, self._found.framework, self._tools.names, self._tools.members
            ),
            contributions=contributions(
                self._mro,
                self._tools.declarations,
                self._tools.members,
                watched=not self._found.framework.has_runtime,
            ),
        )

    def _tell_declarations(self) -> None:
        """What is wrong with the declarations of the class and of those that it inherits."""
        mro = self._found.mro
        for finding in mro.unknown_bases:
            self._told.append(Told(finding, self._cls.id, True))
        if mro.problem is not None:
            self._told.append(Told(mro.problem.finding, self._cls.id, True))
        for cls in self._mro:
            own = self._tools.declarations.own(cls)
            for finding in self._tools.declarations.findings(cls):
                self._told.append(Told(finding, self._cls.id, cls.id == self._cls.id))
            if (own.entries or own.methods) and not self._tools.names.is_kept(cls):
                self._told.append(Told(lost_class(cls), self._cls.id, True))

    def _tell_near_misses(self) -> None:
        for cls in self._mro:
            if not is_mixin(cls.id) and not is_installed(cls, self._tools):
                for finding in near_misses(cls, self._mro, self._tools, self._is_event):
                    self._told.append(Told(finding, self._cls.id, cls.id == self._cls.id))

    def _tell_twice(self, walk: Walk) -> None:
        groups: dict[tuple[ClassKey, str, str, tuple[str, ...]], list[Declaration]] = {}
        for first, again in walk.twice:
            key = (class_key(again.owner), again.phase, again.event, again.callable.identity)
            groups.setdefault(key, [first]).append(again)
        for first, again, *more in groups.values():
            owner = again.owner
            if is_installed(owner, self._tools):
                continue
            related: tuple[Related, ...] = ()
            if first.declared_at != again.declared_at:
                related = (Related(first.declared_at, "declared here first"),)
            event = again.event.replace("_", "-")
            times = "twice" if not more else f"{len(more) + 2:,} times"
            finding = Finding(
                "AC218",
                f"'{again.callable.name.rpartition('.')[2]}' is declared {times} on "
                f"{again.phase}-{event} of '{owner.id.name}', so it runs {times}",
                again.declared_at,
                "remove one of the two" if not more else "keep one of them",
                related,
                Severity.WARNING,
            )
            self._told.append(Told(finding, self._cls.id, owner.id == self._cls.id))

    def _is_event(self, name: str) -> bool:
        return isinstance(self._target(name), EventTarget)

    def _tell_final(self, walked: Sequence[Ordered]) -> None:
        mine = [one.declaration for one in walked if not is_mixin(one.declaration.owner.id)]
        own = [one for one in mine if one.owner.id == self._cls.id]
        why = "is marked @final"
        hint = "remove '@final': the compiled class is a subclass"
        if self._found.enumeration:
            why = "is an enumeration with members"
            hint = "Python lets no class derive from it: declare the callbacks on another class"
        message = f"'{self._cls.id.name}' {why}, so its callbacks cannot be compiled"
        for one in own:
            self._tell(Finding("AC202", message, one.event_place, hint), one)
        if mine and not own:
            related = Related(mine[0].declared_at, "a callback that it inherits")
            finding = Finding("AC202", message, self._cls.place, hint, (related,))
            self._told.append(Told(finding, self._cls.id, True))

    def _bind(self, walked: Sequence[Ordered]) -> list[_Bound]:
        bound: list[_Bound] = []
        for one in walked:
            declaration = one.declaration
            target = self._target(declaration.event)
            if not isinstance(target, EventTarget):
                self._tell_unbound(declaration, target)
                continue
            method = self._method(target)
            if isinstance(method, NotAnEvent):
                self._tell_not_an_event(declaration, method)
                continue
            left_out = False
            if self._checked and not self._found.final:
                ends = falls_through(declaration.callable, self._cls, self._tools.names)
                shapes = partial(Shapes, declaration.callable, self._mro, self._tools.names)
                findings = check_signature(declaration, method, ends, shapes)
                for finding in findings:
                    self._tell(finding, declaration)
                left_out = any(finding.code in CANNOT_BE_CALLED for finding in findings)
                if declaration.callable.wrappers:
                    uncompiled = self._found.framework.has_runtime
                    self.guarded.append(Guarded(self._cls, declaration, uncompiled))
            bound.append(_Bound(one, target, left_out))
        return bound

    def _tell_unbound(self, declaration: Declaration, target: NotAnEvent | None) -> None:
        if isinstance(target, NotAnEvent):
            self._tell_not_an_event(declaration, target)
            return
        if not self._found.compiled or self._found.broken:
            # Subclasses may define the event, or the base that could not be found does.
            return
        event = declaration.event.replace("_", "-")
        near = self._table.closest(declaration.event)
        self._lacking.append(bool(near))
        example = None if near else self._table.example(event)
        if near:
            spelled = " or ".join(self._spelled(declaration, label) for label in near)
            hint = f"did you mean {spelled}?"
        elif example:
            hint = f"define '{declaration.event}', or name a method such as '{example}'"
        else:
            hint = f"define a method '{declaration.event}'"
        related: tuple[Related, ...] = ()
        if declaration.owner.id != self._cls.id:
            related = (Related(self._cls.place, f"'{self._cls.id.name}' inherits it"),)
        self._tell(
            Finding(
                "AC201",
                f"'{declaration.phase}-{event}' names no method of '{self._cls.id.name}'",
                declaration.event_place,
                hint,
                related,
                fix=self._misspelt(declaration, near),
            ),
            declaration,
        )

    @property
    def made_for_others(self) -> bool:
        """Whether it lacks an event of its callbacks, and has none itself to speak of (R53):
        no methods but those that its own callbacks call."""
        if not self._lacking or any(self._lacking):
            return False
        own = [self._tools.declarations.own(cls) for cls in self._mro]
        called = {
            name
            for one in own
            for declaration in (*one.entries, *one.methods)
            if declaration.callable.definition is not None
            for name in declaration.callable.definition.self_calls
        }
        return all(
            target.name.startswith("_") or target.name in called for target in self._table.targets()
        )

    def _misspelt(self, declaration: Declaration, near: Sequence[str]) -> Fix | None:
        """The event that was meant, if only one can be."""
        if len(near) != 1:
            return None
        old, new = declaration.method, self._spelled(declaration, near[0]).strip("'")
        if declaration.kind == "entry":
            old = declaration.event_text
            head, event = old[: -len(declaration.event)], old[-len(declaration.event) :]
            # Dashes and underscores mean the same: those that are there stay.
            dashed = "-" in event or "_" not in event
            new = head + (near[0] if dashed else near[0].replace("-", "_"))
            return Fix("word", declaration.event_place, old, new)
        if new in self._tools.members.own_names(declaration.owner):
            return None  # it would take the place of that one
        return Fix("name", declaration.event_place, old, new)

    def _spelled(self, declaration: Declaration, label: str) -> str:
        if declaration.kind == "method":
            return f"'{declaration.phase}_{label.replace('-', '_')}_callback'"
        return f"'{declaration.phase}-{label}'"

    def _tell_not_an_event(self, declaration: Declaration, target: NotAnEvent) -> None:
        if self._found.broken and target.member is None:
            return
        event = declaration.event.replace("_", "-")
        place = None if target.member is None else _member_place(target)
        related = () if place is None else (Related(place, "what the event names"),)
        self._tell(
            Finding(
                "AC202",
                f"'{declaration.phase}-{event}' is no event of '{self._cls.id.name}': "
                f"'{declaration.event}' is {target.what}",
                declaration.event_place,
                hint=target.hint or "callbacks surround plain methods",
                related=related,
            ),
            declaration,
        )

    def _tell(self, finding: Finding, declaration: Declaration) -> None:
        if self._checked:
            declaring = declaration.owner.id == self._cls.id
            self._told.append(Told(finding, self._cls.id, declaring))

    def _target(self, event: str) -> EventTarget | NotAnEvent | None:
        if event not in self._targets:
            self._targets[event] = self._table.target(event)
        return self._targets[event]

    def _canonical(self, event: str) -> str:
        target = self._target(event)
        return target.label if isinstance(target, EventTarget) else event

    def _method(self, target: EventTarget) -> Method | NotAnEvent:
        found = self._methods.get(target.label)
        if found is None:
            found = self._tools.methods.method(self._cls, self._mro, target)
            self._methods[target.label] = found
        return found

    def _callback(self, bound: _Bound) -> Callback:
        ordered = bound.ordered
        declaration = ordered.declaration
        value = declaration.callable
        if value.definition is not None and "." not in value.definition.qualname:
            # What it returns was looked at: the body of a method counts by its name already.
            module = value.scope.module
            self._tools.names.recorder.read(module, value.definition.name, body=True)
        return Callback(
            phase=declaration.phase,
            kind=declaration.kind,
            declared_in=declaration.owner.id,
            name=declaration.callable.name,
            place=declaration.callable.place,
            declared_at=declaration.declared_at,
            reach=self._tools.declarations.reach(declaration),
            signature=signature_of(declaration, self._cls, self._tools.names),
            identity=declaration.callable.identity,
            lifted=declaration.lifted,
            wrappers=declaration.callable.wrappers,
            inner=declaration.inner,
            nested=tuple(inner.callable.name for inner in ordered.nested),
            reason=ordered.reason,
            event_text=declaration.event_text,
            added_by=declaration.added_by,
            made=declaration.callable.made if declaration.kind == "entry" else "",
            left_out=bound.left_out,
        )

    def _events(
        self,
        made: Sequence[tuple[_Bound, Callback]],
        made_runtime: Sequence[tuple[_Bound, Callback]] | None,
        dropped: Sequence[Ordered],
    ) -> tuple[Event, ...]:
        events = []
        documented_ones = _by_event(made)
        runtime_ones = None if made_runtime is None else _by_event(made_runtime)
        for target in self._table.targets():
            method = self._methods.get(target.label)
            if method is None:
                if target.member is not None and target.member.decoration.others:
                    method = self._tools.methods.method(self._cls, self._mro, target)
                else:
                    method = self._tools.methods.bare(self._cls, target)
            if isinstance(method, NotAnEvent):
                continue
            pre, post = documented_ones.get(target.label, ((), ()))
            runtime_pre = runtime_post = None
            if runtime_ones is not None:
                runtime_pre, runtime_post = runtime_ones.get(target.label, ((), ()))
            events.append(
                Event(
                    label=target.label,
                    method=method,
                    pre=pre,
                    post=post,
                    runtime_pre=runtime_pre,
                    runtime_post=runtime_post,
                    wrapper=self._table.wrapper_of(target.name),
                    dropped=_dropped(dropped, target),
                )
            )
        return tuple(events)


def lost_class(cls: ClassEntity) -> Finding:
    """A class whose callbacks no generated module can reach: its name means something else."""
    return Finding(
        "AC104",
        f"'{cls.decl.name}' has callbacks, but in the end its module has something else, or "
        "nothing, under that name",
        cls.place,
        hint="keep the name for the class; what is to be made of it, a decorator can do",
    )


def _dropped(dropped: Sequence[Ordered], target: EventTarget) -> tuple[Dropped, ...]:
    """Those of one event. It is told by its names alone: nothing more is read for them."""
    names = (target.name, target.label.replace("-", "_"))
    return tuple(
        Dropped(one.declaration.phase, value.name, one.declaration.declared_at, one.reason)
        for one in dropped
        if (value := one.declaration.callable) and one.declaration.event in names
    )


def _by_event(
    made: Sequence[tuple[_Bound, Callback]],
) -> dict[str, tuple[tuple[Callback, ...], tuple[Callback, ...]]]:
    """The callbacks of each event, by its label: those before it and those after it."""
    found: dict[str, tuple[list[Callback], list[Callback]]] = {}
    for bound, callback in made:
        pre, post = found.setdefault(bound.target.label, ([], []))
        (pre if callback.phase == "pre" else post).append(callback)
    return {label: (tuple(pre), tuple(post)) for label, (pre, post) in found.items()}


def _entries(made: Sequence[tuple[_Bound, Callback]]) -> tuple[tuple[str, Callback], ...]:
    return tuple(
        (callback.event_text, callback) for _, callback in made if callback.kind == "entry"
    )


def _member_place(target: NotAnEvent) -> Place | None:
    member = target.member
    if member is None:
        return None
    place = getattr(member.entity, "place", None)
    return place if isinstance(place, Place) else member.owner.place
