"""What a call of a function in the text gives: an inner function, a lambda, an object (R10).

The function is not executed. Its ``return`` statements are looked at with its parameters standing
for the arguments, and have to agree.
"""

from __future__ import annotations

from collections.abc import Sequence as Values
from typing import TYPE_CHECKING, Literal

import msgspec

from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import (
    Attr,
    Call,
    Expr,
    IfExp,
    LambdaExpr,
    Name,
    Str,
    Subscript,
)
from arctic_codegen.resolve.binder.bindings import local_names
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import operators, wrappers, wrapping
from arctic_codegen.resolve.values.comprehensions import inner_scope
from arctic_codegen.resolve.values.local_flow import LocalFlow
from arctic_codegen.resolve.values.records import (
    Arguments,
    Const,
    Env,
    Function,
    Layer,
    Mapping,
    Other,
    Sequence,
    Thunk,
    Undecided,
    Value,
    describe,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


def run(evaluator: Evaluator, function: Function, args: Arguments, thunk: Thunk) -> Value:
    """What calling ``function`` gives."""
    code = function.code
    if code is None or function.code_scope is None:
        return Undecided(f"what '{show(thunk.expr)}' gives cannot be read", thunk.place)
    if function.is_generator and _is_generator(code):
        is_async = isinstance(code, FunctionDecl) and code.is_async
        given: Literal["iterator", "async iterator"] = "async iterator" if is_async else "iterator"
        return Other("an iterator, as a generator function gives one", given)
    if isinstance(code, FunctionDecl) and code.is_async:
        return Other("a coroutine, as an 'async def' gives one", "awaitable")
    site = thunk.identity
    layer = _bind(evaluator, function, code, function.code_scope, args, thunk)
    if isinstance(layer, Undecided):
        return layer
    env = Env((*function.env.layers, layer), ("call", *site))
    if sum(one is code for one in evaluator.running) > 1:
        return Undecided(f"'{_name(code)}' calls itself", thunk.place)
    evaluator.running.append(code)
    try:
        return _given(evaluator, function, code, layer, env, thunk)
    finally:
        evaluator.running.pop()


def _given(
    evaluator: Evaluator,
    function: Function,
    code: FunctionDecl | LambdaExpr,
    layer: Layer,
    env: Env,
    thunk: Thunk,
) -> Value:
    kept = _kept_by_annotation(evaluator, function, code, layer)
    if kept is not None:
        value = kept if kept.code is None else _keeping(evaluator, kept, code, function, env, thunk)
    else:
        value = _result(evaluator, code, function, env, thunk)
    if isinstance(value, (Const, Sequence, Mapping)):
        if isinstance(value, Const) and value.value is None:
            return Other(f"None, which '{_name(code)}' returns")
        if isinstance(value, Const) and isinstance(value.value, bool):
            return value  # `if is_async(fn):`, with a function of the project's own
        return Undecided("the result of a call is not read", thunk.place)
    return value


def _keeping(
    evaluator: Evaluator,
    kept: Function,
    code: FunctionDecl | LambdaExpr,
    function: Function,
    env: Env,
    thunk: Thunk,
) -> Value:
    """The signature is that of the argument; whether the result is awaited is read."""
    value = _result(evaluator, code, function, env, thunk)
    identity = thunk.identity
    if isinstance(value, Function):
        return msgspec.structs.replace(
            wrapping.wrapped(evaluator, value, kept),
            identity=value.identity,
            inspectable=value.inspectable,
            reachable=value.reachable,
            lambda_=value.lambda_,
            wrappers=value.wrappers,
            inner_reachable=value.inner_reachable,
        )
    made = msgspec.structs.replace(
        kept, identity=identity, reachable=None, lambda_=None, inspectable=False
    )
    return wrappers.without_wrappers(made)


def _result(
    evaluator: Evaluator,
    code: FunctionDecl | LambdaExpr,
    function: Function,
    env: Env,
    thunk: Thunk,
) -> Value:
    assert function.code_scope is not None
    standing = function.code_scope
    module = standing.module
    path = evaluator.place(code.span, module)
    if isinstance(code, LambdaExpr):
        place = msgspec.structs.replace(path, span=code.body.span)
        return evaluator.evaluate(
            Thunk(code.body, inner_scope(standing), place, env, "<lambda>.<locals>.")
        )
    scope = Scope(module, (*standing.frames, code))
    evaluator.names.look_into(scope)
    evaluator.tick(len(code.body))
    found: list[Value] = []
    qualname = f"{code.qualname}.<locals>."
    inside = Thunk(Name(code.span, code.name), scope, path, env, qualname)
    flow = LocalFlow(
        evaluator, code, inside, lambda values: _agreed(evaluator, values, code, thunk)
    )
    for returned in flow.exits:
        found.extend(_ways(evaluator, returned.thunk))
    if (code.falls_through and flow.falls_through) or not found:
        found.append(Const(None))
    return _agreed(evaluator, found, code, thunk)


def _ways(evaluator: Evaluator, thunk: Thunk | None) -> list[Value]:
    """What a ``return`` may give: both sides of a condition that the arguments do not decide."""
    if thunk is None:
        return [Const(None)]
    expr = thunk.expr
    if isinstance(expr, IfExp):
        test = thunk.child(expr.test)
        if isinstance(operators.truth(evaluator, test), Undecided):
            sides = (thunk.child(expr.body), thunk.child(expr.orelse))
            return [value for side in sides for value in _ways(evaluator, side)]
    return [evaluator.evaluate(thunk)]


def _agreed(
    evaluator: Evaluator, values: Values[Value], code: FunctionDecl | LambdaExpr, thunk: Thunk
) -> Value:
    """The one value that every ``return`` gives, or the first of those with one signature."""
    name = _name(code)
    for value in values:
        if isinstance(value, Undecided):
            return msgspec.structs.replace(
                value, reason=f"what '{name}' returns is not decided: {value.reason}"
            )
    if len(values) == 1:
        return values[0]
    if all(isinstance(value, Const) for value in values):
        return values[0]
    functions: list[Function] = []
    for value in values:
        seen = evaluator.callable_of(value, thunk)
        if isinstance(seen, Undecided):
            if isinstance(value, Const) and value.value is None:
                return Undecided(f"'{name}' may return None", thunk.place)
            return Undecided(
                f"'{name}' returns {describe(values[0])} or {describe(value)}", thunk.place
            )
        functions.append(seen)
    first = functions[0]
    if any(signature_of(other) != signature_of(first) for other in functions):
        return Undecided(
            f"'{name}' returns functions with different parameters", thunk.place, code="AC414"
        )
    if all(other.identity == first.identity for other in functions):
        return values[0]
    identity = thunk.identity
    made = msgspec.structs.replace(
        _same_definition(functions),
        identity=identity,
        reachable=None,
        lambda_=None,
        inspectable=False,
    )
    return wrappers.without_wrappers(made)


def _same_definition(functions: list[Function]) -> Function:
    """One of them that stands for all; what only one of them states is left out."""
    own_form = next((one.own_form for one in functions if one.own_form is not None), None)
    first = msgspec.structs.replace(functions[0], own_form=own_form)
    if all(other.definition is first.definition for other in functions):
        return first
    return msgspec.structs.replace(first, entity=None)


def signature_of(function: Function) -> tuple[object, ...]:
    """What a call of it has to look like."""
    params = function.params
    shape = (
        None
        if params is None
        else tuple((param.name, param.kind, param.default is not None) for param in params)
    )
    return (shape, function.is_async, function.is_generator)


def _bind(
    evaluator: Evaluator,
    function: Function,
    code: FunctionDecl | LambdaExpr,
    standing: Scope,
    args: Arguments,
    thunk: Thunk,
) -> Layer | Undecided:
    """What each parameter of ``code`` stands for in this call."""
    given = (*function.bound, *args.items)
    positional = [item.thunk for item in given if item.keyword is None]
    by_name = {item.keyword: item.thunk for item in given if item.keyword is not None}
    names: dict[str, Thunk | None] = {}
    for param in code.params:
        if param.kind == "var_positional":
            names[param.name] = thunk.holding(Sequence("tuple", tuple(positional)))
            positional = []
        elif param.kind == "var_keyword":
            pairs = tuple((thunk.holding(Const(name)), value) for name, value in by_name.items())
            names[param.name] = thunk.holding(Mapping(pairs))
            by_name = {}
        elif param.kind != "keyword_only" and positional:
            names[param.name] = positional.pop(0)
        elif param.kind != "positional_only" and param.name in by_name:
            names[param.name] = by_name.pop(param.name)
        elif param.default is not None:
            place = msgspec.structs.replace(
                evaluator.place(code.span, standing.module), span=param.default.span
            )
            names[param.name] = Thunk(param.default, standing, place, function.env)
        elif args.problem is not None:
            names[param.name] = thunk.holding(args.problem)
        else:
            return Undecided(f"'{_name(code)}' needs an argument for '{param.name}'", thunk.place)
        if args.problem is not None and param.kind in ("var_positional", "var_keyword"):
            names[param.name] = thunk.holding(args.problem)
    if args.problem is None and (by_name or positional):
        problem = f"no parameter '{next(iter(by_name))}'" if by_name else "fewer parameters"
        return Undecided(f"'{_name(code)}' has {problem}", thunk.place)
    if isinstance(code, LambdaExpr):
        return Layer(0, names)
    for name in local_names(code).difference(names):
        # A name that the body binds hides an outer one; what it means has to be looked up.
        names[name] = None
    return Layer(len(standing.frames) + 1, names)


def _kept_by_annotation(
    evaluator: Evaluator, function: Function, code: FunctionDecl | LambdaExpr, layer: Layer
) -> Function | None:
    """The argument whose signature a decorator states to keep: ``Callable[P, R]`` to
    ``Callable[P, S]``, or ``F`` to ``F``."""
    if not isinstance(code, FunctionDecl) or code.returns is None:
        return None
    wanted = _type_variable(code.returns)
    if wanted is None:
        return None
    name, kind = wanted
    if not _is_declared(evaluator, name, kind, code, function):
        return None
    for param in code.params:
        if param.annotation is not None and _type_variable(param.annotation) == wanted:
            thunk = layer.names.get(param.name)
            if thunk is None:
                return None
            seen = evaluator.callable_of(evaluator.evaluate(thunk), thunk)
            return seen if isinstance(seen, Function) else None
    return None


def _type_variable(annotation: Expr) -> tuple[str, Literal["TypeVar", "ParamSpec"]] | None:
    if isinstance(annotation, Str) and annotation.quoted is not None:
        annotation = annotation.quoted
    if isinstance(annotation, Name):
        return (annotation.id, "TypeVar")
    if (
        isinstance(annotation, Subscript)
        and isinstance(annotation.value, (Name, Attr))
        and show(annotation.value).rpartition(".")[2] == "Callable"
        and len(annotation.items) == 2
        and isinstance(annotation.items[0], Name)
    ):
        return (annotation.items[0].id, "ParamSpec")
    return None


def _is_declared(
    evaluator: Evaluator, name: str, kind: str, code: FunctionDecl, function: Function
) -> bool:
    assert function.code_scope is not None
    frames = [code, *(f for f in function.code_scope.frames if isinstance(f, FunctionDecl))]
    for frame in frames:
        if any(param.name == name and param.kind == kind for param in frame.type_params):
            return True
    entity = evaluator.names.module_attribute(function.code_scope.module, name)
    expr = getattr(entity, "expr", None)
    return isinstance(expr, Call) and show(expr.func).rpartition(".")[2] == kind


def _is_generator(code: FunctionDecl | LambdaExpr) -> bool:
    return code.is_generator


def _name(code: FunctionDecl | LambdaExpr) -> str:
    return code.name if isinstance(code, FunctionDecl) else "the lambda"
