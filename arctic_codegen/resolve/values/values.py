"""Lists of callbacks, event strings and callables, read without executing anything (R9, R10)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Sequence as Sequence_
from functools import partial

from arctic_codegen.diagnostics.records import Finding, Span
from arctic_codegen.model.expr import Expr, Name
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity, Scope
from arctic_codegen.resolve.interfaces import (
    CallableValue,
    Evaluated,
    EvaluatedEntry,
)
from arctic_codegen.resolve.names.list_changes import CALLBACKS
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.bodies import OwnList, OwnLists, as_list
from arctic_codegen.resolve.values.callables import Decorated, callable_value, decorated
from arctic_codegen.resolve.values.changed_names import ChangedNames
from arctic_codegen.resolve.values.evaluator import Evaluator
from arctic_codegen.resolve.values.list_changes import applied
from arctic_codegen.resolve.values.operations import Operation, Operations
from arctic_codegen.resolve.values.records import (
    NotPure,
    Opaque,
    Sequence,
    Thunk,
    TooMuch,
    Undecided,
    Value,
    describe,
)
from arctic_codegen.resolve.values.told import told

_TOO_MUCH = Undecided("it takes too many steps to read, or nests too deeply")
_PAIR = 'write a tuple of an event and a callable, such as ("post-epoch", function)'


class Values:
    """Answers what lists, strings and callables say. What it remembers counts as read once: where
    reads are recorded for one module, a new one is made for it."""

    def __init__(self, names: Names, loader: Loader, settings: Settings) -> None:
        self._names = names
        self._loader = loader
        self._settings = settings
        self._evaluator = Evaluator(names, loader, settings, self._class_list)
        self._own_lists = OwnLists(self._evaluator)
        self.changed_names = ChangedNames(names)
        self.operations = Operations(names, settings)
        self._seen: dict[tuple[ClassId, Span, Scope], Value] = {}

    # The face

    def entries(self, expr: Expr, scope: Scope) -> Evaluated:
        """The entries of a ``callbacks`` value."""
        thunk = self._evaluator.thunk(expr, scope)
        return self.evaluated(thunk)

    def string(self, expr: Expr, scope: Scope) -> str | None:
        """A string constant; ``None`` if it is not one or cannot be decided."""
        thunk = self._evaluator.thunk(expr, scope)
        try:
            with self._evaluator.session():
                return self._text(self._evaluator.evaluate(thunk))
        except TooMuch:
            return None

    def callable(self, expr: Expr, scope: Scope) -> CallableValue | Finding:
        """A callable, or the finding that says why it is not one."""
        thunk = self._evaluator.thunk(expr, scope)
        try:
            with self._evaluator.session():
                return callable_value(self._evaluator, thunk)
        except TooMuch:
            return told("AC207", thunk, _TOO_MUCH)

    # What other parts of the resolver ask

    def own_entries(self, owner: ClassEntity) -> Evaluated:
        """The entries of the class body's own list, in-place changes in the body included."""
        thunk = Thunk(_name_of(owner), owner.scope, owner.place)
        try:
            with self._evaluator.session():
                own = self._own_lists.own(owner)
                if own is None:
                    return Evaluated((), 0)
                return self._entries_of(own)
        except TooMuch:
            return Evaluated((), 0, (told("AC205", thunk, _TOO_MUCH),))

    def decorated(self, function: FunctionEntity) -> Decorated:
        """The signature that callers of a ``def`` see, its decorators applied (R7)."""
        try:
            with self._evaluator.session():
                return decorated(self._evaluator, function)
        except TooMuch:
            return Decorated(False, _TOO_MUCH.reason)

    def seen_through(self, function: FunctionEntity) -> FunctionEntity | None:
        """The ``def`` whose signature callers of ``function`` see; ``None``: it cannot be known."""
        return self.decorated(function).entity

    def evaluated(self, thunk: Thunk) -> Evaluated:
        """The entries of the list at ``thunk``."""
        try:
            with self._evaluator.session():
                value = as_list(thunk, self._evaluator.evaluate(thunk))
                return self._entries_of(OwnList(value))
        except TooMuch:
            return Evaluated((), 0, (told("AC205", thunk, _TOO_MUCH),))

    def single(self, thunk: Thunk) -> Evaluated:
        """One entry, as ``append`` takes it."""
        try:
            with self._evaluator.session():
                return self._entries_of(OwnList(Sequence("list", (thunk,))))
        except TooMuch:
            return Evaluated((), 0, (told("AC208", thunk, _TOO_MUCH),))

    def added(self, thunk: Thunk) -> Evaluated:
        """What ``extend`` adds: any iterable is as good as a list."""
        try:
            with self._evaluator.session():
                value = self._evaluator.evaluate(thunk)
                if not isinstance(value, Sequence) or value.kind == "set":
                    value = as_list(thunk, value)
                return self._entries_of(OwnList(value))
        except TooMuch:
            return Evaluated((), 0, (told("AC205", thunk, _TOO_MUCH),))

    def integer(self, expr: Expr, scope: Scope) -> int | None:
        """An integer constant; ``None`` if it is not one or cannot be decided."""
        thunk = self._evaluator.thunk(expr, scope)
        try:
            with self._evaluator.session():
                found = self._evaluator.pure(self._evaluator.evaluate(thunk))
                return found if isinstance(found, int) else None
        except (TooMuch, NotPure):
            return None

    def named_lists(self, owners: Iterable[ClassEntity]) -> dict[tuple[str, str], ClassId]:
        """The named lists, by module and dotted name, that the lists of these classes are made
        of; each with the first class that is."""
        found: dict[tuple[str, str], ClassId] = {}
        afresh = Values(self._names, self._loader, self._settings)  # what is known is not looked at
        for owner in owners:
            afresh._evaluator.used.clear()
            afresh.own_entries(owner)
            for alias in afresh._evaluator.used:
                found.setdefault(alias, owner.id)
        return found

    def used_lists(self) -> frozenset[tuple[str, str]]:
        """The named lists that were read since the last :meth:`named_lists`, each by its module
        and the name there that leads to it."""
        return frozenset((module, path.partition(".")[0]) for module, path in self._evaluator.used)

    def thunk(self, expr: Expr, scope: Scope) -> Thunk:
        """An expression in a scope, to be looked at."""
        return self._evaluator.thunk(expr, scope)

    # Lists

    def _class_list(self, owner: ClassEntity, scope: Scope) -> Value:
        """``Owner.callbacks`` as code in ``scope`` sees it: along the MRO, with the statements
        that have changed it by then."""
        key = (owner.id, owner.decl.span, Scope(scope.module, (), scope.before))
        if key not in self._seen:
            self._seen[key] = self._list_seen(owner, scope)
        return self._seen[key]

    def _list_seen(self, owner: ClassEntity, scope: Scope) -> Value:
        for cls in self._names.mro(owner).classes:
            own = self._own_lists.own(cls)
            changes = self._seen_changes(cls, scope)
            if own is None and not changes:
                continue
            value = own.value if own is not None else self._inherited(cls, owner, scope)
            return self._after(value, changes, cls)
        return Sequence("list", ())

    def _inherited(self, cls: ClassEntity, owner: ClassEntity, scope: Scope) -> Sequence:
        """What a class without a list of its own starts from."""
        mro = self._names.mro(cls).classes
        if len(mro) < 2 or cls.id == mro[1].id:
            return Sequence("list", ())
        for base in mro[1:]:
            own = self._own_lists.own(base)
            if own is not None:
                return self._after(own.value, self._seen_changes(base, scope), base)
        return Sequence("list", ())

    def _seen_changes(self, cls: ClassEntity, scope: Scope) -> Sequence_[Operation]:
        """The changes of a class's list that have been made when code in ``scope`` runs: those of
        the class's own module, and of the module that is running."""
        found: list[Operation] = []
        for module in dict.fromkeys((cls.id.module, scope.module)):
            self._names.look_at_changes(module)
            changes = self.operations.at_module_level(module, cls.id)
            if module == scope.module and scope.before is not None:
                changes = changes[: bisect_left(changes, scope.before, key=_position)]
            found.extend(changes)
        return found

    def _after(
        self, value: Sequence, operations: Iterable[Operation], cls: ClassEntity
    ) -> Sequence:
        """The list after these changes; one that is not read is reported where it stands."""
        for operation in operations:
            change = operation.change
            thunks = partial(self._evaluator.thunk, scope=operation.scope)
            if change.kind == "assign":
                thunk = thunks(change.args[0])
                value = as_list(thunk, self._evaluator.evaluate(thunk))
            elif change.kind in ("append", "extend", "insert"):
                name = f"{cls.id.name}.{CALLBACKS}"
                place = operation.place
                result = applied(self._evaluator, value, change, thunks, name, place)
                value = result if isinstance(result, Sequence) else value
        return value

    # Entries

    def _entries_of(self, own: OwnList) -> Evaluated:
        entries: list[EvaluatedEntry] = []
        findings: list[Finding] = list(own.findings)
        for index, thunk in enumerate(own.value.items):
            found = self._entry(thunk, index)
            if isinstance(found, EvaluatedEntry):
                entries.append(found)
            else:
                findings.extend(found)
        return Evaluated(tuple(entries), len(own.value.items), tuple(findings))

    def _entry(self, thunk: Thunk, index: int) -> EvaluatedEntry | list[Finding]:
        value = self._evaluator.evaluate(self._evaluator.forwarded(thunk))
        if isinstance(value, Undecided):
            return [told("AC208", thunk, value)]
        if isinstance(value, Opaque):
            return [told("AC208", thunk, _unread(value))]
        if not isinstance(value, Sequence) or value.kind != "tuple":
            return [_malformed(thunk, f"is {describe(value)}")]
        for item in value.items:
            if isinstance(item.value, Undecided):
                return [told("AC208", thunk, _without_code(item.value))]
        if len(value.items) != 2:
            return [_malformed(thunk, f"has {_length(len(value.items))}")]
        event_thunk, callable_thunk = value.items
        event = self._event(event_thunk)
        callable_thunk = self._evaluator.forwarded(callable_thunk)
        found = callable_value(self._evaluator, callable_thunk)
        if isinstance(event, Finding) or isinstance(found, Finding):
            return [one for one in (event, found) if isinstance(one, Finding)]
        return EvaluatedEntry(
            place=thunk.place,
            event=event,
            event_place=event_thunk.place,
            callable=found,
            index=index,
            reachable=callable_thunk.reach,
        )

    def _event(self, thunk: Thunk) -> str | Finding:
        value = self._evaluator.evaluate(thunk)
        text = self._text(value)
        if text is not None:
            return text
        if isinstance(value, Opaque):
            value = _unread(value)
        if isinstance(value, Undecided):
            return told("AC206", thunk, value)
        return Finding(
            "AC204",
            f"the event of an entry is a string, and '{show(thunk.expr)}' is {describe(value)}",
            thunk.place,
            _PAIR,
        )

    def _text(self, value: Value) -> str | None:
        try:
            found = self._evaluator.pure(value)
        except NotPure:
            return None
        return found if isinstance(found, str) else None


def _position(operation: Operation) -> tuple[int, int]:
    return (operation.change.span.line, operation.change.span.column)


def _unread(value: Opaque) -> Undecided:
    return Undecided(f"the source of '{value.module}.{value.name}' cannot be read")


def _malformed(thunk: Thunk, what: str) -> Finding:
    return Finding(
        "AC204",
        f"an entry is a tuple of an event and a callable, and '{show(thunk.expr)}' {what}",
        thunk.place,
        _PAIR,
    )


def _length(count: int) -> str:
    return {0: "no elements", 1: "1 element"}.get(count, f"{count} elements")


def _without_code(undecided: Undecided) -> Undecided:
    code = None if undecided.code == "AC205" else undecided.code
    return Undecided(undecided.reason, undecided.place, undecided.missing, code, undecided.hint)


def _name_of(owner: ClassEntity) -> Expr:
    return Name(owner.decl.span, f"{owner.decl.name}.callbacks")
