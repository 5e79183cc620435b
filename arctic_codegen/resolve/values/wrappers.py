"""What stands around a callback: which wrappers of ours (R47, R56)?"""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, cast

import msgspec

from arctic_codegen.model.hosts import Condition, FunctionReach, Wrapper, WrapperKind
from arctic_codegen.resolve.entities import LambdaEntity, Unknown
from arctic_codegen.resolve.names.constant_folding import NotConstant, plain
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import attributes
from arctic_codegen.resolve.values.lifting import lifted_condition
from arctic_codegen.resolve.values.records import (
    Arguments,
    Const,
    External,
    Function,
    Thunk,
    Value,
    describe,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


OWN_CODES = ("AC704", "AC705", "AC706")
"""What is wrong with a wrapper is said as such, wherever it stands."""
_FIRST = {"every": ("n", "a number"), "when": ("condition", "a condition")}
_FIRST["unless"] = _FIRST["when"]
"""The parameter before the callback, and what it is."""


def wrap(evaluator: Evaluator, name: str, args: Arguments, thunk: Thunk) -> Value:
    """What a call of the wrapper of that dotted name gives, where ``thunk`` holds the call."""
    kind = cast("WrapperKind", name.rpartition(".")[2])
    if args.problem is not None:
        return args.problem
    first, what = _FIRST.get(kind, ("", ""))
    names = [first, "fn"] if first else ["fn"]
    positional, given = args.positional, args.named
    by = given.pop("by", None) if kind == "every" else None
    twice = [one for one in names[: len(positional)] if one in given]
    if len(positional) > len(names) or twice or given.keys() - set(names):
        taken = f"{what} and a callback" if first else "one callback"
        return Unknown(f"'{kind}' takes {taken}", thunk.place, code="AC215")
    given.update(zip(names, positional, strict=False))
    wrapper: Wrapper | Unknown = Wrapper(kind)
    condition: Function | None = None
    if first and first not in given:
        code = "AC704" if kind == "every" else "AC706"
        return Unknown(f"'{kind}' is given no {what[2:]}", thunk.place, code=code)
    if kind == "every":
        number = _number(evaluator, given["n"])
        wrapper = number if isinstance(number, Unknown) else _counting(evaluator, number, by)
    elif first:
        wrapper, condition = _asking(evaluator, kind, given[first])
    if isinstance(wrapper, Unknown):
        return wrapper
    if "fn" in given:
        return put_around(evaluator, wrapper, condition, given["fn"], thunk)
    if first:
        return External(name, wrapper=wrapper, condition=condition)
    return Unknown(f"'{kind}' is given no callback", thunk.place, code="AC215")


def put_around(
    evaluator: Evaluator,
    wrapper: Wrapper,
    condition: Function | None,
    target: Thunk,
    thunk: Thunk,
) -> Value:
    """The callable at ``target`` with a wrapper around it, which is made at ``thunk``."""
    function = attributes.callable_of(evaluator, evaluator.evaluate(target), target)
    if isinstance(function, Unknown):
        return function
    return msgspec.structs.replace(
        function,
        wrappers=(wrapper, *function.wrappers),
        conditions=(condition, *function.conditions),
        inner_reachable=function.inner_reachable if function.wrappers else function.reachable,
        identity=thunk.identity,
        reachable=None,
        is_object=False,
        kind="function",
    )


def inside(function: Function, what: str, thunk: Thunk) -> Unknown | None:
    """Why a wrapper cannot stand inside a partial or a bound method: it would take what that gives
    it for the object, or for a value."""
    if not function.wrappers:
        return None
    kind, shown = function.wrappers[0].kind, show(thunk.expr)
    return Unknown(
        f"'{kind}' stands inside {what} '{shown}'",
        thunk.place,
        code="AC705",
        hint=f"take '{kind}' off '{function.qualname}', and put it around '{shown}'",
    )


def _number(evaluator: Evaluator, thunk: Thunk) -> int | Unknown:
    """The constant ``n`` of ``every``."""
    value = evaluator.evaluate(thunk)
    if isinstance(value, Function):
        hint = "give the number first, as in '@every(10)' and 'every(10, fn)'"
        return Unknown("'every' is given no number", thunk.place, code="AC704", hint=hint)
    shown = show(thunk.expr)
    try:
        found = plain(evaluator.constant(thunk.holding(value)))
    except NotConstant as error:
        unread = isinstance(value, Unknown)
        why = error.unknown.reason if unread else f"it is {describe(value)}"
        reason = f"'{shown}' is no number that can be determined statically: {why}"
        return Unknown(reason, thunk.place, code="AC704")
    if isinstance(found, bool) or not isinstance(found, int):
        is_plain = isinstance(value, Const) and not isinstance(found, float)
        what = describe(value) if is_plain else f"{found!r}"
        reason = f"'every' takes a whole number, and '{shown}' is {what}"
        return Unknown(reason, thunk.place, code="AC704")
    if found < 1:
        given = shown if shown == f"{found}" else f"{found} ('{shown}')"
        reason = f"'every' takes a whole number from 1, not {given}"
        return Unknown(reason, thunk.place, code="AC704")
    return found


def _counting(evaluator: Evaluator, n: int, by: Thunk | None) -> Wrapper | Unknown:
    """``every`` with its number, and the path that it counts by."""
    value = None if by is None else evaluator.evaluate(by)
    if by is None or (isinstance(value, Const) and value.value is None):
        return Wrapper("every", n)
    if isinstance(value, Const) and isinstance(value.value, str) and is_path(value.value):
        return Wrapper("every", n, Condition(f'"{value.value}"', by.place, path=value.value))
    reason = f"'every' counts by attributes such as \"global_step\", not by '{show(by.expr)}'"
    hint = 'write the path of a whole number of the object: by="global_step"'
    return Unknown(reason, by.place, code="AC706", hint=hint)


def _asking(
    evaluator: Evaluator, kind: WrapperKind, thunk: Thunk
) -> tuple[Wrapper | Unknown, Function | None]:
    """``when`` or ``unless`` with its condition, and the function that this is."""
    value = evaluator.evaluate(thunk)
    shown = show(thunk.expr)
    if isinstance(value, Const) and isinstance(value.value, str):
        if not is_path(value.value):
            reason = f"'{kind}' takes attributes such as \"config.trace\", not {value.value!r}"
            return Unknown(reason, thunk.place, code="AC706"), None
        path = Condition(f'"{value.value}"', thunk.place, path=value.value)
        return Wrapper(kind, condition=path), None
    function = attributes.callable_of(evaluator, value, thunk)
    if isinstance(function, Unknown):
        reason = f"the condition '{shown}' of '{kind}' cannot be used: {function.reason}"
        return Unknown(reason, thunk.place, code="AC706", hint=function.hint), None
    if (wrong := _no_condition(function)) is not None:
        reason = f"the condition '{shown}' of '{kind}' {wrong}"
        return Unknown(reason, thunk.place, code="AC706"), None
    shown = shown if thunk.value is None else function.qualname  # `@when` decorates it
    return Wrapper(kind, condition=_condition(evaluator, function, shown, thunk)), function


def _condition(evaluator: Evaluator, function: Function, shown: str, thunk: Thunk) -> Condition:
    alone = None
    if isinstance(function.entity, LambdaEntity):
        alone = lifted_condition(function.entity, evaluator.names)
    own = function.definition if not function.installed else None
    typed = own is None or own.returns is not None or any(one.annotation for one in own.params)
    return Condition(
        shown,
        thunk.place,
        name=function.name,
        reach=None if function.reachable is None else FunctionReach(*function.reachable),
        lifted=alone,
        function=None if own is None else function.place,
        object_name=function.params[0].name if function.params else "",
        annotated=typed,
    )


def is_path(text: str) -> bool:
    """Whether a text is a dotted path of attributes."""
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))


def _no_condition(function: Function) -> str | None:
    """Why a callable cannot be asked with the object alone."""
    params = function.params
    if params is None:
        return "has a signature that cannot be determined statically"
    if function.wrappers:
        return f"has '{function.wrappers[0].kind}' around it"
    if function.is_async or function.is_generator:
        return "gives no bool: it is an 'async def' or a generator"
    positional = [one for one in params if one.kind in ("positional_only", "normal")]
    takes_any = any(one.kind == "var_positional" for one in params)
    others = [one for one in params if one.default is None and one not in positional[:1]]
    if not (positional or takes_any) or any("var" not in one.kind for one in others):
        names = ", ".join(one.name for one in params)
        return f"has to take the object alone, and takes ({names})"
    return None
