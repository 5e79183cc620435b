"""``rank_zero``, ``every`` and ``optional`` seen through: what stands around a callback (R47)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar, cast

import msgspec

from arctic_codegen.model.hosts import Wrapper
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.records import (
    Arguments,
    Around,
    Const,
    Function,
    NotPure,
    Thunk,
    Undecided,
    Value,
    describe,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_V = TypeVar("_V", bound=Value)

Kind = Literal["rank_zero", "every", "optional"]


def wrap(evaluator: Evaluator, name: str, args: Arguments, thunk: Thunk) -> Value:
    """What a call of the wrapper of that dotted name gives, where ``thunk`` holds the call."""
    kind = cast(Kind, name.rpartition(".")[2])
    if args.problem is not None:
        return args.problem
    names = ["n", "fn"] if kind == "every" else ["fn"]
    positional = [item.thunk for item in args.items if item.keyword is None]
    given = {item.keyword: item.thunk for item in args.items if item.keyword is not None}
    twice = [one for one in names[: len(positional)] if one in given]
    if len(positional) > len(names) or twice or given.keys() - set(names):
        taken = "a number and a callback" if kind == "every" else "one callback"
        return Undecided(f"'{kind}' takes {taken}", thunk.place, code="AC215")
    given.update(zip(names, positional, strict=False))
    number: int | None = None
    if kind == "every":
        if "n" not in given:
            return _no_number("'every' is given no number", thunk)
        found = _number(evaluator, given["n"])
        if isinstance(found, Undecided):
            return found
        number = found
    wrapper = Wrapper(kind, number)
    target = given.get("fn")
    if target is None:
        if kind == "every":
            return Around(wrapper)
        return Undecided(f"'{kind}' is given no callback", thunk.place, code="AC215")
    return put_around(evaluator, wrapper, target, thunk)


def decorate(evaluator: Evaluator, name: str, args: Arguments, thunk: Thunk) -> Value:
    """The wrapper of that dotted name as a decorator without brackets."""
    if name.endswith(".every"):
        hint = "write it with a number, as in '@every(10)'"
        reason = "'@every' is given no number"
        return Undecided(reason, thunk.place, code="AC704", hint=hint)
    return wrap(evaluator, name, args, thunk)


def put_around(evaluator: Evaluator, wrapper: Wrapper, target: Thunk, thunk: Thunk) -> Value:
    """The callable at ``target`` with a wrapper around it, which is made at ``thunk``."""
    function = evaluator.callable_of(evaluator.evaluate(target), target)
    if isinstance(function, Undecided):
        return function
    inner = function.inner_reachable if function.wrappers else function.reachable
    return msgspec.structs.replace(
        function,
        wrappers=(wrapper, *function.wrappers),
        inner_reachable=inner,
        identity=thunk.identity,
        reachable=None,
        is_object=False,
        kind="function",
    )


def without_wrappers(value: _V) -> _V:
    """What something that is not ours has made of a callback: wrappers in it are its own affair.

    They run as the ordinary callables that they are.
    """
    if isinstance(value, Function) and value.wrappers:
        return msgspec.structs.replace(value, wrappers=(), inner_reachable=None, lambda_=None)
    return value


def behind_known(value: _V) -> _V:
    """What a decorator that is known by name has made of a callback: what runs first is its own."""
    value = without_wrappers(value)
    if isinstance(value, Function):
        return msgspec.structs.replace(value, inspectable=False)
    return value


def inside(function: Function, what: str, thunk: Thunk) -> Undecided | None:
    """Why a wrapper cannot stand inside a partial or a bound method: it would take what that gives
    it for the object, or for a value."""
    if not function.wrappers:
        return None
    kind, shown = function.wrappers[0].kind, show(thunk.expr)
    return Undecided(
        f"'{kind}' stands inside {what} '{shown}'",
        thunk.place,
        code="AC705",
        hint=f"take '{kind}' off '{function.qualname}', and put it around '{shown}'",
    )


def told_as_is(value: Undecided) -> Undecided | None:
    """What is wrong with a wrapper is told as such, also where it decorates something."""
    return value if value.code in ("AC704", "AC705") else None


def _number(evaluator: Evaluator, thunk: Thunk) -> int | Undecided:
    """The constant ``n`` of ``every``."""
    value = evaluator.evaluate(thunk)
    shown = show(thunk.expr)
    try:
        found = evaluator.pure(value)
    except NotPure as error:
        reason = error.undecided.reason
        if not isinstance(value, Undecided):
            reason = f"it is {describe(value)}"
        return _no_number(
            f"'{shown}' is no number that can be determined statically: {reason}", thunk
        )
    if isinstance(found, bool) or not isinstance(found, int):
        what = describe(value) if isinstance(value, Const) else f"{found!r}"
        if isinstance(found, float):
            what = f"{found!r}"
        return _no_number(f"'every' takes a whole number, and '{shown}' is {what}", thunk)
    if found < 1:
        return _no_number(f"'every' takes a whole number from 1, and '{shown}' is {found}", thunk)
    return found


def _no_number(reason: str, thunk: Thunk) -> Undecided:
    return Undecided(reason, thunk.place, code="AC704")
