"""What does ``after`` or ``before`` say of a callback (R59)? It stays the object that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.values import attributes
from arctic_codegen.resolve.values.records import (
    Arguments,
    External,
    OrderClaim,
    Thunk,
    Value,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


def claim(evaluator: Evaluator, name: str, args: Arguments, thunk: Thunk) -> Value:
    """What a call of ``after`` or ``before`` gives, where ``thunk`` holds the call."""
    kind = name.rpartition(".")[2]
    if args.problem is not None:
        return args.problem
    given = args.named
    names = ("other", "fn")
    twice = any(one in given for one in names[: len(args.positional)])
    if len(args.positional) > len(names) or twice or given.keys() - set(names):
        why = message("AC215", "wrapper-arguments", wrapper=kind, taken="two callbacks")
        return Unknown(why, thunk.place)
    given.update(zip(names, args.positional, strict=False))
    if "other" not in given:
        return Unknown(message("AC215", "without-callback", wrapper=kind), thunk.place)
    there = given["other"]
    other = attributes.callable_of(evaluator, evaluator.evaluate(there), there)
    if isinstance(other, Unknown):
        return other.at(there.place)
    said = OrderClaim(kind == "after", other.qualname, other.place, thunk.place)
    if "fn" in given:
        return claimed(evaluator, said, given["fn"])
    return External(name, claim=said)


def claimed(evaluator: Evaluator, said: OrderClaim, target: Thunk) -> Value:
    """The callable at ``target``, of which that is said."""
    function = attributes.callable_of(evaluator, evaluator.evaluate(target), target)
    if isinstance(function, Unknown):
        return function
    return msgspec.structs.replace(function, claims=(said, *function.claims))
