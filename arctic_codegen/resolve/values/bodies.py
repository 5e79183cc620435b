"""The list of callbacks that a class body makes, statement by statement (R9)."""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.model.decls import (
    Assign,
    ClassDecl,
    FromImport,
    FunctionDecl,
    Import,
    Statement,
)
from arctic_codegen.model.expr import Attr, Expr, Name
from arctic_codegen.resolve.entities import ClassEntity, Scope, ValueEntity
from arctic_codegen.resolve.interfaces import LiveStatement
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.evaluator import Evaluator
from arctic_codegen.resolve.values.list_changes import ListChange, applied, hole, list_changes
from arctic_codegen.resolve.values.records import (
    EMPTY,
    Const,
    Layer,
    Sequence,
    Thunk,
    Undecided,
    Value,
    describe,
    qualname_of,
)

NAME = "callbacks"
_CONTEXTS = {
    "undecided": "under a condition that cannot be determined statically",
    "try": "in a 'try'",
    "loop": "in a loop",
    "match": "in a 'match'",
}
_PLAIN_HINT = "write 'callbacks' as one list in the class body"


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
        case Undecided():
            undecided = value
        case Sequence(kind="set"):
            undecided = Undecided("a set has no order", thunk.place)
        case Sequence():
            reason = "an iterator is used up when it has been read once"
            undecided = Undecided(reason, thunk.place, hint=f"write list({show(thunk.expr)})")
        case Const(value=None):
            hint = "write 'callbacks = []', or leave it out"
            undecided = Undecided("it is None, no list", thunk.place, hint=hint)
        case _:
            undecided = Undecided(f"it is {describe(value)}, no list", thunk.place)
    return Sequence("list", (hole(thunk, undecided),))


class OwnLists:
    """Reads class bodies, each once."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._names = evaluator.names
        self._known: dict[tuple[str, str, int], OwnList | None] = {}
        self._open: set[tuple[str, str, int]] = set()

    def own(self, owner: ClassEntity) -> OwnList | None:
        """The class's own list; ``None`` where its body binds none."""
        if NAME not in self._names.own_names(owner):
            return None
        key = (owner.id.module, owner.id.name, owner.decl.span.line)
        if key in self._open:
            undecided = Undecided(f"'{owner.id.name}.callbacks' depends on itself", owner.place)
            span = owner.decl.span
            thunk = Thunk(Name(span, owner.decl.name), owner.scope, owner.place)
            return OwnList(Sequence("list", (hole(thunk, undecided),)))
        if key not in self._known:
            self._open.add(key)
            try:
                self._known[key] = _Body(self._evaluator, owner).read()
            finally:
                self._open.discard(key)
        return self._known[key]


class _Body:
    def __init__(self, evaluator: Evaluator, owner: ClassEntity) -> None:
        self._evaluator = evaluator
        self._owner = owner
        self._current: Sequence | None = None
        self._findings: list[Finding] = []
        self._aliases: set[str] = set()
        self._aliased: tuple[Thunk, Sequence] | None = None

    def read(self) -> OwnList | None:
        names = self._evaluator.names
        for live in names.live(self._owner.decl.body, self._owner.id.module):
            if not live.typing_only:
                self._statement(live)
        if self._current is None:
            return None if not self._findings else OwnList(Sequence("list", ()), self.findings())
        self._check_alias()
        return OwnList(self._current, self.findings())

    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._findings)

    def _statement(self, live: LiveStatement) -> None:
        stmt = live.stmt
        changes = [change for change in list_changes(stmt) if self._is_own(change.target)]
        other = self._other_binding(stmt)
        if not changes and other is None:
            self._note_alias(stmt)
            return
        if live.main_only or not (live.context in ("plain", "with") or self._decided(stmt)):
            where = _CONTEXTS.get(live.context, "under 'if __name__ == \"__main__\":'")
            self._refuse("AC205", f"'callbacks' is changed {where}", stmt, _PLAIN_HINT)
            self._current = self._current or Sequence("list", ())
            return
        for change in changes:
            self._change(change, stmt)
        if other is not None:
            self._bind_otherwise(stmt, other)

    def _decided(self, stmt: Statement) -> bool:
        """Whether the text says that the value of this statement is the class's in the end, as
        for ``try: import ... except ImportError``."""
        if not isinstance(stmt, Assign):
            return False
        entity = self._evaluator.names.own_attribute(self._owner, NAME)
        return isinstance(entity, ValueEntity) and entity.expr is stmt.value

    def _change(self, change: ListChange, stmt: Statement) -> None:
        thunk_of = self._cell
        if change.kind == "assign":
            if not isinstance(change.target, Name) or change.target.id != NAME:
                return
            thunk = thunk_of(change.args[0], stmt)
            value = self._evaluator.evaluate(thunk)
            self._current = as_list(thunk, value)
            aliased = isinstance(value, Sequence) and value.alias is not None
            self._aliased = (thunk, value) if aliased and isinstance(value, Sequence) else None
            return
        if change.what == "'del'":
            self._current = None
            return
        if change.what == "an assignment by unpacking":
            reason = "'callbacks' is assigned by unpacking, which is not read"
            self._refuse("AC205", reason, stmt, _PLAIN_HINT)
            self._current = Sequence("list", ())
            return
        if self._current is None:
            reason = f"the class body has no 'callbacks' that {change.what} could change"
            self._refuse("AC205", reason, stmt, _PLAIN_HINT)
            self._current = Sequence("list", ())
            return
        if change.kind == "other":
            reason = f"'callbacks' is changed by {change.what}, which is not read"
            self._refuse("AC213", reason, stmt, _PLAIN_HINT)
            return
        place = self._evaluator.place(stmt.span, self._owner.id.module)
        value = applied(
            self._evaluator,
            self._current,
            change,
            lambda expr: thunk_of(expr, stmt),
            NAME,
            place,
        )
        if isinstance(value, Undecided):
            self._refuse("AC205", value.reason, stmt, _PLAIN_HINT)
        else:
            self._current = value

    def _bind_otherwise(self, stmt: Statement, what: str) -> None:
        if isinstance(stmt, (Import, FromImport)):
            span = stmt.span
            after = self._cell(Name(span, NAME), stmt)
            scope = msgspec.structs.replace(after.scope, before=(span.end_line, span.end_column))
            thunk = msgspec.structs.replace(after, scope=scope, env=EMPTY)
            self._current = as_list(thunk, self._evaluator.evaluate(thunk))
            return
        self._refuse("AC205", f"'callbacks' is {what}, no list", stmt, _PLAIN_HINT)
        self._current = self._current or Sequence("list", ())

    def _other_binding(self, stmt: Statement) -> str | None:
        """What else a statement makes of the name ``callbacks``."""
        match stmt:
            case FunctionDecl(name="callbacks"):
                return "a method"
            case ClassDecl(name="callbacks"):
                return "a class"
            case Import(names=names) | FromImport(names=names):
                if any((alias.asname or alias.name.split(".")[0]) == NAME for alias in names):
                    return "imported"
        return None

    def _note_alias(self, stmt: Statement) -> None:
        """``other = callbacks`` names the same list a second time."""
        if isinstance(stmt, Assign) and isinstance(stmt.value, Name) and stmt.value.id == NAME:
            self._aliases.update(t.id for t in stmt.targets if isinstance(t, Name))
        for change in list_changes(stmt):
            if (
                change.kind != "assign"
                and isinstance(change.target, Name)
                and change.target.id in self._aliases
            ):
                reason = f"'callbacks' is changed through its other name '{change.target.id}'"
                self._refuse("AC205", reason, stmt, _PLAIN_HINT)

    def _check_alias(self) -> None:
        """``callbacks = COMMON`` is the very list: what changes it later changes this one."""
        if self._aliased is None:
            return
        thunk, value = self._aliased
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

    def _is_own(self, target: Expr) -> bool:
        """``callbacks`` or, once the name is bound in the body, an item of it."""
        return isinstance(target, Name) and target.id == NAME

    def _cell(self, expr: Expr, stmt: Statement) -> Thunk:
        span = stmt.span
        owner = self._owner
        scope = Scope(owner.id.module, (*owner.scope.frames, owner.decl), (span.line, span.column))
        place = Place(owner.place.path, expr.span)
        thunk = Thunk(expr, scope, place, EMPTY, qualname_of(scope))
        if self._current is None:
            return thunk
        # `callbacks = callbacks + [...]` reads what the statements before have made.
        holding = msgspec.structs.replace(thunk, value=self._current)
        return msgspec.structs.replace(thunk, env=EMPTY.within(Layer(0, {NAME: holding})))

    def _refuse(self, code: str, message: str, stmt: Statement, hint: str) -> None:
        place = Place(self._owner.place.path, stmt.span)
        self._findings.append(Finding(code, message, place, hint))


def base_of_callbacks(expr: Expr) -> Expr | None:
    """``X`` of ``X.callbacks``."""
    if isinstance(expr, Attr) and expr.attr == NAME:
        return expr.value
    return None
