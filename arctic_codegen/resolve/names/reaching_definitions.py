"""Which bindings of a name reach a place in a body, or its end?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.decls import (
    FromImport,
    If,
    Loop,
    Statement,
    Try,
    With,
)
from arctic_codegen.resolve.binder.bindings import (
    UNBOUND,
    Binding,
    State,
    bindings_of,
    normal,
)
from arctic_codegen.resolve.binder.body import Body, Position, rebound_by_functions
from arctic_codegen.resolve.entities import Scope

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names


class Flow:
    """Walks through a body for one name. Branches that do not bind it are skipped."""

    def __init__(self, names: Names, scope: Scope, name: str, typing: bool) -> None:
        self._names = names
        self._scope = scope
        self._name = name
        self._typing = typing
        self._loaded: set[str] = set()
        self._package = (
            scope.module if not scope.frames and names.source(scope.module).is_package else None
        )
        self.unsure: set[Binding] = set()
        """Definitions in a loop, or in a branch whose test cannot be determined statically."""
        self._around = 0
        """The number of such loops and branches around the current statement."""
        self._moot = False
        """Whether a later statement rebinds the name, so that the source of a star import
        does not matter."""

    def run(self, body: Body, state: State, before: Position | None = None) -> State:
        """The state after ``body``, or at the position ``before`` in it."""
        last = self._last_to_bind(body, before) if body.stars else -1
        for index in body.relevant(self._name):
            stmt = body.statements[index]
            arms = body.arms.get(index)
            if before is not None and body.begins(index) >= before:
                return state
            if before is not None and before < body.ends(index):
                return state if arms is None else self._into(stmt, arms, state, before)
            outer, self._moot = self._moot, self._moot or index < last
            if arms is None:
                state = self._own(stmt, state)
            else:
                state = self._compound(stmt, arms, state)
            self._moot = outer
        return state

    def _last_to_bind(self, body: Body, before: Position | None) -> int:
        """The last statement that binds the name unconditionally, replacing earlier bindings; -1
        if there is none."""
        for index in reversed(body.binders.get(self._name, ())):
            if before is not None and body.begins(index) >= before:
                continue
            own = bindings_of(body.statements[index])
            if index not in body.arms and any(one.name == self._name for one in own):
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
            else:
                entry = self._own(stmt, state)
                if isinstance(stmt, Loop) and number == 0:
                    entry |= self._perhaps(arm, entry) - UNBOUND
            return self.run(arm, entry, before)
        return state

    def _compound(self, stmt: Statement, arms: tuple[Body, ...], state: State) -> State:
        if isinstance(stmt, If):
            here = self._scope.at(stmt.span)
            taken = self._names.branches.test(stmt.test, here, self._typing)
            if taken is not None:
                return self.run(arms[0 if taken else 1], state)
            one, other = (self._perhaps(arm, state) for arm in arms)
            return one | other
        if isinstance(stmt, Try):
            return self._try(stmt, arms, state)
        entry = self._own(stmt, state)
        if isinstance(stmt, With):
            return self.run(arms[0], entry)
        if isinstance(stmt, Loop):
            after = self._perhaps(arms[0], entry) | (state - UNBOUND)
            return self._perhaps(arms[1], after or UNBOUND)
        for arm in arms:
            state = state | self._perhaps(arm, entry)
        return state

    def _try(self, stmt: Try, arms: tuple[Body, ...], state: State) -> State:
        attempt = self._names.branches.imports.attempt(stmt, self._scope)
        body, *handlers, orelse, final = arms
        if attempt.cut is not None:
            state = self.run(body, state, attempt.cut)
            if attempt.handler is not None:
                state = self._handler(stmt, handlers[attempt.handler], attempt.handler, state)
        elif attempt.decided:
            state = self.run(orelse, self.run(body, state))
        else:
            self._around += 1
            done = self.run(body, state)
            result = self.run(orelse, done)
            for number, arm in enumerate(handlers):
                result |= self._handler(stmt, arm, number, state | done) - UNBOUND
            self._around -= 1
            state = (result if result == UNBOUND else result - UNBOUND) or UNBOUND
        return self.run(final, state)

    def _try_entry(self, stmt: Try, arms: tuple[Body, ...], number: int, state: State) -> State:
        """The state at the start of the ``number``-th part of a ``try``."""
        if number == 0:
            return state
        if number == len(arms) - 1:
            final = (*arms[:-1], Body(()))
            return self._try(stmt, final, state)
        if number == len(arms) - 2:
            return self.run(arms[0], state)
        attempt = self._names.branches.imports.attempt(stmt, self._scope)
        done = self.run(arms[0], state, attempt.cut)
        entry = done if attempt.cut is not None else state | done
        if normal(stmt.handlers[number - 1].name or "") == self._name:
            entry = frozenset({Binding(stmt, "target", self._name)})
        return entry

    def _handler(self, stmt: Try, arm: Body, number: int, state: State) -> State:
        after = self.run(arm, state)
        return UNBOUND if normal(stmt.handlers[number].name or "") == self._name else after

    def _perhaps(self, body: Body, state: State) -> State:
        self._around += 1
        state = self.run(body, state)
        self._around -= 1
        return state

    def _defined(self, binding: Binding) -> State:
        if self._around:
            self.unsure.add(binding)
        return frozenset({binding})

    def _own(self, stmt: Statement, state: State) -> State:
        """The state after the bindings of the statement itself, without its blocks."""
        for binding in bindings_of(stmt, self._package):
            if binding.kind == "star":
                state = self._star(stmt, state)
            elif binding.name != self._name:
                continue
            elif binding.kind == "deleted":
                state = UNBOUND
            elif binding.kind != "submodule" or self._loads(binding.name):
                state = self._defined(binding)
        return state

    def _star(self, stmt: Statement, state: State) -> State:
        assert isinstance(stmt, FromImport)
        module = self._names.sources.imported(stmt, self._scope.module)
        if module is None or self._moot:
            return state
        exported = self._names.exports.exported(module, self._name, self._typing)
        if exported is None:
            return state | self._defined(Binding(stmt, "star", self._name, certain=False))
        return self._defined(Binding(stmt, "star", self._name)) if exported else state

    def _loads(self, name: str) -> bool:
        """Whether importing a submodule sets it as an attribute of its package: only the first
        import does."""
        first = name not in self._loaded
        self._loaded.add(name)
        return first and self._names.source(f"{self._package}.{name}").kind != "missing"


class Reach(msgspec.Struct, frozen=True):
    """The definitions that reach a place, and which of them may not be executed, or repeatedly."""

    state: State
    unsure: frozenset[Binding] = frozenset()


class ReachingDefinitions:
    """Runs the flow analysis of each body."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._by_function: dict[str, frozenset[str]] = {}

    def reach(self, scope: Scope, name: str, typing: bool = False) -> Reach:
        """The bindings of a name in the innermost frame of a scope, at its position."""
        return self._names.queries.get(
            ("reach", scope.module, frame_ids(scope), scope.before, name, typing),
            lambda: self._reach(scope, name, typing),
            lambda: Reach(UNBOUND),
        )

    def _reach(self, scope: Scope, name: str, typing: bool) -> Reach:
        self.record(scope, name)
        body = self._names.sources.own_body(scope)
        if not body.relevant(name):
            return Reach(UNBOUND)
        flow = Flow(self._names, scope.late, name, typing)
        state = flow.run(body, UNBOUND, scope.before)
        return Reach(state, frozenset(flow.unsure))

    def record(self, scope: Scope, name: str) -> None:
        """Record a look-up of a name in the innermost frame of a scope."""
        if not scope.frames:
            self._names.queries.read(scope.module, name)
        else:
            self._names.queries.read(scope.module, scope.frames[0].name, scope.in_function)

    def is_sure(self, home: Scope, found: Binding) -> bool:
        """Whether a definition is certainly the final value of its name."""
        if not home.frames and found.name in self.rebound(home.module):
            return False
        reach = self.reach(home, found.name)
        return reach.state == frozenset({found}) and found not in reach.unsure

    def rebound(self, module: str) -> frozenset[str]:
        """Module-level names that a function in the module binds."""
        found = self._by_function.get(module)
        if found is None:
            found = self._by_function[module] = rebound_by_functions(
                self._names.sources.body(module).statements
            )
        return found


def frame_ids(scope: Scope) -> tuple[int, ...]:
    """The identities of the frames of a scope."""
    frames = scope.frames
    if not frames:
        return ()
    return (id(frames[0]),) if len(frames) == 1 else tuple(map(id, frames))
