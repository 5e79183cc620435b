"""What do lists of callbacks, event strings and callables contain (R9, R10)?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.expr import Expr, Name, dotted_expr
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity, Scope, Unknown
from arctic_codegen.resolve.names.constant_folding import NotConstant
from arctic_codegen.resolve.names.module_changes import PlacedChange
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.query import behind
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.attributes import callable_of
from arctic_codegen.resolve.values.callback_objects import is_callback
from arctic_codegen.resolve.values.evaluator import Evaluator
from arctic_codegen.resolve.values.findings import (
    TOO_MUCH,
    no_entry,
    no_event,
    undecided,
    without_code,
)
from arctic_codegen.resolve.values.functions import decorated
from arctic_codegen.resolve.values.list_changes import as_list
from arctic_codegen.resolve.values.records import (
    Class,
    Evaluated,
    EvaluatedEntry,
    External,
    Function,
    Instance,
    Sequence,
    TooMuch,
    Value,
    describe,
)
from arctic_codegen.resolve.values.thunks import Thunk

T = TypeVar("T")
U = TypeVar("U")


class Values:
    """Evaluates lists of callbacks, strings and callables."""

    def __init__(self, names: Names, loader: Loader) -> None:
        self._names = names
        self._evaluator = Evaluator(names, loader)
        self.outside_changes = self._evaluator.class_lists.outside_changes

    def string(self, expr: Expr, scope: Scope) -> str | None:
        """A string constant; ``None`` if it is not one or cannot be determined."""
        found = self.constant(expr, scope)
        return found if isinstance(found, str) else None

    def integer(self, expr: Expr, scope: Scope) -> int | None:
        """An integer constant; ``None`` if it is not one or cannot be determined."""
        found = self.constant(expr, scope)
        return found if isinstance(found, int) else None

    def constant(self, expr: Expr, scope: Scope) -> object:
        """A constant; ``None`` if it is not one or cannot be determined."""
        thunk = self._evaluator.thunk(expr, scope)
        try:
            return self._answer(lambda: self._evaluator.constant(thunk), lambda: None)
        except NotConstant:
            return None

    def _answer(self, read: Callable[[], T], too_much: Callable[[], U]) -> T | U:
        """Evaluate one query within the step limit; ``too_much`` gives the result beyond it."""
        try:
            with self._evaluator.session():
                return read()
        except TooMuch:
            return too_much()

    def callable(self, expr: Expr, scope: Scope) -> Function | Finding:
        """A callable, or the finding that says why it is not one."""
        thunk = self._evaluator.thunk(expr, scope)
        return self._answer(
            lambda: self._callable(thunk), lambda: undecided("AC207", thunk, TOO_MUCH)
        )

    def named(self, module: str, path: str) -> Value:
        """The value of a dotted name in a module."""
        thunk = self._evaluator.thunk(dotted_expr(path), Scope(module))
        return self._answer(lambda: self._evaluator.evaluate(thunk), lambda: TOO_MUCH)

    def decorated(self, function: FunctionEntity) -> Function | Unknown:
        """The signature that callers of a ``def`` see, after its decorators are applied (R7)."""
        return self._answer(lambda: decorated(self._evaluator, function), lambda: TOO_MUCH)

    def own_entries(self, owner: ClassEntity) -> Evaluated:
        """The entries of the class body's own list, including in-place changes in the body."""
        name = Name(owner.decl.span, f"{owner.decl.name}.callbacks")
        thunk = Thunk(name, owner.scope, owner.place)
        return self._evaluated("AC205", thunk, lambda: self._evaluator.class_lists.own(owner))

    def added(self, placed: PlacedChange) -> Evaluated:
        """The entries that a change adds to a list, or those of the list that it assigns."""
        kind = placed.change.kind
        thunk = self._evaluator.thunk(placed.change.args[-1], placed.scope)
        if kind in ("append", "insert"):
            return self._evaluated("AC208", thunk, lambda: Sequence("list", (thunk,)))

        def read() -> Sequence:
            value = self._evaluator.evaluate(thunk)
            if kind == "extend" and isinstance(value, Sequence) and value.kind != "set":
                return value  # ``extend`` accepts any iterable
            return as_list(thunk, value)

        return self._evaluated("AC205", thunk, read)

    def _evaluated(self, code: str, thunk: Thunk, read: Callable[[], Sequence | None]) -> Evaluated:
        def entries() -> Evaluated:
            own = read()
            return Evaluated((), 0) if own is None else self._entries_of(own)

        return self._answer(entries, lambda: Evaluated((), 0, (undecided(code, thunk, TOO_MUCH),)))

    def named_lists(self, owners: Iterable[ClassEntity]) -> dict[tuple[str, str], ClassId]:
        """The named lists that the lists of these classes are built from, by module and dotted
        name, each with the first class that uses it."""
        found: dict[tuple[str, str], ClassId] = {}
        for owner in owners:
            with self._names.queries.record() as node:
                self.own_entries(owner)
            for binding in sorted(behind([node]).lists):
                found.setdefault(binding, owner.id)
        return found

    # Entries

    def _entries_of(self, own: Sequence) -> Evaluated:
        entries: list[EvaluatedEntry] = []
        findings: list[Finding] = []
        for index, thunk in enumerate(own.items):
            found = self._entry(thunk, index)
            if isinstance(found, EvaluatedEntry):
                entries.append(found)
            else:
                findings.extend(found)
        return Evaluated(tuple(entries), len(own.items), tuple(findings))

    def _entry(self, thunk: Thunk, index: int) -> EvaluatedEntry | list[Finding]:
        value = _readable(self._evaluator.evaluate(self._evaluator.forwarded(thunk)))
        if isinstance(value, Unknown):
            return [undecided("AC208", thunk, value)]
        if isinstance(value, Instance) and is_callback(self._names, value.owner):
            problem = message("AC204", "callback-object", expression=show(thunk.expr))
            return [problem.at(thunk.place)]
        if isinstance(value, Class) and is_callback(self._names, value.entity):
            problem = message("AC204", "callback-class", expression=show(thunk.expr))
            return [problem.at(thunk.place)]
        if isinstance(value, Instance):
            shown, owner = show(thunk.expr), value.owner.id.name
            problem = message("AC204", "another-object", expression=shown, owner=owner)
            return [problem.at(thunk.place)]
        if not isinstance(value, Sequence) or value.kind != "tuple":
            return [no_entry(thunk, f"is {describe(value)}")]
        if value.hole is not None:
            return [undecided("AC208", thunk, without_code(value.hole))]
        if len(value.items) != 2:
            count = {0: "no elements", 1: "1 element"}
            length = count.get(len(value.items), f"{len(value.items)} elements")
            return [no_entry(thunk, f"has {length}")]
        event_thunk, callable_thunk = value.items
        event = self._event(event_thunk)
        callable_thunk = self._evaluator.forwarded(callable_thunk)
        found = self._callable(callable_thunk)
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

    def _callable(self, thunk: Thunk) -> Function | Finding:
        """The callable with the signature of its innermost definition, or why it is not one."""
        function = callable_of(self._evaluator, self._evaluator.evaluate(thunk), thunk)
        if isinstance(function, Unknown):
            return undecided("AC207", thunk, function)
        if function.params is None:
            problem = function.problem or Unknown(message("reasons", "unreadable-signature"))
            return undecided("AC207", thunk, msgspec.structs.replace(problem, code="AC414"))
        return function

    def _event(self, thunk: Thunk) -> str | Finding:
        try:
            text = self._evaluator.constant(thunk)
            if isinstance(text, str):
                return text
        except NotConstant:
            pass
        value = _readable(self._evaluator.evaluate(thunk))
        if isinstance(value, Unknown):
            return undecided("AC206", thunk, value)
        return no_event(thunk, value)


def _readable(value: Value) -> Value:
    if isinstance(value, External) and value.waiting is None:
        return Unknown(message("reasons", "unreadable-source", name=value.name))
    return value
