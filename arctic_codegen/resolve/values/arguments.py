"""Which argument of a call goes to which parameter?"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.model.expr import Arg, Param
from arctic_codegen.model.parameters import MethodParam
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.names.constant_folding import NotConstant
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.records import Argument, Arguments, Mapping
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_KINDS = {
    "positional_only": inspect.Parameter.POSITIONAL_ONLY,
    "normal": inspect.Parameter.POSITIONAL_OR_KEYWORD,
    "var_positional": inspect.Parameter.VAR_POSITIONAL,
    "keyword_only": inspect.Parameter.KEYWORD_ONLY,
    "var_keyword": inspect.Parameter.VAR_KEYWORD,
}


def arguments(evaluator: Evaluator, thunk: Thunk, args: tuple[Arg, ...]) -> Arguments:
    """The arguments of a call, with ``*`` and ``**`` unpacked."""
    items: list[Argument] = []
    problem: Unknown | None = None
    for arg in args:
        inner = thunk.child(arg.value)
        if arg.star == "":
            items.append(Argument(inner, arg.keyword))
        elif arg.star == "*":
            try:
                items.extend(Argument(element) for element in evaluator.elements(inner))
            except NotConstant as error:
                problem = problem or error.unknown
        else:
            value = evaluator.evaluate(inner)
            if isinstance(value, Mapping) and all(isinstance(key, str) for key in value.items):
                items.extend(Argument(item, str(key)) for key, item in value.items.items())
            else:
                why = message("reasons", "undetermined", expression=f"**{show(arg.value)}")
                problem = problem or Unknown(why, inner.place)
    return Arguments(tuple(items), problem)


def bound_to(signature: inspect.Signature, args: Arguments, *, whole: bool) -> dict[str, Any]:
    """The argument of each parameter; unless this is the ``whole`` call, some may be missing.

    Raises TypeError, with Python's message, if the call does not match the signature.
    """
    bind = signature.bind if whole else signature.bind_partial
    return bind(*args.positional, **args.named).arguments


def signature_of(params: Sequence[Param | MethodParam]) -> inspect.Signature:
    """The parameters as an :class:`inspect.Signature`."""
    return inspect.Signature(
        [
            inspect.Parameter(
                one.name,
                _KINDS[one.kind],
                default=inspect.Parameter.empty if one.default is None else one.default,
            )
            for one in params
        ]
    )


def left_over(
    params: tuple[Param, ...], positional: int, keywords: tuple[str, ...]
) -> tuple[Param, ...] | Message:
    """The parameters that a caller of a partial may still pass (R10), or what is wrong with it."""
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
            # Parameters after a bound one can no longer be passed by position.
            result.append(msgspec.structs.replace(param, kind="keyword_only"))
        elif not (by_keyword and param.kind == "var_positional"):
            result.append(param)
    return tuple(result)
