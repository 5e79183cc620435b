"""What is a function after its decorators are applied, and when are two the same (R7, R10, R16)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.model.expr import Attr, Call, Expr
from arctic_codegen.resolve.binder.free_names import free_names
from arctic_codegen.resolve.entities import FunctionEntity, LambdaEntity, Unknown
from arctic_codegen.resolve.names.identity import known_path
from arctic_codegen.resolve.names.lookup import circular
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import (
    calls,
    known_functions,
    replacements,
    wrappers,
)
from arctic_codegen.resolve.values.records import (
    Argument,
    Arguments,
    External,
    Function,
    Instance,
    Value,
)
from arctic_codegen.resolve.values.signature_preserving import PRESERVING
from arctic_codegen.resolve.values.thunks import EMPTY, Env, Thunk, place_identity

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


class Functions:
    """Creates :class:`Function` values, one for each ``def``."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._open: set[tuple[object, ...]] = set()

    def function(self, entity: FunctionEntity, env: Env) -> Value:
        """A ``def`` with its decorators applied; ``env`` is that of the enclosing call."""
        on_itself = Unknown(circular(entity.decl.qualname), entity.place)
        if not env.layers:
            self._evaluator.tick()
            value = self._evaluator.names.queries.get(
                ("function", entity.module, id(entity.decl)),
                lambda: self._decorated(entity, env),
                lambda: on_itself,
            )
            return _reached_as(value, entity)
        opened = (id(entity.decl), env.site)
        if opened in self._open:
            return on_itself
        self._open.add(opened)
        try:
            return self._decorated(entity, env)
        finally:
            self._open.discard(opened)

    def lambda_(self, entity: LambdaEntity, env: Env, indices: tuple[int, ...] = ()) -> Function:
        """A lambda at its place in the text."""
        expr = entity.expr
        closed = bool(env.site) or (
            # There are rarely any layers, and without them the lambda cannot close over a local.
            bool(env.layers) and any(env.find(name) is not None for name, _, _ in free_names(expr))
        )
        return Function(
            module=entity.module,
            qualname=entity.qualname,
            place=entity.place,
            installed=self._evaluator.loader.module(entity.module).installed,
            params=expr.params,
            scope=entity.scope,
            identity=place_identity(entity.module, expr.span, indices, env),
            lambda_body=expr.body,
            is_generator=expr.is_generator,
            code=expr,
            code_scope=entity.scope,
            env=env,
            reachable=entity.reachable,
            entity=None if closed else entity,
        )

    def _decorated(self, entity: FunctionEntity, env: Env) -> Value:
        decl = entity.decl
        position = (str(decl.span.line), str(decl.span.column))
        identity = ("function", entity.module, decl.qualname, *position, *env.site)
        reachable = None if env.site else entity.reachable
        value: Value = Function(
            module=entity.module,
            qualname=decl.qualname,
            place=entity.place,
            installed=self._evaluator.loader.module(entity.module).installed,
            params=decl.params,
            scope=entity.scope,
            identity=identity,
            definition=decl,
            returns=decl.returns,
            is_async=decl.is_async,
            is_generator=decl.is_generator,
            code=decl,
            code_scope=entity.scope,
            env=env,
            reachable=reachable,
        )
        for decorator in reversed(decl.decorators):
            place = msgspec.structs.replace(entity.place, span=decorator.span)
            thunk = Thunk(decorator, entity.scope, place, env)
            value = _applied(self._evaluator, thunk, value)
            if isinstance(value, Unknown):
                if value.finding_code in wrappers.OWN_CODES:
                    return value
                why = message(
                    "AC414", "decorated", decorator=show(decorator), reason=value.why
                ).with_help(remedy(self._evaluator, thunk))
                return Unknown(why, value.place or place)
            if isinstance(value, Function) and value.params is None and value.problem is not None:
                problem = value.problem
                if problem.help is None:
                    why = problem.why.with_help(remedy(self._evaluator, thunk))
                    problem = msgspec.structs.replace(problem, why=why)
                value = msgspec.structs.replace(value, problem=problem)
        if isinstance(value, Function) and value.wrappers:
            # The name of the ``def`` refers to the outermost object: the inner one has no name.
            value = msgspec.structs.replace(value, inner_reachable=None)
        if isinstance(value, (Function, Instance)):
            return msgspec.structs.replace(value, identity=identity, reachable=reachable)
        return value


def _reached_as(value: Value, entity: FunctionEntity) -> Value:
    """The function with the path of ``entity``: it may be reached under several paths."""
    if isinstance(value, (Function, Instance)) and value.reachable != entity.reachable:
        return msgspec.structs.replace(value, reachable=entity.reachable)
    return value


def remedy(evaluator: Evaluator, thunk: Thunk) -> Message | str:
    """How to fix a decorator at ``thunk`` whose effect cannot be determined."""
    target = thunk.expr.func if isinstance(thunk.expr, Call) else thunk.expr
    entity = evaluator.names.lookup(target, thunk.scope)
    if isinstance(entity, Unknown) and entity.missing:
        return entity.help or message("shared", "undefined-decorator", decorator=show(target))
    name = known_path(entity)
    if name is None and isinstance(target, Attr):
        holder = known_path(evaluator.names.lookup(target.value, thunk.scope))
        name = None if holder is None else f"{holder}.{target.attr}"
    listed = "its dotted name" if name is None else f'"{name}"'
    shown = show(thunk.expr)
    return message("shared", "signature-preserving", decorator=shown, listed=listed)


def _applied(evaluator: Evaluator, thunk: Thunk, target: Value) -> Value:
    """The result of applying the decorator at ``thunk`` to ``target``."""
    expr: Expr = thunk.expr
    if isinstance(expr, Attr) and expr.attr in ("setter", "getter", "deleter"):
        is_function = isinstance(target, Function)
        return msgspec.structs.replace(target, kind="property") if is_function else target
    name = evaluator.known(thunk, expr)
    is_ours = name in known_functions.OURS and not isinstance(expr, Call)
    if name is not None and (name in known_functions.KINDS or name in PRESERVING or is_ours):
        decorator: Value = External(name)
    else:
        decorator = evaluator.evaluate(thunk)
    given = Arguments((Argument(msgspec.structs.replace(thunk, value=target)),))
    made = calls.call(evaluator, decorator, given, thunk)
    if isinstance(decorator, External) or not isinstance(target, Function):
        return made
    return replacements.in_place_of(evaluator, made, target) if isinstance(made, Function) else made


def decorated(evaluator: Evaluator, function: FunctionEntity) -> Function | Unknown:
    """A ``def`` as its callers see it, after its decorators are applied (R7)."""
    value = evaluator.functions.function(function, EMPTY)
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Function):
        if value.params is None:
            return value.problem or Unknown(message("reasons", "unreadable-signature"))
        return value
    # An object of a class: whether it binds like a method is not determined.
    why = message("reasons", "not-a-function")
    for expr in reversed(function.decl.decorators):
        thunk = evaluator.thunk(expr, function.scope)
        if evaluator.known(thunk, expr) is None:
            return Unknown(why.with_help(remedy(evaluator, thunk)))
    return Unknown(why)
