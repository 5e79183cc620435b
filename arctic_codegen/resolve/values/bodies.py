"""The list of callbacks that a class body makes, statement by statement (R9)."""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.model.decls import FromImport, Import, Statement
from arctic_codegen.model.expr import Expr, Name
from arctic_codegen.resolve.binder.bindings import bindings_of
from arctic_codegen.resolve.binder.list_changes import ListChange, changes_of
from arctic_codegen.resolve.entities import ClassEntity, Unknown
from arctic_codegen.resolve.interfaces import LiveStatement
from arctic_codegen.resolve.names.list_changes import AS_SCRIPT, CALLBACKS, CONTEXTS
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.evaluator import Evaluator
from arctic_codegen.resolve.values.list_changes import applied, hole
from arctic_codegen.resolve.values.records import (
    EMPTY,
    Const,
    Layer,
    Sequence,
    Thunk,
    Value,
    describe,
    qualname_of,
)

NAME = CALLBACKS
_OTHERWISE: dict[str, str] = {
    "function": "a method",
    "class": "a class",
    "import": "imported",
    "from": "imported",
}
"""What else a class body may bind the name to."""


class OwnList(msgspec.Struct, frozen=True):
    """What a class body binds ``callbacks`` to in the end."""

    value: Sequence
    findings: tuple[Finding, ...] = ()


def as_list(thunk: Thunk, value: Value) -> Sequence:
    """A value as a list of callbacks; one that stands for the unknown where it is none."""
    if isinstance(value, Sequence) and value.kind in ("list", "tuple"):
        return value
    hint: str | None = None
    match value:
        case Unknown():
            undecided = value
        case Sequence(kind="set"):
            undecided = Unknown("a set has no order", thunk.place)
        case Sequence():
            reason = "an iterator is used up when it has been read once"
            undecided = Unknown(reason, thunk.place, hint=f"write list({show(thunk.expr)})")
        case Const(value=None):
            hint = "write 'callbacks = []', or leave it out"
            undecided = Unknown("it is None, no list", thunk.place, hint=hint)
        case _:
            undecided = Unknown(f"it is {describe(value)}, no list", thunk.place)
    return Sequence("list", (hole(thunk, undecided),))


class OwnLists:
    """Reads class bodies, each once."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._names = evaluator.names

    def own(self, owner: ClassEntity) -> OwnList | None:
        """The class's own list; ``None`` where its body binds none."""
        if NAME not in self._names.own_names(owner):
            return None
        return self._names.queries.get(
            ("own list", owner.id.module, id(owner.decl)),
            lambda: _Body(self._evaluator, owner).read(),
            lambda: _circular(owner),
        )


def _circular(owner: ClassEntity) -> OwnList:
    unknown = Unknown(f"'{owner.id.name}.callbacks' depends on itself", owner.place)
    thunk = Thunk(Name(owner.decl.span, owner.decl.name), owner.scope, owner.place)
    return OwnList(Sequence("list", (hole(thunk, unknown),)))


class _Body:
    def __init__(self, evaluator: Evaluator, owner: ClassEntity) -> None:
        self._evaluator = evaluator
        self._owner = owner
        self._current: Sequence | None = None
        self._findings: list[Finding] = []
        self._shared: tuple[Thunk, Sequence] | None = None
        """The very list of another name, where ``callbacks`` is one."""

    def read(self) -> OwnList | None:
        names = self._evaluator.names
        for live in names.live(self._owner.decl.body, self._owner.body):
            if not live.typing_only:
                self._statement(live)
        if self._current is None and not self._findings:
            return None
        if self._current is not None:
            self._check_shared()
        return OwnList(self._current or Sequence("list", ()), tuple(self._findings))

    def _statement(self, live: LiveStatement) -> None:
        stmt = live.stmt
        changes = [one for one in changes_of(stmt) if _is_own(one.target)]
        bound = [one for one in bindings_of(stmt) if one.name == NAME and one.kind in _OTHERWISE]
        if not changes and not bound:
            return
        where = CONTEXTS.get(live.context, AS_SCRIPT if live.main_only else "")
        if where:
            self._refuse("AC205", f"'callbacks' is changed {where}", stmt)
            return
        for change in changes:
            self._change(change, stmt)
        for binding in bound:
            self._bind_otherwise(stmt, _OTHERWISE[binding.kind])

    def _change(self, change: ListChange, stmt: Statement) -> None:
        if change.kind == "assign":
            thunk = self._thunk(change.args[0], stmt)
            value = self._evaluator.evaluate(thunk)
            self._current = as_list(thunk, value)
            shared = isinstance(value, Sequence) and value.alias is not None
            self._shared = (thunk, self._current) if shared else None
        elif change.kind == "delete":
            self._current = None
        elif self._current is None:
            reason = f"the class body has no 'callbacks' that {change.what} could change"
            self._refuse("AC205", reason, stmt)
        elif change.kind == "other":
            reason = f"'callbacks' is changed by {change.what}, which is not read"
            self._refuse("AC213", reason, stmt)
        else:
            value = applied(
                self._evaluator,
                self._current,
                change,
                lambda expr: self._thunk(expr, stmt),
                NAME,
                self._evaluator.place(stmt.span, self._owner.id.module),
            )
            if isinstance(value, Unknown):
                self._refuse("AC205", value.reason, stmt)
            else:
                self._current = value

    def _bind_otherwise(self, stmt: Statement, what: str) -> None:
        if isinstance(stmt, (Import, FromImport)):
            after = self._thunk(Name(stmt.span, NAME), stmt)
            scope = msgspec.structs.replace(after.scope, before=stmt.span.end)
            thunk = msgspec.structs.replace(after, scope=scope, env=EMPTY)
            self._current = as_list(thunk, self._evaluator.evaluate(thunk))
        else:
            self._refuse("AC205", f"'callbacks' is {what}, no list", stmt)

    def _check_shared(self) -> None:
        """``callbacks = COMMON`` is the very list: what changes it later changes this one."""
        if self._shared is None:
            return
        thunk, value = self._shared
        assert value.alias is not None
        later = self._evaluator.later_change(value.alias, thunk.scope)
        if later is not None:
            shown = show(thunk.expr)
            self._findings.append(
                Finding(
                    "AC205",
                    f"the callbacks in '{shown}' cannot be determined: that list is changed later",
                    thunk.place,
                    f"copy it, as in 'callbacks = list({shown})', or change it before the class",
                    (Related(later, "it is changed here"),),
                )
            )

    def _thunk(self, expr: Expr, stmt: Statement) -> Thunk:
        scope = self._owner.body.at(stmt.span)
        place = Place(self._owner.place.path, expr.span)
        thunk = Thunk(expr, scope, place, EMPTY, qualname_of(scope))
        if self._current is None:
            return thunk
        # `callbacks = callbacks + [...]` reads what the statements before have made.
        holding = msgspec.structs.replace(thunk, value=self._current)
        return msgspec.structs.replace(thunk, env=EMPTY.within(Layer(0, {NAME: holding})))

    def _refuse(self, code: str, message: str, stmt: Statement) -> None:
        hint = "write 'callbacks' as one list in the class body"
        place = Place(self._owner.place.path, stmt.span)
        self._findings.append(Finding(code, message, place, hint))
        self._current = self._current or Sequence("list", ())


def _is_own(target: Expr) -> bool:
    return isinstance(target, Name) and target.id == NAME
