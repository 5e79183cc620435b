"""What a wrapper gives its callers, and what it does with the arguments that they give it (R7).

The wrapper is the function that runs, and the wrapped one is what ``functools.wraps`` makes it look
like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import Assign, FunctionDecl, Return
from arctic_codegen.model.expr import (
    Arg,
    Attr,
    Call,
    Expr,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Param,
)
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.resolve.binder.bindings import local_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import known
from arctic_codegen.resolve.values.records import (
    Class,
    Env,
    Function,
    Given,
    Layer,
    Other,
    Thunk,
    Value,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_RUNS = frozenset({"run_until_complete", "run", "run_sync", "result"})
"""Methods that wait for a coroutine or future, whatever the object is that has them."""
_CONTEXTLIB = "contextlib"
"""Its wrappers hand their arguments on to a generator, which runs when the context is entered."""
_SCHEDULES = frozenset({"create_task", "ensure_future"})


def wrapped(evaluator: Evaluator, wrapper: Function, inner: Function) -> Function:
    """``inner`` as callers of ``wrapper`` see it: its signature, and what a call of that gives."""
    keeps = wrapper.module == _CONTEXTLIB or _is_of_framework(wrapper)
    given = inner.gives if keeps else gives(evaluator, wrapper, inner)
    made = msgspec.structs.replace(
        inner,
        code=wrapper.code,
        code_scope=wrapper.code_scope,
        env=wrapper.env,
        own_form=inner.own_form if keeps else own_form(evaluator, wrapper, inner),
    )
    return _giving(made, given, wrapper)


def _is_of_framework(wrapper: Function) -> bool:
    """Whether it is ArcticTraining's own, which steps aside for compiled classes."""
    maker = ClassId(wrapper.module, wrapper.qualname.partition(".")[0])
    return any(maker in framework.wrappers for framework in FRAMEWORKS)


def replacing(evaluator: Evaluator, function: Function, inner: Function) -> Function:
    """A function that a decorator gives in the place of ``inner``, under its own name: whether it
    is to be awaited."""
    if function.definition is not function.code or function.is_async or function.is_generator:
        return function
    return _giving(function, gives(evaluator, function, inner), function)


def _giving(function: Function, given: Given, wrapper: Function) -> Function:
    made = msgspec.structs.replace(
        function,
        is_async=given in ("awaitable", "async iterator"),
        is_generator=given in ("iterator", "async iterator"),
    )
    if given != "unknown":
        return made
    name = wrapper.qualname.rpartition(".")[2]
    problem = Unknown(
        f"whether the wrapper '{name}' gives a coroutine cannot be determined statically",
        wrapper.place,
        code="AC414",
        hint=f"write '{name}' as an 'async def' that awaits the function, or return what the "
        "function gives itself",
    )
    return made.unknowable(problem)


def gives(evaluator: Evaluator, wrapper: Function, inner: Function | None = None) -> Given:
    """What a call of ``wrapper`` gives; ``inner`` is the function that it wraps, if it is known.

    It is ``unknown`` only where the inner function is to be awaited.
    """
    code = wrapper.code
    if code is None or wrapper.code_scope is None:
        return wrapper.gives
    if isinstance(code, FunctionDecl) and (code.is_async or code.is_generator):
        if code.is_generator:
            return "async iterator" if code.is_async else "iterator"
        return "awaitable"
    if isinstance(code, LambdaExpr):
        return (
            "iterator" if code.is_generator else _Reader(evaluator, wrapper, inner).of([code.body])
        )
    returned = [stmt.value for stmt in flat(code.body) if isinstance(stmt, Return)]
    return _Reader(evaluator, wrapper, inner).of([value for value in returned if value is not None])


def own_form(evaluator: Evaluator, wrapper: Function, inner: Function) -> tuple[Param, ...] | None:
    """The wrapper's own parameters, where callers have to give their arguments to these.

    ``None`` where it hands on what it is given: then those of the inner function are as good, with
    their names, types and defaults.
    """
    code, params = wrapper.code, inner.params
    if code is None or params is None or wrapper.code_scope is None or wrapper.bound:
        return inner.own_form
    if isinstance(code, FunctionDecl):
        calls = code.forwards
    else:
        calls = (code.body,) if isinstance(code.body, Call) else None
    stars = [param for param in code.params if param.kind in ("var_positional", "var_keyword")]
    if not stars:
        return inner.own_form if _same(code.params, params) else _typed(code.params, params)
    reader = _Reader(evaluator, wrapper, inner)
    if (
        calls is not None
        and _takes_all(code.params, params)
        and all(_hands_on(call, code.params) and reader.calls_inner(call) for call in calls)
    ):
        return inner.own_form
    return _typed(code.params, params)


class _Reader:
    """Looks at expressions in a wrapper's body."""

    def __init__(self, evaluator: Evaluator, wrapper: Function, inner: Function | None) -> None:
        assert wrapper.code is not None
        assert wrapper.code_scope is not None
        code, standing = wrapper.code, wrapper.code_scope
        self._evaluator = evaluator
        self._code = code
        self._inner = inner
        names = {param.name for param in code.params}
        scope, depth = standing, 0
        if isinstance(code, FunctionDecl):
            names |= local_names(code)
            scope = standing.inside(code)
            depth = len(standing.frames) + 1
            evaluator.names.look_into(scope)
        self._own = names
        env = Env((*wrapper.env.layers, Layer(depth, dict.fromkeys(names))), wrapper.env.site)
        self._thunk = Thunk(Name(code.span, ""), scope, wrapper.place, env)
        self._open: set[str] = set()

    def of(self, values: list[Expr]) -> Given:
        """What all of these have in common; a plain ``None`` beside others does not count."""
        found = {self._gives(value) for value in values if not _is_none(value)}
        if not found:
            return "value"
        if len(found) == 1:
            return found.pop()
        if self._inner is None or not self._awaited:
            return "value"
        return "unknown"

    @property
    def _awaited(self) -> bool:
        return self._inner is not None and self._inner.gives == "awaitable"

    def calls_inner(self, call: Expr) -> bool:
        """Whether a call is one of the inner function itself."""
        return isinstance(call, Call) and self._is_inner(self._looked(call.func))

    def _looked(self, expr: Expr) -> Value:
        return self._evaluator.evaluate(self._at(expr))

    def _at(self, expr: Expr) -> Thunk:
        return self._thunk.child(expr)

    def _is_inner(self, value: Value) -> bool:
        if self._inner is None or not isinstance(value, Function):
            return False
        return value.identity == self._inner.identity and not value.bound

    def _gives(self, expr: Expr) -> Given:
        match expr:
            case IfExp():
                return self.of([expr.body, expr.orelse])
            case Name(id=name) if name not in self._open:
                assigned = self._assigned(name)
                if not assigned:
                    return "value"
                self._open.add(name)
                try:
                    return self.of(assigned)
                finally:
                    self._open.discard(name)
            case Call():
                return self._call(expr)
        return "value"

    def _assigned(self, name: str) -> list[Expr]:
        """What a local name is bound to."""
        if not isinstance(self._code, FunctionDecl):
            return []
        return [
            stmt.value
            for stmt in flat(self._code.body)
            if isinstance(stmt, Assign) and stmt.value is not None
            for target in stmt.targets
            if isinstance(target, Name) and target.id == name
        ]

    def _call(self, call: Call) -> Given:
        name = self._evaluator.known(self._at(call), call.func)
        if name in known.RUNNERS:
            return "value"
        if name in known.AWAITABLES:
            return "awaitable"
        if name in known.CAST and len(call.args) > 1:
            return self._gives(call.args[1].value)
        if not self._is_near(call.func) and not self._awaited:
            return "value"  # a library need not be read for it
        value = self._looked(call.func)
        if isinstance(value, Function):
            return self._of_function(value, call)
        if isinstance(value, Class):
            return "value"
        root = call.func
        while isinstance(root, Attr | Call):
            root = root.value if isinstance(root, Attr) else root.func
        if root is not call.func and self._is_inner(self._looked(root)):
            return "value" if self._inner is None else self._inner.gives
        if isinstance(call.func, Attr) and call.func.attr in _RUNS:
            return "value"
        if isinstance(call.func, Attr) and call.func.attr in _SCHEDULES:
            return "awaitable"
        return "unknown" if self._awaited else "value"

    def _of_function(self, function: Function, call: Call) -> Given:
        given = function.gives
        if given != "value" or self._is_inner(function) or function.code is None:
            return given
        made = self._looked(call)
        if isinstance(made, Other) and made.given is not None:
            return made.given
        if not self._awaited or not isinstance(made, Unknown):
            return "value"
        return "value" if _waits(self._evaluator, function) else "unknown"

    def waits(self, expr: Expr | None) -> bool:
        """Whether an expression runs a coroutine to its end."""
        if isinstance(expr, Name):
            values = [] if expr.id in self._open else self._assigned(expr.id)
            self._open.add(expr.id)
            return bool(values) and all(map(self.waits, values))
        if not isinstance(expr, Call):
            return False
        if self._evaluator.known(self._at(expr), expr.func) in known.RUNNERS:
            return True
        return isinstance(expr.func, Attr) and expr.func.attr in _RUNS

    def _is_near(self, func: Expr) -> bool:
        """Whether a name means something of the wrapper's own, or of its decorator's."""
        if not isinstance(func, Name):
            return False
        if func.id in self._own or self._thunk.env.find(func.id) is not None:
            return True
        decls = self._evaluator.loader.module(self._thunk.scope.module).decls
        return decls is not None and any(
            isinstance(stmt, FunctionDecl) and stmt.name == func.id for stmt in decls.body
        )


def _waits(evaluator: Evaluator, function: Function) -> bool:
    """Whether all that a plain function gives is what a coroutine that it runs gives."""
    if not isinstance(function.code, FunctionDecl) or function.code_scope is None:
        return False
    returned = [stmt.value for stmt in flat(function.code.body) if isinstance(stmt, Return)]
    return bool(returned) and all(map(_Reader(evaluator, function, None).waits, returned))


def _is_none(expr: Expr) -> bool:
    return isinstance(expr, Literal_) and expr.kind == "none"


def _positional(params: tuple[Param, ...]) -> list[Param]:
    return [param for param in params if param.kind in ("positional_only", "normal")]


def _shape(param: Param) -> tuple[object, ...]:
    default = None if param.default is None else show(param.default)
    return (param.name, param.kind, default)


def _same(own: tuple[Param, ...], params: tuple[Param, ...]) -> bool:
    """Whether callers may give the same, the name of the object aside."""
    return list(map(_shape, own[1:])) == list(map(_shape, params[1:])) and len(own) == len(params)


def _takes_all(own: tuple[Param, ...], params: tuple[Param, ...]) -> bool:
    """Whether a wrapper with ``*args`` or ``**kwargs`` can be given what the inner function takes,
    in the inner function's form, and sees no difference in its parameters before them."""
    mine, theirs = _positional(own), _positional(params)
    kinds = {param.kind for param in own}
    if any(param.kind == "keyword_only" for param in own):
        return False
    if len(mine) > len(theirs):
        return False
    for index, (one, other) in enumerate(zip(mine, theirs, strict=False)):
        if one.default is not None or other.default is not None:
            return False
        if index and one.name != other.name:
            return False
    wants_args = len(theirs) > len(mine) or any(p.kind == "var_positional" for p in params)
    wants_kwargs = any(p.kind in ("keyword_only", "var_keyword") for p in params)
    return ("var_positional" in kinds or not wants_args) and (
        "var_keyword" in kinds or not wants_kwargs
    )


def _hands_on(call: Expr, own: tuple[Param, ...]) -> bool:
    """``fn(self, *args, **kwargs)``: all parameters in their order, and nothing else."""
    if not isinstance(call, Call):
        return False
    given = [_spelled(arg) for arg in call.args]
    wanted = [param.name for param in _positional(own)]
    stars = {"var_positional": "*", "var_keyword": "**"}
    wanted += [stars[param.kind] + param.name for param in own if param.kind in stars]
    return given == wanted


def _spelled(arg: Arg) -> str | None:
    if arg.keyword is not None or not isinstance(arg.value, Name):
        return None
    return arg.star + arg.value.id


def _typed(own: tuple[Param, ...], params: tuple[Param, ...]) -> tuple[Param, ...]:
    """The wrapper's parameters, with the types that the inner function gives to those of a name."""
    types = {param.name: param.annotation for param in params}
    return tuple(
        msgspec.structs.replace(
            param, annotation=None if param.kind.startswith("var_") else types.get(param.name)
        )
        for param in own
    )
