"""Which call has created a callable, in readable form?

Names of constants are replaced by their values, so that ``diff`` notices a change. The output does
not depend on this, and nothing of it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

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
from arctic_codegen.resolve.entities import Scope, ValueEntity
from arctic_codegen.resolve.show import whole
from arctic_codegen.resolve.values.records import Function, Instance, Value
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_CONSTANTS = (Literal_, Str, UnaryOp, Seq, DictDisplay)


def with_call(evaluator: Evaluator, value: Value, thunk: Thunk) -> Value:
    """A callable with the text of the call that created it, at ``thunk``."""
    if not isinstance(value, (Function, Instance)) or not isinstance(thunk.expr, Call):
        return value
    args = tuple(one for arg in thunk.expr.args for one in _with_value(evaluator, arg, thunk))
    made = whole(msgspec.structs.replace(thunk.expr, args=args))
    return msgspec.structs.replace(value, made=made)


def _with_value(evaluator: Evaluator, arg: Arg, thunk: Thunk) -> Iterator[Arg]:
    """An argument, or the arguments that ``*VALUES`` or ``**OPTIONS`` expands to."""
    value = arg.value
    if isinstance(value, Name):
        found = thunk.env.find(value.id)
        constant = found.expr if isinstance(found, Thunk) else _bound(evaluator, value, thunk.scope)
        value = constant if isinstance(constant, _CONSTANTS) else value
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


def _bound(evaluator: Evaluator, name: Name, scope: Scope) -> Expr | None:
    """The expression that a name of the project is bound to; ``None`` for names of libraries."""
    names = evaluator.names
    if scope.in_function or names.source(scope.module).installed:
        return None
    with names.queries.unrecorded():
        if names.library(name, scope) is not None:
            return None
        entity = names.lookup(name, scope)
    return entity.expr if isinstance(entity, ValueEntity) else None
