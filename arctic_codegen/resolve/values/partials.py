"""``functools.partial``: what is left of a signature (R10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.expr import Param
from arctic_codegen.resolve.values import wrappers
from arctic_codegen.resolve.values.records import (
    Arguments,
    Thunk,
    Undecided,
    Value,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


def partial(evaluator: Evaluator, args: Arguments, thunk: Thunk) -> Value:
    """What ``functools.partial(function, ...)`` at ``thunk`` gives."""
    identity = thunk.identity
    positional = [item for item in args.items if item.keyword is None]
    if not positional:
        reason = "'partial' is given no function" if args.problem is None else args.problem.reason
        return Undecided(reason, thunk.place, code="AC215" if args.problem is None else None)
    first = positional[0].thunk
    function = evaluator.callable_of(evaluator.evaluate(first), first)
    if isinstance(function, Undecided):
        return function
    if (wrong := wrappers.inside(function, "the partial", thunk)) is not None:
        return wrong
    if args.problem is not None:
        return msgspec.structs.replace(
            function,
            params=None,
            is_object=True,
            identity=identity,
            reachable=None,
            entity=None,
            lambda_=None,
            problem=args.problem,
        )
    keywords = tuple(item.keyword for item in args.items if item.keyword is not None)
    params = function.params
    if params is not None:
        left = remaining(params, len(positional) - 1, keywords)
        if isinstance(left, str):
            return Undecided(left, thunk.place, code="AC215")
        params = left
    given = tuple(item for item in args.items if item is not positional[0])
    return msgspec.structs.replace(
        function,
        params=params,
        bound=(*function.bound, *given),
        is_object=True,
        identity=identity,
        reachable=None,
        entity=None,
        lambda_=None,
    )


def remaining(
    params: tuple[Param, ...], positional: int, keywords: tuple[str, ...]
) -> tuple[Param, ...] | str:
    """The parameters that a caller of a partial may still pass, or what is wrong with it."""
    left = list(params)
    for _ in range(positional):
        if left and left[0].kind in ("positional_only", "normal"):
            del left[0]
        elif not any(param.kind == "var_positional" for param in left):
            return f"the function takes {_count(params)}, and {positional} are given"
    result: list[Param] = []
    named = {param.name for param in left if param.kind in ("normal", "keyword_only")}
    gathers = any(param.kind == "var_keyword" for param in left)
    unknown = [name for name in keywords if name not in named]
    if unknown and not gathers:
        taken = any(param.name == unknown[0] for param in params)
        return (
            f"'{unknown[0]}' cannot be given by keyword"
            if taken
            else f"the function has no parameter '{unknown[0]}'"
        )
    by_keyword = False
    for param in left:
        if param.kind in ("normal", "keyword_only") and param.name in keywords:
            by_keyword = by_keyword or param.kind == "normal"
        elif by_keyword and param.kind == "normal":
            # What stands behind a bound parameter can no longer be reached by position.
            result.append(msgspec.structs.replace(param, kind="keyword_only"))
        elif by_keyword and param.kind == "var_positional":
            continue
        else:
            result.append(param)
    return tuple(result)


def _count(params: tuple[Param, ...]) -> str:
    count = sum(param.kind in ("positional_only", "normal") for param in params)
    return "1 positional argument" if count == 1 else f"{count} positional arguments"
