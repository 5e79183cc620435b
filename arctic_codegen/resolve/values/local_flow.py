"""What do the local names of a called function stand for at each ``return``?

The arguments of the call decide branches that the text alone leaves open: in ``def retry(fn=None)``
one half is for ``@retry``, and the other for ``@retry()``; ``if inspect.iscoroutinefunction(fn):``
has a wrapper for each kind of function, under one name.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Union

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import (
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
from arctic_codegen.model.expr import Expr, IfExp, LambdaExpr, Literal_, Name, Str
from arctic_codegen.resolve.binder import bindings
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import blocks_of, flat
from arctic_codegen.resolve.entities import FunctionEntity
from arctic_codegen.resolve.names.branches import until
from arctic_codegen.resolve.values import known_functions
from arctic_codegen.resolve.values.expressions import inner_scope
from arctic_codegen.resolve.values.records import Const, Env, Function, Layer, Thunk, Value

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

Later = Callable[[], Value]
"""Gives a value when somebody asks for it, and computes it once."""
LocalState = dict[str, tuple[Later, ...]]
"""What each name may stand for that is bound more than once, or in a branch."""
Agree = Callable[[Sequence[Value]], Value]
Names = dict[str, Union["Thunk", None]]
Bound = Union[Expr, FunctionDecl, None]
"""What a statement binds names to; ``None`` is what the look-up of names knows best."""


def local_names(code: FunctionDecl | LambdaExpr) -> Names:
    """The names that a function binds. They hide outer ones; what they mean has to be looked up."""
    found = {param.name for param in code.params}
    if isinstance(code, FunctionDecl):
        found |= bindings.local_names(code)
    return dict.fromkeys(found)


def in_body(evaluator: Evaluator, function: Function, names: Names, site: tuple[str, ...]) -> Thunk:
    """A place in the body of a function, where ``names`` stand for this."""
    code, standing = function.code, function.code_scope
    assert code is not None
    assert standing is not None
    scope, depth, qualname = inner_scope(standing), 0, "<lambda>"
    if isinstance(code, FunctionDecl):
        scope, qualname = standing.inside(code), code.qualname
        depth = len(scope.frames)
        evaluator.names.reaching.record(scope, "")
        evaluator.tick(len(code.body))
    env = Env((*function.env.layers, Layer(depth, names)), site)
    place = evaluator.place(code.span, standing.module)
    return Thunk(Name(code.span, ""), scope, place, env, f"{qualname}.<locals>.")


def results(
    evaluator: Evaluator, code: FunctionDecl | LambdaExpr, place: Thunk, agree: Agree
) -> list[Value]:
    """What the ``return``s of a function give, where ``place`` is in its body."""
    if isinstance(code, LambdaExpr):
        return _ways(evaluator, place.child(code.body))
    flow = _LocalFlow(evaluator, code, place, agree)
    found = [value for returned in flow.exits for value in _ways(evaluator, returned)]
    if (code.falls_through and flow.falls_through) or not found:
        found.append(Const(None))
    return found


def _ways(evaluator: Evaluator, thunk: Thunk | None) -> list[Value]:
    """What a ``return`` may give: both sides of a condition that the arguments do not decide."""
    if thunk is None:
        return [Const(None)]
    expr = thunk.expr
    if isinstance(expr, IfExp) and evaluator.decided(thunk.child(expr.test)) is None:
        sides = (thunk.child(expr.body), thunk.child(expr.orelse))
        return [value for side in sides for value in _ways(evaluator, side)]
    return [evaluator.evaluate(thunk)]


class _LocalFlow:
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
        layer = thunk.env.layers[-1]
        params = [param.name for param in code.params]
        self._bindings = {id(stmt): self._binding(stmt) for stmt in flat(code.body)}
        bindings = self._bindings.values()
        times = Counter([*params, *(name for names, _ in bindings for name in names)])
        straight = {*params, *(name for stmt in code.body for name in bound_names(stmt))}
        often = {name for name, count in times.items() if count > 1 or name not in straight}
        self._often = often - {name for names, to in bindings if to is None for name in names}
        given = {name: layer.names.get(name) for name in params if times[name] > 1}
        self._layer = Layer(layer.depth, {**layer.names, **dict.fromkeys(given)})
        first: LocalState = {
            name: (functools.cache(partial(evaluator.evaluate, one)),)
            for name, one in given.items()
            if name in self._often and one is not None
        }
        self.falls_through = self._block(code.body, first) is not None

    def _binding(self, stmt: Statement) -> tuple[Sequence[str], Bound]:
        """The names that a statement binds; ``functools.update_wrapper(name, ...)`` changes what
        one stands for."""
        if isinstance(stmt, CallStmt) and stmt.call.args:
            target = stmt.call.args[0].value
            if isinstance(target, Name):
                called = self._evaluator.known(self._thunk, stmt.call.func)
                if called in known_functions.UPDATE_WRAPPER:
                    return [target.id], stmt.call
        names = bound_names(stmt)
        if isinstance(stmt, FunctionDecl):
            return names, stmt
        is_plain = isinstance(stmt, Assign) and all(isinstance(one, Name) for one in stmt.targets)
        return names, stmt.value if isinstance(stmt, Assign) and is_plain else None

    def _block(self, statements: Sequence[Statement], state: LocalState) -> LocalState | None:
        """The state behind these statements; ``None`` where every way ends in a ``return``."""
        after: LocalState | None = state
        for stmt in statements:
            after = self._statement(stmt, state)
            if after is None:
                return None
            state = after
        return after

    def _statement(self, stmt: Statement, state: LocalState) -> LocalState | None:
        match stmt:
            case Return(value=value):
                self.exits.append(None if value is None else self._at(state).child(value))
                return None
            case If():
                return self._if(stmt, state)
            case With():  # it may swallow an exception, and go on
                return self._block(stmt.body, state) or state
            case Loop() | Match():
                return _either(state, *(self._block(one, state) for one in blocks_of(stmt)))
            case Try():
                return self._try(stmt, state)
        names, to = self._bindings[id(stmt)]
        names = [name for name in names if name in self._often]
        if not names or to is None:
            return state
        # What names no other keeps none of the states before it.
        needed = {} if isinstance(to, Literal_ | Str) else state
        bound = functools.cache(partial(self._bound, to, stmt, needed))
        return {**state, **dict.fromkeys(names, (bound,))}

    def _if(self, stmt: If, state: LocalState) -> LocalState | None:
        if not any(map(self._matters, flat((*stmt.body, *stmt.orelse)))):
            return state
        answer = self._evaluator.decided(self._at(state).child(stmt.test))
        if answer is not None:
            return self._block(stmt.body if answer else stmt.orelse, state)
        return _either(self._block(stmt.body, state), self._block(stmt.orelse, state))

    def _matters(self, stmt: Statement) -> bool:
        """Whether a statement returns, or binds a name whose meaning depends on the way taken."""
        if isinstance(stmt, Return | CallStmt):
            return True
        return not self._often.isdisjoint(self._bindings[id(stmt)][0])

    def _try(self, stmt: Try, state: LocalState) -> LocalState | None:
        attempt = self._evaluator.names.branches.imports.attempt(stmt, self._thunk.scope)
        done = self._block(until(stmt.body, attempt.cut), state)
        ends: list[LocalState | None] = []
        if attempt.cut is None:
            ends.append(None if done is None else self._block(stmt.orelse, done))
        entry = _either(state, done) or state
        for index, handler in enumerate(stmt.handlers):
            if attempt.handler == index or not attempt.decided:
                ends.append(self._block(handler.body, entry))
        after = _either(*ends)
        return None if after is None else self._block(stmt.finalbody, after)

    def _bound(self, to: Expr | FunctionDecl, stmt: Statement, state: LocalState) -> Value:
        here = self._at(state)
        if not isinstance(to, FunctionDecl):
            return self._evaluator.evaluate(here.child(to))
        place = Place(here.place.path, stmt.span)
        entity = FunctionEntity(here.scope.module, to, here.scope.at(stmt.span), place)
        return self._evaluator.functions.function(entity, here.env)

    def _at(self, state: LocalState) -> Thunk:
        """One in which the names mean what they mean by then."""
        thunk = self._thunk
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


def _either(*states: LocalState | None) -> LocalState | None:
    """What may hold behind branches of which one is taken."""
    found: LocalState | None = None
    for state in states:
        if state is not None:
            found = found or {}
            for name, values in state.items():
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *values)))
    return found
