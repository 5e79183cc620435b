"""Callables as entries give them, and the signature that callers of a ``def`` see (R7, R10)."""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Expr, Param
from arctic_codegen.resolve.entities import FunctionEntity, Scope
from arctic_codegen.resolve.interfaces import CallableValue
from arctic_codegen.resolve.values.evaluator import Evaluator
from arctic_codegen.resolve.values.functions import remedy
from arctic_codegen.resolve.values.records import (
    EMPTY,
    Function,
    Thunk,
    Undecided,
)
from arctic_codegen.resolve.values.told import told


def callable_value(evaluator: Evaluator, thunk: Thunk) -> CallableValue | Finding:
    """A callable seen through to its innermost definition, or why it is none."""
    value = evaluator.evaluate(thunk)
    function = evaluator.callable_of(value, thunk)
    if isinstance(function, Undecided):
        return told("AC207", thunk, function)
    if function.params is None:
        problem = function.problem or Undecided("it cannot be read")
        return told("AC414", thunk, msgspec.structs.replace(problem, code="AC414"))
    return CallableValue(
        name=f"{function.module}.{function.qualname}",
        place=function.place,
        installed=evaluator.loader.module(function.module).installed,
        params=function.params,
        definition=function.definition,
        lambda_body=function.lambda_body,
        returns=function.returns,
        is_async=function.is_async,
        is_generator=function.is_generator,
        scope=function.scope,
        identity=function.identity,
        reachable=function.reachable,
        entity=function.lambda_,
        wrappers=function.wrappers,
        made=function.made,
        inner_reachable=function.inner_reachable if function.wrappers else None,
        binds=isinstance(value, Function) and value.kind == "function" and not value.is_object,
    )


class Decorated(msgspec.Struct, frozen=True):
    """The signature that callers of a ``def`` see, its decorators applied (R7).

    Where ``known`` is false, ``reason`` is a clause that says why. ``definition``, ``place`` and
    ``scope`` are those of the ``def`` that states the signature; ``entity`` is that ``def``, where
    its parameters are the callers' as they stand.
    """

    known: bool
    reason: str = ""
    hint: str | None = None
    params: tuple[Param, ...] = ()
    returns: Expr | None = None
    is_async: bool = False
    is_generator: bool = False
    definition: FunctionDecl | None = None
    place: Place | None = None
    scope: Scope | None = None
    entity: FunctionEntity | None = None
    looks_plain: bool = False
    """It is to be awaited, and neither it nor what it wraps is an ``async def``."""
    hidden: tuple[str, ...] = ()
    """Parameters of the ``def`` that a wrapper hides which looks at its arguments."""


def decorated(evaluator: Evaluator, function: FunctionEntity) -> Decorated:
    """What callers of ``function`` see."""
    value = evaluator.function(function, EMPTY)
    if isinstance(value, Undecided):
        return Decorated(False, value.reason, value.hint)
    if not isinstance(value, Function):
        # An object of a class: whether it is bound to the object like a method is not decided.
        reason = "a decorator makes an object of it that is no function"
        for expr in reversed(function.decl.decorators):
            thunk = evaluator.thunk(expr, function.scope)
            if evaluator.known(thunk, expr) is None:
                return Decorated(False, reason, remedy(evaluator, thunk))
        return Decorated(False, reason)
    if value.params is None:
        problem = value.problem or Undecided("it cannot be read")
        return Decorated(False, problem.reason, problem.hint)
    own = value.own_form
    names = () if own is None else tuple(param.name for param in own)
    return Decorated(
        True,
        params=value.params if own is None else own,
        hidden=()
        if own is None
        else tuple(param.name for param in value.params if param.name not in names),
        returns=value.returns,
        looks_plain=value.is_async
        and not any(getattr(one, "is_async", False) for one in (value.code, value.definition)),
        is_async=value.is_async,
        is_generator=value.is_generator,
        definition=value.definition,
        place=value.place,
        scope=value.scope,
        entity=value.entity,
    )
