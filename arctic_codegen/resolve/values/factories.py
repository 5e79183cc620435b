"""What does a call of a function with readable source return (R10)?

The function is not executed. Its ``return`` statements are evaluated with the arguments bound to
its parameters, and have to agree.
"""

from __future__ import annotations

from collections.abc import Sequence as Values
from typing import TYPE_CHECKING, Literal

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Attr, Call, Expr, LambdaExpr, Name, Str, Subscript
from arctic_codegen.resolve.entities import Scope, Unknown, ValueEntity
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import replacements
from arctic_codegen.resolve.values.arguments import bound_to, signature_of
from arctic_codegen.resolve.values.attributes import callable_of
from arctic_codegen.resolve.values.local_flow import in_body, local_names, results
from arctic_codegen.resolve.values.records import (
    Arguments,
    Const,
    External,
    Function,
    Given,
    Mapping,
    Other,
    Sequence,
    Value,
    describe,
)
from arctic_codegen.resolve.values.thunks import Names, Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_GIVEN: dict[Given, str] = {
    "awaitable": "a coroutine (from an 'async def')",
    "iterator": "an iterator (from a generator function)",
    "async iterator": "an iterator (from a generator function)",
}

_MOST_NESTED = 4
"""Maximum nested calls of one factory, ``every(2, every(3, fn))``; more count as recursion."""


def evaluate_call(evaluator: Evaluator, function: Function, args: Arguments, thunk: Thunk) -> Value:
    """The result of calling ``function``, where a callable is expected or a condition is tested."""
    value = _run(evaluator, function, args, thunk)
    if not isinstance(value, Unknown):
        return value
    is_near = value.place is not None and value.place.path == thunk.place.path
    if function.installed and not (value.missing or value.finding_code or is_near):
        value = Unknown(message("reasons", "result", call=function.name), thunk.place)
    return msgspec.structs.replace(value, elsewhere=_unread_result(thunk))


def _run(evaluator: Evaluator, function: Function, args: Arguments, thunk: Thunk) -> Value:
    code = function.code
    if code is None or function.code_scope is None:
        return _unread_result(thunk)
    if function.gives != "value":
        return Other(_GIVEN[function.gives], function.gives)
    names = _bind(evaluator, function, code, function.code_scope, args, thunk)
    if isinstance(names, Unknown):
        return names
    if sum(one is code for one in evaluator.running) >= _MOST_NESTED:
        return Unknown(message("reasons", "recursive", function=_name(code)), thunk.place)
    if not evaluator.running:
        evaluator.forks = 0
    evaluator.running.append(code)
    try:
        kept = _kept_by_annotation(evaluator, function, code, names)
        if kept is not None and kept.code is None:
            return kept
        place = in_body(evaluator, function, names, ("call", *thunk.identity))
        value = _agreed(evaluator, code, thunk, results(evaluator, code, place))
    finally:
        evaluator.running.pop()
    if kept is not None:
        # The signature is that of the argument; whether the result is awaited comes from the body.
        if not isinstance(value, Function):
            return new_object(kept, thunk)
        return value if value == kept else replacements.with_signature_of(evaluator, value, kept)
    match value:
        case Const(value=bool()):
            return value  # `if is_async(fn):`, with a function of the project
        case Const(value=None):
            return Other(f"None, which '{_name(code)}' returns")
        case Const() | Sequence() | Mapping():
            return _unread_result(thunk)
    return value


def _unread_result(thunk: Thunk) -> Unknown:
    return Unknown(message("reasons", "result", call=show(thunk.expr)), thunk.place)


def new_object(function: Function, thunk: Thunk) -> Function:
    """A new object returned by the call at ``thunk``, without a single known definition."""
    made = function.unwrapped().made_at(thunk.identity)
    return msgspec.structs.replace(made, inspectable=False)


def _agreed(
    evaluator: Evaluator, code: FunctionDecl | LambdaExpr, thunk: Thunk, values: Values[Value]
) -> Value:
    """The value common to all ``return`` statements, or the first if all signatures agree."""
    name = _name(code)
    for value in values:
        if isinstance(value, Unknown):
            return value.because(message("reasons", "result-because", call=name, reason=value.why))
    if len(values) == 1 or all(isinstance(value, Const) for value in values):
        return values[0]
    if all(isinstance(value, External | Other) and value == values[0] for value in values):
        return values[0]
    functions: list[Function] = []
    for value in values:
        seen = callable_of(evaluator, value, thunk)
        if isinstance(seen, Unknown):
            if Const(None) in values:
                return Unknown(message("reasons", "maybe-none", function=name), thunk.place)
            one, other = describe(values[0]), describe(values[1] if value is values[0] else value)
            why = message("reasons", "two-results", function=name, one=one, other=other)
            return Unknown(why, thunk.place)
        functions.append(seen)
    first = functions[0]
    if any(_signature_of(other) != _signature_of(first) for other in functions):
        return Unknown(message("AC414", "different-parameters", function=name), thunk.place)
    if all(other.identity == first.identity for other in functions):
        return values[0]
    own_form = next((one.own_form for one in functions if one.own_form is not None), None)
    return msgspec.structs.replace(new_object(first, thunk), own_form=own_form)


def _signature_of(function: Function) -> tuple[object, ...]:
    """The properties that two functions must share to be called in the same way."""
    params = function.params or ()
    shape = [(param.name, param.kind, param.default is not None) for param in params]
    return (shape, function.params is None, function.gives)


def _bind(
    evaluator: Evaluator,
    function: Function,
    code: FunctionDecl | LambdaExpr,
    standing: Scope,
    args: Arguments,
    thunk: Thunk,
) -> Names | Unknown:
    """The value of each parameter of ``code`` in this call."""
    given = Arguments((*function.bound, *args.items))
    try:
        bound = bound_to(signature_of(code.params), given, whole=args.problem is None)
    except TypeError as error:
        why = message("reasons", "wrong-arguments", function=_name(code), error=error)
        return args.problem or Unknown(why, thunk.place)
    names: Names = {}
    for param in code.params:
        value = bound.get(param.name)
        if param.kind == "var_positional":
            names[param.name] = thunk.holding(args.problem or Sequence("tuple", value or ()))
        elif param.kind == "var_keyword":
            names[param.name] = thunk.holding(args.problem or Mapping(value or {}))
        elif value is None and param.default is not None:
            place = evaluator.place(param.default.span, standing.module)
            names[param.name] = Thunk(param.default, standing, place, function.env)
        elif value is None and args.problem is not None:
            names[param.name] = thunk.holding(args.problem)
        else:
            names[param.name] = value
    return {**local_names(code), **names}


def _kept_by_annotation(
    evaluator: Evaluator,
    function: Function,
    code: FunctionDecl | LambdaExpr,
    names: Names,
) -> Function | None:
    """The argument whose signature a decorator preserves by its annotations: ``Callable[P, R]`` to
    ``Callable[P, S]``, or ``F`` to ``F``."""
    if not isinstance(code, FunctionDecl) or code.returns is None:
        return None
    wanted = _type_variable(code.returns)
    if wanted is None or not _is_declared(evaluator, *wanted, code, function):
        return None
    for param in code.params:
        if param.annotation is not None and _type_variable(param.annotation) == wanted:
            thunk = names.get(param.name)
            if not isinstance(thunk, Thunk):
                return None
            seen = callable_of(evaluator, evaluator.evaluate(thunk), thunk)
            return seen if isinstance(seen, Function) else None
    return None


def _type_variable(annotation: Expr) -> tuple[str, Literal["TypeVar", "ParamSpec"]] | None:
    if isinstance(annotation, Str) and annotation.quoted is not None:
        annotation = annotation.quoted
    match annotation:
        case Name(id=name):
            return (name, "TypeVar")
        case Subscript(value=Name() | Attr() as base, items=(Name(id=name), _)):
            if show(base).rpartition(".")[2] == "Callable":
                return (name, "ParamSpec")
    return None


def _is_declared(
    evaluator: Evaluator, name: str, kind: str, code: FunctionDecl, function: Function
) -> bool:
    assert function.code_scope is not None
    for frame in (code, *function.code_scope.frames):
        if any(param.name == name and param.kind == kind for param in frame.type_params):
            return True
    entity = evaluator.names.module_attribute(function.code_scope.module, name)
    expr = entity.expr if isinstance(entity, ValueEntity) else None
    return isinstance(expr, Call) and show(expr.func).rpartition(".")[2] == kind


def _name(code: FunctionDecl | LambdaExpr) -> str:
    return code.name if isinstance(code, FunctionDecl) else "the lambda"
