"""Which call has made a callable, for a person to read?

Names of constants are shown as what they stand for, so that `diff` sees a changed one. Output does
not depend on it, and nothing of it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.decls import Assign, FromImport, FunctionDecl, Stmt
from arctic_codegen.model.expr import (
    Arg,
    Call,
    DictDisplay,
    Expr,
    Literal_,
    Name,
    Seq,
    Str,
    UnaryOp,
)
from arctic_codegen.model.source import Module
from arctic_codegen.resolve.binder.bindings import absolute
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.show import whole
from arctic_codegen.resolve.values.records import Function, Instance, Value
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_CONSTANTS = (Literal_, Str, UnaryOp, Seq, DictDisplay)


def with_call(evaluator: Evaluator, value: Value, thunk: Thunk) -> Value:
    """A callable with the call that made it, which stands at ``thunk``."""
    if not isinstance(value, (Function, Instance)) or not isinstance(thunk.expr, Call):
        return value
    args = tuple(one for arg in thunk.expr.args for one in _with_value(evaluator, arg, thunk))
    made = whole(msgspec.structs.replace(thunk.expr, args=args))
    return msgspec.structs.replace(value, made=made)


def _with_value(evaluator: Evaluator, arg: Arg, thunk: Thunk) -> Iterator[Arg]:
    """An argument, or those that ``*VALUES`` and ``**OPTIONS`` bring."""
    value = arg.value
    if isinstance(value, Name):
        found = thunk.env.find(value.id)
        values = (
            [found.expr]
            if isinstance(found, Thunk)
            else _assigned(evaluator, thunk.scope, value.id)
        )
        if len(values) == 1 and isinstance(values[0], _CONSTANTS):
            value = values[0]
    if arg.star == "**" and isinstance(value, DictDisplay):
        for pair in value.items:
            if isinstance(pair[0], Str) and pair[0].value.isidentifier():
                yield Arg(pair[1], pair[0].value)
            else:
                yield Arg(DictDisplay(value.span, (pair,)), star="**")
    elif arg.star == "*" and isinstance(value, Seq):
        yield from (Arg(one) for one in value.items)
    else:
        yield msgspec.structs.replace(arg, value=value)


def _assigned(evaluator: Evaluator, scope: Scope, name: str) -> list[Expr]:
    """What a name of a class or module is set to, or one that modules of the project import from
    each other."""
    if any(isinstance(frame, FunctionDecl) for frame in scope.frames):
        return []
    for frame in reversed(scope.frames):
        if found := _values(frame.body, name):
            return found
    here: str | None = scope.module
    seen: set[tuple[str, str]] = set()
    while here and (here, name) not in seen and evaluator.loader.skim(here) is None:
        seen.add((here, name))
        module = evaluator.loader.module(here)
        body = () if module.decls is None or module.installed else module.decls.body
        if found := _values(body, name):
            return found
        here, name = _imported(module, body, name)
    return []


def _imported(module: Module, body: Sequence[Stmt], name: str) -> tuple[str | None, str]:
    """The module from which a module imports a name, and what that calls it."""
    for stmt in body:
        if isinstance(stmt, FromImport):
            for alias in stmt.names:
                if (alias.asname or alias.name) == name:
                    return absolute(stmt, module.name, module.is_package), alias.name
    return None, name


def _values(body: Sequence[Stmt], name: str) -> list[Expr]:
    return [
        one.value
        for one in body
        if isinstance(one, Assign) and one.value is not None
        if any(isinstance(target, Name) and target.id == name for target in one.targets)
    ]
