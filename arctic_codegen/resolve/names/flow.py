"""Which definitions of a name reach a place in a body, or its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arctic_codegen.model.decls import (
    Assign,
    AugAssign,
    ClassDecl,
    Delete,
    FromImport,
    FunctionDecl,
    If,
    Import,
    Loop,
    Match,
    Statement,
    Try,
    TypeAlias,
    With,
)
from arctic_codegen.model.expr import Expr
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.names.bindings import (
    UNBOUND,
    Body,
    Def,
    DefKind,
    Position,
    State,
    absolute,
    bound_names,
    normal,
    own_submodule,
    start,
    targets_of,
)
from arctic_codegen.resolve.names.branches import Branches

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names


class Flow:
    """One walk through a body for one name. Branches that do not bind it are never looked at."""

    def __init__(
        self, names: Names, branches: Branches, scope: Scope, name: str, typing: bool, main: bool
    ) -> None:
        self._names = names
        self._branches = branches
        self._scope = scope
        self._name = name
        self._typing = typing
        self._main = main
        self._loaded: set[str] = set()
        self._package = (
            scope.module if not scope.frames and names.source(scope.module).is_package else None
        )
        self.unsure: set[Def] = set()
        """Definitions that stand in a branch that the text does not decide."""
        self.looped: set[Def] = set()
        """Definitions that stand in a loop."""
        self._marks: list[set[Def]] = []
        self._moot = False
        """Whether the name is bound anew after what is being looked at: which of many modules a
        star import would have it from is then nobody's concern."""

    def run(self, body: Body, state: State, before: Position | None) -> tuple[State, bool]:
        """The state after ``body``, and whether ``before`` was reached inside it."""
        last = self._last_to_bind(body, before) if body.stars else -1
        for index in body.relevant(self._name):
            stmt = body.statements[index]
            inside = False
            if before is not None:
                if body.begins(index) >= before:
                    return state, True
                inside = before < body.ends(index)
            arms = body.arms.get(index)
            if inside:
                if arms is None:
                    return state, True
                assert before is not None
                return self._into(stmt, arms, state, before), True
            outer, self._moot = self._moot, self._moot or index < last
            if arms is None:
                state = self._leaf(stmt, state)
            else:
                state = self._compound(stmt, arms, state)
            self._moot = outer
        return state, False

    def _last_to_bind(self, body: Body, before: Position | None) -> int:
        """The last of these statements that binds the name itself, whatever it meant until then;
        -1 if there is none."""
        for index in reversed(body.binders.get(self._name, ())):
            if before is not None and body.begins(index) >= before:
                continue
            if index not in body.arms and self._name in bound_names(body.statements[index]):
                return index
        return -1

    def _into(
        self, stmt: Statement, arms: tuple[Body, ...], state: State, before: Position
    ) -> State:
        """The state at a place inside a compound statement."""
        for number, arm in enumerate(arms):
            if not arm.contains(before):
                continue
            entry = state
            if isinstance(stmt, Try):
                entry = self._try_entry(stmt, arms, number, state)
            elif isinstance(stmt, Loop):
                entry = self._targets(stmt.targets, stmt, state)
                if number == 0:
                    entry |= self._marked(arm, entry, self.looped) - UNBOUND
            elif isinstance(stmt, With):
                entry = self._targets(stmt.targets, stmt, state)
            elif isinstance(stmt, Match):
                entry = self._captures(stmt, state)
            return self.run(arm, entry, before)[0]
        return state

    def _compound(self, stmt: Statement, arms: tuple[Body, ...], state: State) -> State:
        if isinstance(stmt, If):
            taken = self._branches.test(
                stmt.test,
                Scope(self._scope.module, self._scope.frames, start(stmt.span)),
                self._typing,
                self._main,
            )
            if taken is not None:
                return self.run(arms[0 if taken else 1], state, None)[0]
            return self._marked(arms[0], state, self.unsure) | self._marked(
                arms[1], state, self.unsure
            )
        if isinstance(stmt, Try):
            return self._try(stmt, arms, state)
        if isinstance(stmt, With):
            state = self._targets(stmt.targets, stmt, state)
            return self.run(arms[0], state, self._branches.cut(stmt, self._scope))[0]
        if isinstance(stmt, Loop):
            entry = self._targets(stmt.targets, stmt, state)
            after = self._marked(arms[0], entry, self.looped) | (state - UNBOUND)
            return self._marked(arms[1], after or UNBOUND, self.looped)
        if isinstance(stmt, Match):
            entry = self._captures(stmt, state)
            for arm in arms:
                state = state | self._marked(arm, entry, self.unsure)
            return state
        return state

    def _try(self, stmt: Try, arms: tuple[Body, ...], state: State) -> State:
        attempt = self._branches.attempt(stmt, self._scope)
        body, *handlers, orelse, final = arms
        if attempt.cut is not None:
            state = self.run(body, state, attempt.cut)[0]
            if attempt.handler is not None:
                state = self._handler(stmt, handlers[attempt.handler], attempt.handler, state)
        elif attempt.decided:
            state = self.run(orelse, self.run(body, state, None)[0], None)[0]
        else:
            done = self._marked(body, state, self.unsure)
            result = self._marked(orelse, done, self.unsure)
            for number, arm in enumerate(handlers):
                entry = state | done
                result |= self._handler(stmt, arm, number, entry, self.unsure) - UNBOUND
            state = (result if result == UNBOUND else result - UNBOUND) or UNBOUND
        return self.run(final, state, None)[0]

    def _try_entry(self, stmt: Try, arms: tuple[Body, ...], number: int, state: State) -> State:
        """The state where the ``number``-th part of a ``try`` begins."""
        if number == 0:
            return state
        if number == len(arms) - 1:
            final = (*arms[:-1], Body(()))
            return self._try(stmt, final, state)
        if number == len(arms) - 2:
            return self.run(arms[0], state, None)[0]
        attempt = self._branches.attempt(stmt, self._scope)
        done = self.run(arms[0], state, attempt.cut)[0]
        entry = done if attempt.cut is not None else state | done
        if normal(stmt.handlers[number - 1].name or "") == self._name:
            entry = frozenset({Def(stmt, "target", self._name)})
        return entry

    def _handler(
        self, stmt: Try, arm: Body, number: int, state: State, marks: set[Def] | None = None
    ) -> State:
        if normal(stmt.handlers[number].name or "") == self._name:
            self.run(arm, state, None)
            return UNBOUND
        return self.run(arm, state, None)[0] if marks is None else self._marked(arm, state, marks)

    def _marked(self, body: Body, state: State, marks: set[Def]) -> State:
        self._marks.append(marks)
        try:
            return self.run(body, state, None)[0]
        finally:
            self._marks.pop()

    def _captures(self, stmt: Match, state: State) -> State:
        if self._name in map(normal, stmt.names):
            return self._defined(Def(stmt, "target", self._name))
        return state

    def _targets(self, targets: tuple[Expr, ...], stmt: Statement, state: State) -> State:
        if any(name == self._name for target in targets for name, _ in targets_of(target)):
            return self._defined(Def(stmt, "target", self._name))
        return state

    def _defined(self, definition: Def) -> State:
        for marks in self._marks:
            marks.add(definition)
        return frozenset({definition})

    def _leaf(self, stmt: Statement, state: State) -> State:
        name = self._name
        if isinstance(stmt, FromImport):
            return self._from_import(stmt, state)
        if isinstance(stmt, Import):
            for index in range(len(stmt.names) - 1, -1, -1):
                alias = stmt.names[index]
                if normal(alias.asname or alias.name.partition(".")[0]) == name:
                    return self._defined(Def(stmt, "import", name, index=index))
            return self._submodule(stmt, [alias.name for alias in stmt.names], state)
        if isinstance(stmt, Assign):
            for target in reversed(stmt.targets):
                for found, path in reversed(list(targets_of(target))):
                    if found == name:
                        return self._defined(Def(stmt, "assign", name, path=path))
        if isinstance(stmt, Delete):
            return UNBOUND
        kind: DefKind | None = None
        if isinstance(stmt, FunctionDecl):
            kind = "function"
        elif isinstance(stmt, ClassDecl):
            kind = "class"
        elif isinstance(stmt, TypeAlias):
            kind = "type"
        elif isinstance(stmt, AugAssign):
            kind = "augmented"
        return state if kind is None else self._defined(Def(stmt, kind, name))

    def _from_import(self, stmt: FromImport, state: State) -> State:
        source = self._names.source(self._scope.module)
        module = absolute(stmt, source.name, source.is_package)
        if module is not None:
            # Before the names of the statement, which may hide it: `from .train import train`.
            state = self._submodule(stmt, [module], state)
        for index in range(len(stmt.names) - 1, -1, -1):
            alias = stmt.names[index]
            if normal(alias.asname or alias.name) == self._name:
                return self._defined(Def(stmt, "from", self._name, index=index))
        if module is None:
            return state
        if not stmt.star or self._moot:
            return state
        exported = self._names.exported(module, self._name, self._typing)
        if exported is None:
            return state | self._defined(Def(stmt, "star", self._name, certain=False))
        return self._defined(Def(stmt, "star", self._name)) if exported else state

    def _submodule(self, stmt: Statement, imported: list[str], state: State) -> State:
        """The attribute of a package that the import of a module inside it sets."""
        if self._package is None:
            return state
        for module in imported:
            for name in own_submodule(self._package, module):
                if normal(name) == self._name and name not in self._loaded:
                    self._loaded.add(name)
                    if self._names.source(f"{self._package}.{name}").kind != "missing":
                        state = self._defined(Def(stmt, "submodule", name))
        return state
