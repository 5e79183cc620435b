"""What does a called function return on each path through its body?

The arguments of the call decide branches that the text leaves open: in ``def retry(fn=None)`` one
half is for ``@retry``, and the other for ``@retry()``; ``if inspect.iscoroutinefunction(fn):``
has a wrapper for each kind of function, under one name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Union

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import (
    Assign,
    CallStmt,
    FunctionDecl,
    If,
    Return,
    Statement,
    Try,
    With,
)
from arctic_codegen.model.expr import Expr, IfExp, LambdaExpr, Literal_, Name, Str
from arctic_codegen.resolve.binder import bindings
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import blocks_of, flat
from arctic_codegen.resolve.binder.free_names import free
from arctic_codegen.resolve.entities import FunctionEntity, Unknown
from arctic_codegen.resolve.names.branches import until
from arctic_codegen.resolve.names.constant_folding import NotConstant
from arctic_codegen.resolve.values import known_functions
from arctic_codegen.resolve.values.expressions import inner_scope
from arctic_codegen.resolve.values.records import Const, Function, Value
from arctic_codegen.resolve.values.thunks import Env, Layer, Names, Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_MOST_FORKS = 1024
"""Maximum branchings of one call, far beyond any realistic decorator."""
Bound = Union[Expr, FunctionDecl, None]
"""What a statement binds names to; ``None`` leaves it to the look-up of names."""


def local_names(code: FunctionDecl | LambdaExpr) -> Names:
    """The names that a function binds. They hide outer names, and must be looked up."""
    found = {param.name for param in code.params}
    if isinstance(code, FunctionDecl):
        found |= bindings.local_names(code)
    return dict.fromkeys(found)


def in_body(evaluator: Evaluator, function: Function, names: Names, site: tuple[str, ...]) -> Thunk:
    """A thunk in the body of a function, with ``names`` as the values of its names."""
    code, standing = function.code, function.code_scope
    assert code is not None
    assert standing is not None
    scope, depth, qualname = inner_scope(standing), 0, function.qualname
    if isinstance(code, FunctionDecl):
        scope, qualname = standing.inside(code), code.qualname
        depth = len(scope.frames)
        evaluator.names.reaching.record(scope, "")
        evaluator.tick(len(code.body))
    env = Env((*function.env.layers, Layer(depth, names)), site)
    place = evaluator.place(code.span, standing.module)
    return Thunk(Name(code.span, ""), scope, place, env, f"{qualname}.<locals>.")


def results(evaluator: Evaluator, code: FunctionDecl | LambdaExpr, place: Thunk) -> list[Value]:
    """The values that a function returns; ``place`` is a thunk in its body."""
    if isinstance(code, LambdaExpr):
        return _sides(evaluator, place.child(code.body))
    try:
        exits = list(_Ways(evaluator, code, place).through(code.body, {}))
    except NotConstant as error:
        return [error.unknown]
    return [value for one in exits for value in _sides(evaluator, one)] or [Const(None)]


def _sides(evaluator: Evaluator, thunk: Thunk | None) -> list[Value]:
    """The possible values of a ``return``: both sides of an undetermined conditional."""
    if thunk is None:
        return [Const(None)]
    expr = thunk.expr
    if isinstance(expr, IfExp) and evaluator.decided(thunk.child(expr.test)) is None:
        sides = (thunk.child(expr.body), thunk.child(expr.orelse))
        return [value for side in sides for value in _sides(evaluator, side)]
    return [evaluator.evaluate(thunk)]


class _Ways:
    """The paths through the body of a called function; ``thunk`` has its scope and ``env``.

    Only names that are bound more than once, or in a branch, are tracked; the others can be
    looked up.
    """

    def __init__(self, evaluator: Evaluator, code: FunctionDecl, thunk: Thunk) -> None:
        self._evaluator = evaluator
        self._thunk = thunk
        self._code = code
        self._bindings = {id(stmt): self._binding(stmt) for stmt in flat(code.body)}
        found = self._bindings.values()
        params = [param.name for param in code.params]
        times = Counter([*params, *(name for names, _ in found for name in names)])
        straight = {*params, *(name for stmt in code.body for name in bound_names(stmt))}
        unread = {name for names, to in found if to is None for name in names}
        often = {name for name, count in times.items() if count > 1 or name not in straight}
        self._followed = often - unread
        self._unbound = self._followed.difference(params)
        layer = thunk.env.layers[-1]
        rebound = {name: None for name in params if times[name] > 1 and name in unread}
        self._layer = Layer(layer.depth, {**layer.names, **rebound})

    def _binding(self, stmt: Statement) -> tuple[Sequence[str], Bound]:
        """The names that a statement binds; ``functools.update_wrapper(name, ...)`` rebinds its
        first argument."""
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

    def through(self, statements: Sequence[Statement], state: Names) -> Iterator[Thunk | None]:
        """The returned expression on each path through these statements, with ``state`` as the
        values of names; ``None`` if nothing is returned."""
        if self._evaluator.forks > _MOST_FORKS:
            raise NotConstant(Unknown(message("reasons", "result", call=self._code.name)))
        for index, stmt in enumerate(statements):
            if isinstance(stmt, Return):
                unbound = self._unbound.difference(state)
                if unbound and any(name.id in unbound for name in free(stmt.value)):
                    return  # a name is unbound on this path: Python raises an error
                yield None if stmt.value is None else self._at(state).child(stmt.value)
                return
            if blocks_of(stmt):
                if any(map(self._matters, flat((stmt,)))):
                    for number, way in enumerate(self._blocks(stmt, state)):
                        self._evaluator.forks += number > 0
                        yield from self.through((*way, *statements[index + 1 :]), state)
                    return
                continue
            state = self._after(stmt, state)
        if self._code.falls_through:
            yield None

    def _matters(self, stmt: Statement) -> bool:
        """Whether a statement returns, or binds a name whose value depends on the path."""
        names, _ = self._bindings.get(id(stmt), ((), None))
        return isinstance(stmt, Return) or not self._followed.isdisjoint(names)

    def _blocks(self, stmt: Statement, state: Names) -> Iterator[tuple[Statement, ...]]:
        """The statements inside a compound statement that may be executed, for each path."""
        match stmt:
            case If(test=test, body=body, orelse=orelse):
                answer = self._evaluator.decided(self._at(state).child(test))
                if answer is not False:
                    yield body
                if answer is not True:
                    yield orelse
            case With(body=body):
                yield body
                if isinstance(body[-1], Return):
                    yield ()  # it may suppress an exception, and execution continues
            case Try(body=body, orelse=orelse, finalbody=last):
                attempt = self._evaluator.names.branches.imports.attempt(stmt, self._thunk.scope)
                if attempt.cut is None:
                    yield (*body, *orelse, *last)
                for index, handler in enumerate(stmt.handlers):
                    if attempt.handler == index or not attempt.decided:
                        done = () if attempt.cut is None else until(body, attempt.cut)
                        yield (*done, *handler.body, *last)
            case _:
                yield ()
                yield from blocks_of(stmt)

    def _after(self, stmt: Statement, state: Names) -> Names:
        """The values of names after a statement."""
        names, to = self._bindings[id(stmt)]
        names = [name for name in names if name in self._followed]
        if not names:
            return state
        here = self._thunk
        if isinstance(to, FunctionDecl):
            place = Place(here.place.path, stmt.span)
            scope = here.scope.at(stmt.span)
            return {**state, names[0]: FunctionEntity(scope, place, to)}
        assert to is not None
        # A literal refers to no names, so it need not keep the states before it alive.
        here = here if isinstance(to, Literal_ | Str) else self._at(state)
        bound = here.child(to)
        later = cache(partial(self._evaluator.evaluate, bound))
        return {**state, **dict.fromkeys(names, msgspec.structs.replace(bound, later=later))}

    def _at(self, state: Names) -> Thunk:
        """A thunk in which names have the values of ``state``."""
        layer = Layer(self._layer.depth, {**self._layer.names, **state})
        env = Env((*self._thunk.env.layers[:-1], layer), self._thunk.env.site)
        return msgspec.structs.replace(self._thunk, env=env)
