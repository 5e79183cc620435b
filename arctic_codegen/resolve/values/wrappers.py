"""Which of our wrappers enclose a callback, or assert its order (R47, R56 to R59)?"""

from __future__ import annotations

import inspect
import keyword
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.model.wrappers import WRAPPERS, Condition, FunctionReach, Wrapper, WrapperKind
from arctic_codegen.resolve.entities import LambdaEntity, Unknown
from arctic_codegen.resolve.names.constant_folding import NotConstant, plain
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import attributes
from arctic_codegen.resolve.values.arguments import bound_to
from arctic_codegen.resolve.values.lifting import lifted_condition
from arctic_codegen.resolve.values.records import (
    Arguments,
    Const,
    External,
    Function,
    OrderClaim,
    Value,
    Waiting,
    describe,
)
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


OWN_CODES = ("AC704", "AC705", "AC706")
"""Codes of errors in a wrapper, which are reported under these codes wherever it is used."""
_PARAMETERS = {
    "callback": inspect.signature(lambda fn: None),
    "number": inspect.signature(lambda n, fn: None),
    "number and by": inspect.signature(lambda n, fn, *, by: None),
    "condition": inspect.signature(lambda condition, fn: None),
    "other": inspect.signature(lambda other, fn: None),
}
"""The parameters of each kind of wrapper, by what it takes; ``after`` and ``before`` take another
callback."""


_KINDS: dict[str, WrapperKind] = {kind: kind for kind in WRAPPERS}


def wrap(evaluator: Evaluator, name: str, args: Arguments, thunk: Thunk) -> Value:
    """The result of a call of our wrapper with this dotted name, where ``thunk`` holds the call: a
    callback with a wrapper or a claim, or a pending one."""
    called = name.rpartition(".")[2]
    kind = _KINDS.get(called)
    takes = "other" if kind is None else WRAPPERS[kind].takes
    if args.problem is not None:
        return args.problem
    try:
        given = bound_to(_PARAMETERS[takes], args, whole=False)
    except TypeError as error:
        why = message("AC215", "wrapper-arguments", wrapper=called, error=error)
        return Unknown(why, thunk.place)
    if kind is None:
        waiting = _claim(evaluator, called, given.get("other"), thunk)
    else:
        waiting = _waiting(evaluator, kind, given, thunk)
    if isinstance(waiting, Unknown):
        return waiting
    if "fn" in given:
        return waiting.apply(given["fn"], thunk)
    if takes != "callback":
        return External(name, waiting)
    return Unknown(message("AC215", "without-callback", wrapper=called), thunk.place)


def _waiting(
    evaluator: Evaluator, kind: WrapperKind, given: dict[str, Thunk], thunk: Thunk
) -> Waiting | Unknown:
    """The effect of a call on the callback that it receives, now or later."""
    condition: Function | None = None
    wrapper: Wrapper | Unknown = Wrapper(kind)
    match WRAPPERS[kind].takes:
        case "number" | "number and by" if "n" not in given:
            wrapper = Unknown(message("AC704", "no-number", wrapper=kind), thunk.place)
        case "number" | "number and by":
            wrapper = _counting(evaluator, kind, given["n"], given.get("by"))
        case "condition" if "condition" not in given:
            wrapper = Unknown(message("AC706", "no-condition", wrapper=kind), thunk.place)
        case "condition":
            wrapper, condition = _asking(evaluator, kind, given["condition"])
    if isinstance(wrapper, Unknown):
        return wrapper
    return Waiting(str(wrapper), partial(_put_around, evaluator, wrapper, condition))


def _claim(evaluator: Evaluator, kind: str, other: Thunk | None, thunk: Thunk) -> Waiting | Unknown:
    """The claim of ``after`` or ``before`` at ``thunk`` about a callback (R59)."""
    if other is None:
        return Unknown(message("AC215", "without-callback", wrapper=kind), thunk.place)
    known = attributes.callable_of(evaluator, evaluator.evaluate(other), other)
    if isinstance(known, Unknown):
        return known.at(other.place)
    said = OrderClaim(kind == "after", known.qualname, known.place, thunk.place)
    return Waiting(kind, partial(_claimed, evaluator, said))


def _claimed(evaluator: Evaluator, said: OrderClaim, target: Thunk, thunk: Thunk) -> Value:
    """The callable at ``target`` with this claim; it remains the same object."""
    function = attributes.callable_of(evaluator, evaluator.evaluate(target), target)
    if isinstance(function, Unknown):
        return function
    return msgspec.structs.replace(function, claims=(said, *function.claims))


def _put_around(
    evaluator: Evaluator,
    wrapper: Wrapper,
    condition: Function | None,
    target: Thunk,
    thunk: Thunk,
) -> Value:
    """The callable at ``target`` inside a wrapper that is created at ``thunk``."""
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


def why_not_inside(function: Function, what: str, thunk: Thunk) -> Unknown | None:
    """Why a wrapper cannot be inside a partial or a bound method: it would take the bound argument
    for the object, or for a value."""
    if not function.wrappers:
        return None
    kind, shown = function.wrappers[0].kind, show(thunk.expr)
    why = message(
        "AC705", "inside", wrapper=kind, what=what, expression=shown, function=function.qualname
    )
    return Unknown(why, thunk.place)


def _number(evaluator: Evaluator, kind: WrapperKind, thunk: Thunk) -> int | Unknown:
    """The constant ``n`` of a wrapper such as ``every``."""
    value = evaluator.evaluate(thunk)
    if isinstance(value, Function):
        return Unknown(message("AC704", "number-first", wrapper=kind), thunk.place)
    shown = show(thunk.expr)
    try:
        found = plain(evaluator.constant(thunk.holding(value)))
    except NotConstant as error:
        reason = error.unknown.why
        if not isinstance(value, Unknown):
            reason = message("AC215", "what", what=describe(value))
        why = message("AC704", "not-constant", expression=shown, reason=reason)
        return Unknown(why, thunk.place)
    if isinstance(found, bool) or not isinstance(found, int):
        is_plain = isinstance(value, Const) and not isinstance(found, float)
        what = describe(value) if is_plain else f"{found!r}"
        why = message("AC704", "not-whole", wrapper=kind, expression=shown, what=what)
        return Unknown(why, thunk.place)
    if found < 1:
        number = shown if shown == f"{found}" else f"{found} ('{shown}')"
        return Unknown(message("AC704", "too-small", wrapper=kind, number=number), thunk.place)
    return found


def _counting(
    evaluator: Evaluator, kind: WrapperKind, number: Thunk, by: Thunk | None
) -> Wrapper | Unknown:
    """A wrapper with its number and the path of its counter."""
    n = _number(evaluator, kind, number)
    if isinstance(n, Unknown):
        return n
    value = None if by is None else evaluator.evaluate(by)
    if by is None or (isinstance(value, Const) and value.value is None):
        return Wrapper(kind, n)
    if isinstance(value, Const) and isinstance(value.value, str) and is_path(value.value):
        return Wrapper(kind, n, Condition(f'"{value.value}"', by.place, path=value.value))
    return Unknown(message("AC706", "count-by", expression=show(by.expr)), by.place)


def _asking(
    evaluator: Evaluator, kind: WrapperKind, thunk: Thunk
) -> tuple[Wrapper | Unknown, Function | None]:
    """``when`` or ``unless`` with its condition, and the condition's function if it is one."""
    value = evaluator.evaluate(thunk)
    shown = show(thunk.expr)
    if isinstance(value, Const) and isinstance(value.value, str):
        if not is_path(value.value):
            why = message("AC706", "not-a-path", wrapper=kind, given=repr(value.value))
            return Unknown(why, thunk.place), None
        path = Condition(f'"{value.value}"', thunk.place, path=value.value)
        return Wrapper(kind, condition=path), None
    function = attributes.callable_of(evaluator, value, thunk)
    if isinstance(function, Unknown):
        why = message("AC706", "unusable", condition=shown, wrapper=kind, reason=function.why)
        return Unknown(why, thunk.place), None
    if (wrong := _no_condition(function, shown, kind)) is not None:
        return Unknown(wrong, thunk.place), None
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
    """Whether a text is a dotted path of attributes. Private names (``__x``) are rejected: Python
    mangles them per class, which a string cannot express."""
    return all(
        part.isidentifier()
        and not keyword.iskeyword(part)
        and (not part.startswith("__") or part.endswith("__"))
        for part in text.split(".")
    )


def _no_condition(function: Function, shown: str, kind: WrapperKind) -> Message | None:
    """Why a callable cannot be called with only the object as a condition."""
    params = function.params
    if params is None:
        return message("AC706", "unknown-signature", condition=shown, wrapper=kind)
    if function.wrappers:
        inner = function.wrappers[0].kind
        return message("AC706", "wrapped", condition=shown, wrapper=kind, inner=inner)
    if function.is_async or function.is_generator:
        return message("AC706", "no-bool", condition=shown, wrapper=kind)
    positional = [one for one in params if one.kind in ("positional_only", "normal")]
    takes_any = any(one.kind == "var_positional" for one in params)
    others = [one for one in params if one.default is None and one not in positional[:1]]
    if not (positional or takes_any) or any("var" not in one.kind for one in others):
        names = ", ".join(one.name for one in params)
        return message("AC706", "takes-more", condition=shown, wrapper=kind, params=names)
    return None
