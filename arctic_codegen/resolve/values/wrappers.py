"""``rank_zero``, ``every`` and ``optional`` seen through: what stands around a callback (R47)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import msgspec

from arctic_codegen.model.hosts import Wrapper
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.names.constant_folding import NotConstant, plain
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import attributes
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


OWN_CODES = ("AC704", "AC705")
"""What is wrong with a wrapper is said as such, wherever it stands."""


def wrap(evaluator: Evaluator, name: str, args: Arguments, thunk: Thunk) -> Value:
    """What a call of the wrapper of that dotted name gives, where ``thunk`` holds the call."""
    kind = cast('Literal["rank_zero", "every", "optional"]', name.rpartition(".")[2])
    if args.problem is not None:
        return args.problem
    names = ["n", "fn"] if kind == "every" else ["fn"]
    positional, given = args.positional, args.named
    twice = [one for one in names[: len(positional)] if one in given]
    if len(positional) > len(names) or twice or given.keys() - set(names):
        taken = "a number and a callback" if kind == "every" else "one callback"
        return Unknown(f"'{kind}' takes {taken}", thunk.place, code="AC215")
    given.update(zip(names, positional, strict=False))
    number: int | None = None
    if kind == "every":
        if "n" not in given:
            return Unknown("'every' is given no number", thunk.place, code="AC704")
        found = _number(evaluator, given["n"])
        if isinstance(found, Unknown):
            return found
        number = found
    wrapper = Wrapper(kind, number)
    if "fn" in given:
        return put_around(evaluator, wrapper, given["fn"], thunk)
    if kind == "every":
        return External(name, wrapper=wrapper)
    return Unknown(f"'{kind}' is given no callback", thunk.place, code="AC215")


def put_around(evaluator: Evaluator, wrapper: Wrapper, target: Thunk, thunk: Thunk) -> Value:
    """The callable at ``target`` with a wrapper around it, which is made at ``thunk``."""
    function = attributes.callable_of(evaluator, evaluator.evaluate(target), target)
    if isinstance(function, Unknown):
        return function
    return msgspec.structs.replace(
        function,
        wrappers=(wrapper, *function.wrappers),
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
