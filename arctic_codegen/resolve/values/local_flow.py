"""What the names of a called function stand for at each of its ``return``s.

The arguments of the call decide branches that the text alone leaves open: in ``def retry(fn=None)``
one half is for ``@retry``, and the other for ``@retry()``; ``if inspect.iscoroutinefunction(fn):``
has a wrapper for each kind of function, under one name.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import (
    WITH_BLOCKS,
    Assign,
    CallStmt,
    FunctionDecl,
    If,
    Loop,
    Match,
    Return,
    Statement,
    Try,
    With,
)
from arctic_codegen.model.expr import Literal_, Name, Str
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import FunctionEntity, Scope, Unknown
from arctic_codegen.resolve.values import known
from arctic_codegen.resolve.values.records import Env, Layer, Thunk, Value

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

Later = Callable[[], Value]
"""Gives a value when somebody asks for it, and computes it once."""
State = dict[str, tuple[Later, ...]]
"""What each name may stand for that is bound more than once, or in a branch."""
Agree = Callable[[Sequence[Value]], Value]


class LocalFlow:
    """Walks through the body of one called function. ``thunk`` is one in its scope and ``env``.

    ``exits`` are what its ``return``s give, ``None`` for a bare one.
    """

    def __init__(
        self, evaluator: Evaluator, code: FunctionDecl, thunk: Thunk, agree: Agree
    ) -> None:
        self._evaluator = evaluator
        self._thunk = thunk
        self._agree = agree
        self.exits: list[Thunk | None] = []
        live = evaluator.names.live(code.body, Scope(thunk.scope.module))
        statements = flat(code.body)
        alive = {found.stmt.span for found in live if not found.typing_only}
        # Hardly ever any; the others would be kept with each value that may be asked for later.
        self._dead = {stmt.span for stmt in statements} - alive
        params = [param.name for param in code.params]
        bound = Counter([*params, *(name for stmt in statements for name in bound_names(stmt))])
        straight = {*params, *(name for stmt in code.body for name in bound_names(stmt))}
        updated = {self._updated(stmt) for stmt in statements}
        # What imports and loops bind, the look-up of names knows best.
        others = [stmt for stmt in statements if not _is_plain(stmt)]
        known_best = {name for stmt in others for name in bound_names(stmt)}
        self._often = {
            name
            for name, times in bound.items()
            if (times > 1 or name not in straight or name in updated) and name not in known_best
        }
        self._layer = thunk.env.layers[-1]
        first: State = {}
        for name in params:
            given = self._layer.names.get(name)
            if bound[name] > 1:
                if name in self._often and given is not None:
                    first[name] = (functools.cache(partial(evaluator.evaluate, given)),)
                self._layer.names[name] = None
        self.falls_through = self._block(code.body, first) is not None

    def _updated(self, stmt: Statement) -> str | None:
        """The function that ``functools.update_wrapper(function, ...)`` changes in place."""
        if not isinstance(stmt, CallStmt) or not stmt.call.args:
            return None
        target = stmt.call.args[0].value
        called = self._evaluator.known(self._thunk, stmt.call.func)
        return target.id if called in known.UPDATE_WRAPPER and isinstance(target, Name) else None

    def _block(self, statements: Sequence[Statement], state: State) -> State | None:
        """The state behind these statements; ``None`` where every way ends in a ``return``."""
        after: State | None = state
        for stmt in statements:
            after = self._statement(stmt, state)
            if after is None:
                return None
            state = after
        return after

    def _statement(self, stmt: Statement, state: State) -> State | None:
        match stmt:
            case Return(value=value) if stmt.span not in self._dead:
                self.exits.append(None if value is None else self._at(state).child(value))
                return None
            case If():
                return self._if(stmt, state)
            case With():  # it may swallow an exception, and go on
                state = self._binding(stmt, state)
                return self._block(stmt.body, state) or state
            case Loop():
                state = self._binding(stmt, state)
                return _either(state, self._block(stmt.body, state)) if stmt.body else state
            case Match():
                state = self._binding(stmt, state)
                return _either(state, *(self._block(case, state) for case in stmt.cases))
            case Try():
                return self._try(stmt, state)
        return self._binding(stmt, state)

    def _if(self, stmt: If, state: State) -> State | None:
        if not any(map(self._matters, flat((*stmt.body, *stmt.orelse)))):
            return state
        answer = self._evaluator.truth(self._at(state).child(stmt.test))
        if not isinstance(answer, Unknown):
            return self._block(stmt.body if answer else stmt.orelse, state)
        return _either(self._block(stmt.body, state), self._block(stmt.orelse, state))

    def _matters(self, stmt: Statement) -> bool:
        """Whether a statement returns, or binds a name whose meaning depends on the way taken."""
        if isinstance(stmt, Return | CallStmt):
            return True
        return not self._often.isdisjoint(bound_names(stmt))

    def _try(self, stmt: Try, state: State) -> State | None:
        done = self._block(stmt.body, state)
        caught = _either(state, done)
        if self._is_dead(stmt.body):  # an import in it fails
            done = None
        ends = [None if done is None else self._block(stmt.orelse, done)]
        for handler in stmt.handlers:
            if caught is not None and not self._is_dead(handler.body):
                ends.append(self._block(handler.body, caught))
        after = _either(*ends)
        return None if after is None else self._block(stmt.finalbody, after)

    def _is_dead(self, statements: tuple[Statement, ...]) -> bool:
        """Whether Python does not come to all of these."""
        return any(stmt.span in self._dead for stmt in statements if type(stmt) not in WITH_BLOCKS)

    def _binding(self, stmt: Statement, state: State) -> State:
        """The state behind one statement that binds names."""
        if stmt.span in self._dead and not isinstance(stmt, (With, Loop, Match)):
            return state
        updated = self._updated(stmt)
        if updated is not None and isinstance(stmt, CallStmt):
            called = self._at(state).child(stmt.call)
            return {**state, updated: (functools.cache(partial(self._evaluator.evaluate, called)),)}
        names = [name for name in bound_names(stmt) if name in self._often]
        if not names:
            return state
        is_plain = isinstance(stmt, Assign) and isinstance(stmt.value, (Literal_, Str))
        # What names no other keeps none of the states before it.
        bound = functools.cache(partial(self._bound, stmt, {} if is_plain else state))
        return {**state, **dict.fromkeys(names, (bound,))}

    def _bound(self, stmt: Statement, state: State) -> Value:
        here = self._at(state)
        place = Place(here.place.path, stmt.span)
        if isinstance(stmt, FunctionDecl):
            entity = FunctionEntity(here.scope.module, stmt, here.scope.at(stmt.span), place)
            return self._evaluator.functions.function(entity, here.env)
        if isinstance(stmt, Assign) and stmt.value is not None:
            return self._evaluator.evaluate(here.child(stmt.value))
        return Unknown("it is bound more than once", place)

    def _at(self, state: State) -> Thunk:
        """One in which the names mean what they mean by then."""
        thunk = self._thunk
        if not state:
            return thunk
        names = {
            name: msgspec.structs.replace(thunk, later=partial(self._one, values))
            for name, values in state.items()
        }
        layer = Layer(self._layer.depth, {**self._layer.names, **names})
        env = Env((*thunk.env.layers[:-1], layer), thunk.env.site)
        return msgspec.structs.replace(thunk, env=env)

    def _one(self, values: Sequence[Later]) -> Value:
        if len(values) == 1:
            return values[0]()
        return self._agree([value() for value in values])


def _is_plain(stmt: Statement) -> bool:
    """Whether a statement binds names to functions or to the value of an expression."""
    if isinstance(stmt, Assign):
        return all(isinstance(target, Name) for target in stmt.targets)
    return isinstance(stmt, FunctionDecl)


def _either(*states: State | None) -> State | None:
    """What may hold behind branches of which one is taken."""
    found: State | None = None
    for state in states:
        if state is not None:
            found = found or {}
            for name, values in state.items():
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *values)))
    return found
