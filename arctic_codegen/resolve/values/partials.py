"""Which parameters does ``functools.partial`` leave (R10)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.model.expr import Param
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.values import wrappers
from arctic_codegen.resolve.values.attributes import callable_of
from arctic_codegen.resolve.values.records import Arguments, Thunk, Value

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


def partial(evaluator: Evaluator, args: Arguments, thunk: Thunk) -> Value:
    """What ``functools.partial(function, ...)`` at ``thunk`` gives."""
    first = args.get(0)
    if first is None:
        if args.problem is not None:
            return Unknown(args.problem.why, thunk.place)
        return Unknown(message("AC215", "partial-of-nothing"), thunk.place)
    function = callable_of(evaluator, evaluator.evaluate(first), first)
    if isinstance(function, Unknown):
        return function
    if (wrong := wrappers.why_not_inside(function, "the partial", thunk)) is not None:
        return wrong
    params = function.params
    if params is not None and args.problem is None:
        left = remaining(params, len(args.positional) - 1, tuple(args.named))
        if isinstance(left, Message):
            return Unknown(left, thunk.place)
        params = left
    given = tuple(item for item in args.items if item.thunk is not first)
    made = msgspec.structs.replace(
        function.made_at(thunk.identity),
        params=params,
        bound=(*function.bound, *given),
        is_object=True,
    )
    return made if args.problem is None else made.unknowable(args.problem)


def remaining(
    params: tuple[Param, ...], positional: int, keywords: tuple[str, ...]
) -> tuple[Param, ...] | Message:
    """The parameters that a caller of a partial may still pass, or what is wrong with it."""
    left = list(params)
    for _ in range(positional):
        if left and left[0].kind in ("positional_only", "normal"):
            del left[0]
        elif not any(param.kind == "var_positional" for param in left):
            takes = sum(param.kind in ("positional_only", "normal") for param in params)
            return message("AC215", "too-many-arguments", takes=takes, given=positional)
    named = {param.name for param in left if param.kind in ("normal", "keyword_only")}
    unknown = [name for name in keywords if name not in named]
    if unknown and not any(param.kind == "var_keyword" for param in left):
        is_there = any(param.name == unknown[0] for param in params)
        return message(
            "AC215", "not-by-keyword" if is_there else "no-parameter", parameter=unknown[0]
        )
    result: list[Param] = []
    by_keyword = False
    for param in left:
        if param.kind in ("normal", "keyword_only") and param.name in keywords:
            by_keyword = by_keyword or param.kind == "normal"
        elif by_keyword and param.kind == "normal":
            # What stands behind a bound parameter can no longer be reached by position.
            result.append(msgspec.structs.replace(param, kind="keyword_only"))
        elif not (by_keyword and param.kind == "var_positional"):
            result.append(param)
    return tuple(result)
