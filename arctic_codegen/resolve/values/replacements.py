"""What do callers see of a function that a decorator returns in place of another one (R7)?

The replacement is the function that runs; the inner one is the function that it replaces, and whose
attributes ``functools.wraps`` copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import FunctionDecl, Return
from arctic_codegen.model.expr import (
    Call,
    Expr,
    Name,
    Param,
    is_none_literal,
)
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import FunctionEntity, Unknown, ValueEntity
from arctic_codegen.resolve.show import STARS, show
from arctic_codegen.resolve.values import known_functions
from arctic_codegen.resolve.values.local_flow import in_body, local_names, results
from arctic_codegen.resolve.values.records import Const, Function, Given, Other, Value, given_by
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_CONTEXTLIB = "contextlib"
"""Its functions pass their arguments to a generator, which runs when the context is entered."""


def with_signature_of(evaluator: Evaluator, replacement: Function, inner: Function) -> Function:
    """``replacement`` with the signature of ``inner``, and the kind of its own result."""
    keeps = replacement.module == _CONTEXTLIB or _is_of_framework(replacement)
    made = msgspec.structs.replace(
        inner,
        code=replacement.code,
        code_scope=replacement.code_scope,
        env=replacement.env,
        own_form=inner.own_form if keeps else own_form(evaluator, replacement, inner),
        identity=replacement.identity,
        bound=replacement.bound,
        inspectable=replacement.inspectable,
        reachable=replacement.reachable,
        entity=None,
        wrappers=(),
        conditions=(),
        inner_reachable=None,
        kind="function",
    )
    return made if keeps else _giving(evaluator, made, replacement, inner)


def _is_of_framework(replacement: Function) -> bool:
    """Whether it was created by a framework's own decorator, which compiled classes bypass."""
    maker = ClassId(replacement.module, replacement.qualname.partition(".")[0])
    return any(maker in framework.event_decorators for framework in FRAMEWORKS)


def in_place_of(evaluator: Evaluator, function: Function, inner: Function) -> Function:
    """The function that a decorator returns under the name of ``inner``, with whether its result
    must be awaited."""
    if function.definition is not function.code or function.gives != "value":
        return function
    return _giving(evaluator, function, function, inner)


def _giving(
    evaluator: Evaluator, made: Function, replacement: Function, inner: Function
) -> Function:
    given = gives(evaluator, replacement, inner)
    made = msgspec.structs.replace(
        made,
        is_async=given in ("awaitable", "async iterator"),
        is_generator=given in ("iterator", "async iterator"),
    )
    if given != "unknown":
        return made
    name = replacement.qualname.rpartition(".")[2]
    problem = Unknown(message("AC414", "maybe-coroutine", function=name), replacement.place)
    return made.unknowable(problem)


def gives(evaluator: Evaluator, replacement: Function, inner: Function) -> Given:
    """What a call of ``replacement``, which wraps ``inner``, returns. A ``return None`` beside
    other returns is ignored.

    The result is ``unknown`` only if the result of the inner function must be awaited.
    """
    code = replacement.code
    if code is None or replacement.code_scope is None:
        return replacement.gives
    own = given_by(isinstance(code, FunctionDecl) and code.is_async, code.is_generator)
    if own != "value":
        return own
    place = in_body(evaluator, replacement, local_names(code), replacement.env.site)
    if inner.gives != "value":
        values = results(evaluator, code, place)
        given = _common(values)
        return "value" if given == "unknown" and inner.gives != "awaitable" else given
    returned = (
        flat(code.body) if isinstance(code, FunctionDecl) else (Return(code.span, code.body),)
    )
    calls = (stmt.value for stmt in returned if isinstance(stmt, Return))
    found = {
        _of_plain_function(evaluator, place, call) for call in calls if not is_none_literal(call)
    }
    return found.pop() if len(found) == 1 else "value"


def _common(values: Sequence[Value]) -> Given:
    """The common kind of these values, some of which may have to be awaited."""
    found: set[Given] = set()
    for value in values:
        if isinstance(value, Other):
            found.add(value.given)
        elif value != Const(None):
            found.add("unknown" if isinstance(value, Unknown) else "value")
    return "unknown" if len(found) > 1 else found.pop() if found else "value"


def _of_plain_function(evaluator: Evaluator, place: Thunk, expr: Expr | None) -> Given:
    """What a replacement of a synchronous function returns; libraries are not read for this."""
    if isinstance(expr, Name):
        entity = evaluator.names.lookup(expr, place.scope)
        expr = entity.expr if isinstance(entity, ValueEntity) else None
    if not isinstance(expr, Call):
        return "value"
    if evaluator.known(place, expr.func) in known_functions.AWAITABLES:
        return "awaitable"
    called = evaluator.names.lookup(expr.func, place.scope)
    if not isinstance(called, FunctionEntity) or called.module != place.scope.module:
        return "value"
    made = evaluator.evaluate(place.child(expr))
    return made.given if isinstance(made, Other) else "value"


def own_form(
    evaluator: Evaluator, replacement: Function, inner: Function
) -> tuple[Param, ...] | None:
    """The replacement's own parameters, if callers must match these.

    ``None`` if it passes on all its arguments: then the parameters of the inner function are
    equivalent, with their names, types and defaults.
    """
    code, params = replacement.code, inner.params
    if code is None or params is None or replacement.code_scope is None or replacement.bound:
        return inner.own_form
    if isinstance(code, FunctionDecl):
        calls = code.forwards
    else:
        calls = (code.body,) if isinstance(code.body, Call) else None
    if not any(param.kind in STARS for param in code.params):
        return inner.own_form if _same(code.params, params) else _typed(code.params, params)
    if calls is None or not _takes_all(code.params, params):
        return _typed(code.params, params)
    place = in_body(evaluator, replacement, local_names(code), replacement.env.site)
    for call in calls:
        called = evaluator.evaluate(place.child(call.func))
        is_inner = isinstance(called, Function) and called.identity == inner.identity
        if not (is_inner and _hands_on(call, code.params)):
            return _typed(code.params, params)
    return inner.own_form


def _positional(params: tuple[Param, ...]) -> list[Param]:
    return [param for param in params if param.kind in ("positional_only", "normal")]


def _shape(param: Param) -> tuple[object, ...]:
    default = None if param.default is None else show(param.default)
    return (param.name, param.kind, default)


def _same(own: tuple[Param, ...], params: tuple[Param, ...]) -> bool:
    """Whether both accept the same arguments, ignoring the name of ``self``."""
    return list(map(_shape, own[1:])) == list(map(_shape, params[1:])) and len(own) == len(params)


def _takes_all(own: tuple[Param, ...], params: tuple[Param, ...]) -> bool:
    """Whether a replacement with ``*args`` or ``**kwargs`` accepts every call of the inner
    function, and its parameters before them match those of the inner function."""
    mine, theirs = _positional(own), _positional(params)
    has = {param.kind for param in own}
    wants = {param.kind for param in params}
    for index, (one, other) in enumerate(zip(mine, theirs, strict=False)):
        if one.default is not None or other.default is not None:
            return False
        if index and one.name != other.name:
            return False
    if len(theirs) > len(mine):
        wants.add("var_positional")
    if len(mine) > len(theirs) or "keyword_only" in has:
        return False
    if "var_positional" in wants and "var_positional" not in has:
        return False
    return "var_keyword" in has or wants.isdisjoint({"keyword_only", "var_keyword"})


def _hands_on(call: Call, own: tuple[Param, ...]) -> bool:
    """``fn(self, *args, **kwargs)``: all parameters in order, and nothing else."""
    wanted = [param.name for param in _positional(own)]
    wanted += [STARS[param.kind] + param.name for param in own if param.kind in STARS]
    return wanted == [
        arg.star + arg.value.id if isinstance(arg.value, Name) and arg.keyword is None else None
        for arg in call.args
    ]


def _typed(own: tuple[Param, ...], params: tuple[Param, ...]) -> tuple[Param, ...]:
    """The replacement's parameters, with the types of equally named ones of the inner function."""
    types = {param.name: param.annotation for param in params}
    return tuple(
        msgspec.structs.replace(
            param, annotation=None if param.kind.startswith("var_") else types.get(param.name)
        )
        for param in own
    )
