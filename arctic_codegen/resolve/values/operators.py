"""Operators, comparisons and conditions on what the text decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from arctic_codegen.model.decls import If, Return
from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    BoolOp,
    Call,
    Compare,
    Expr,
    IfExp,
    Literal_,
    Name,
    Subscript,
    UnaryOp,
)
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import comprehensions, strings
from arctic_codegen.resolve.values.list_changes import hole
from arctic_codegen.resolve.values.records import (
    MAX_ELEMENTS,
    Class,
    Const,
    Function,
    Instance,
    Mapping,
    Module,
    NotPure,
    Sequence,
    Thunk,
    Undecided,
    Value,
    describe,
    placed,
    python_value,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


def binary(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``left op right``"""
    expr = cast(BinOp, thunk.expr)
    if expr.op != "+":
        left, right = thunk.child(expr.left), thunk.child(expr.right)
        return _operate(evaluator, thunk, expr.op, left, right)
    # Chains of `+` are long in real lists, and would nest one deeper for each.
    operands: list[Expr] = []
    first: Expr = expr
    while isinstance(first, BinOp) and first.op == "+":
        operands.append(first.right)
        first = first.left
    total = thunk.child(first)
    for operand in reversed(operands):
        value = _operate(evaluator, thunk, "+", total, thunk.child(operand))
        if isinstance(value, Undecided):
            return value
        total = msgspec.structs.replace(total, value=value, reach=None)
    return evaluator.evaluate(total)


def _operate(evaluator: Evaluator, thunk: Thunk, op: str, left: Thunk, right: Thunk) -> Value:
    one, other = evaluator.evaluate(left), evaluator.evaluate(right)
    if op == "+" and (isinstance(one, Sequence) or isinstance(other, Sequence)):
        return _joined(thunk, left, right, one, other)
    if op == "*":
        for sequence, times in ((one, other), (other, one)):
            if isinstance(sequence, Sequence):
                return _repeated(thunk, sequence, times)
    try:
        formatting = op == "%"
        result = strings.binary(
            op, evaluator.pure(one), evaluator.pure(other, formatting=formatting)
        )
    except NotPure as error:
        return placed(error.undecided, left.place if isinstance(one, Undecided) else right.place)
    except strings.Refused as error:
        return Undecided(str(error), thunk.place)
    return python_value(thunk, result)


def _joined(thunk: Thunk, left: Thunk, right: Thunk, one: Value, other: Value) -> Value:
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        if one.kind != other.kind or one.kind not in ("list", "tuple"):
            return Undecided(
                f"Python cannot add {describe(one)} and {describe(other)}", thunk.place
            )
        if len(one.items) + len(other.items) > MAX_ELEMENTS:
            return comprehensions.too_long(thunk)
        return Sequence(one.kind, one.items + other.items)
    if isinstance(one, Sequence) and one.kind in ("list", "tuple"):
        return Sequence(one.kind, (*one.items, _not_a_list(right, other)))
    if isinstance(other, Sequence) and other.kind in ("list", "tuple"):
        return Sequence(other.kind, (_not_a_list(left, one), *other.items))
    return Undecided(f"Python cannot add {describe(one)} and {describe(other)}", thunk.place)


def _not_a_list(thunk: Thunk, value: Value) -> Thunk:
    if not isinstance(value, Undecided):
        value = Undecided(f"'{show(thunk.expr)}' is {describe(value)}, no list", thunk.place)
    return hole(thunk, value)


def _repeated(thunk: Thunk, sequence: Sequence, times: Value) -> Value:
    if not isinstance(times, Const) or not isinstance(times.value, int):
        return Undecided("how often the list is repeated is not decided", thunk.place)
    if sequence.kind not in ("list", "tuple"):
        return Undecided(f"Python cannot repeat {describe(sequence)}", thunk.place)
    if len(sequence.items) * times.value > MAX_ELEMENTS:
        return comprehensions.too_long(thunk)
    return Sequence(sequence.kind, sequence.items * times.value)


def boolean(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``and``, ``or``"""
    expr = cast(BoolOp, thunk.expr)
    left = thunk.child(expr.left)
    answer = truth(evaluator, left)
    if isinstance(answer, Undecided):
        return answer
    return evaluator.evaluate(left if answer is (expr.op == "or") else thunk.child(expr.right))


def unary(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``not x``, ``-x``"""
    expr = cast(UnaryOp, thunk.expr)
    if expr.op == "not":
        answer = truth(evaluator, thunk)
        return answer if isinstance(answer, Undecided) else Const(answer)
    try:
        operand = evaluator.pure(evaluator.evaluate(thunk.child(expr.operand)))
        return python_value(thunk, strings.unary(expr.op, operand))
    except NotPure as error:
        return placed(error.undecided, thunk.place)
    except strings.Refused as error:
        return Undecided(str(error), thunk.place)


def comparison(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``left op right op right``"""
    expr = cast(Compare, thunk.expr)
    none = _is_none(evaluator, thunk, expr)
    if none is not None:
        return Const(none)
    try:
        left = evaluator.pure(evaluator.evaluate(thunk.child(expr.left)))
        for op, operand in expr.rest:
            right = evaluator.pure(evaluator.evaluate(thunk.child(operand)))
            if not strings.compare(op, left, right):
                return Const(False)
            left = right
    except NotPure as error:
        return placed(error.undecided, thunk.place)
    except strings.Refused as error:
        return Undecided(str(error), thunk.place)
    return Const(True)


def _is_none(evaluator: Evaluator, thunk: Thunk, expr: Compare) -> bool | None:
    """``x is None`` and ``x is not None`` of what is an object, whatever it is."""
    if len(expr.rest) != 1 or expr.rest[0][0] not in ("is", "is not"):
        return None
    op, right = expr.rest[0]
    if not isinstance(right, Literal_) or right.kind != "none":
        return None
    value = evaluator.evaluate(thunk.child(expr.left))
    if isinstance(value, (Sequence, Mapping, Function, Instance, Class, Module)):
        return op == "is not"
    return None


def conditional(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``body if test else orelse``"""
    expr = cast(IfExp, thunk.expr)
    answer = truth(evaluator, thunk.child(expr.test))
    if isinstance(answer, Undecided):
        return answer
    return evaluator.evaluate(thunk.child(expr.body if answer else expr.orelse))


def _branch(evaluator: Evaluator, thunk: Thunk) -> bool | None:
    """A test that is decided as the branches of an ``if`` are: versions, platforms."""
    if thunk.value is not None or not isinstance(thunk.expr, (Name, Attr, Compare, Call)):
        return None
    names = _names_in(thunk.expr)
    local = {
        name for frame in thunk.scope.frames for s in flat(frame.body) for name in bound_names(s)
    }
    if names & local or any(thunk.env.find(name) is not None for name in names):
        return None  # it is read as code at module level reads it
    span = thunk.expr.span
    yes, no = (Return(span, Literal_(span, "bool", text)) for text in ("True", "False"))
    live = evaluator.names.live((If(span, thunk.expr, (yes,), (no,)),), thunk.scope.module)
    taken = [branch for branch in live if not branch.typing_only]
    if len(taken) != 1 or taken[0].context != "plain" or taken[0].main_only:
        return None
    return taken[0].stmt is yes or taken[0].stmt == yes


def truth(evaluator: Evaluator, thunk: Thunk) -> bool | Undecided:
    """Whether a value counts as true."""
    expr = thunk.expr
    if thunk.value is None and isinstance(expr, BoolOp):
        left = truth(evaluator, thunk.child(expr.left))
        if isinstance(left, Undecided) or left is (expr.op == "or"):
            return left
        return truth(evaluator, thunk.child(expr.right))
    if thunk.value is None and isinstance(expr, UnaryOp) and expr.op == "not":
        operand = truth(evaluator, thunk.child(expr.operand))
        return operand if isinstance(operand, Undecided) else not operand
    value = evaluator.evaluate(thunk)
    match value:
        case Const(value=constant):
            return bool(constant)
        case Sequence(kind="iterator") | Function() | Module() | Class():
            return True
        case Sequence(items=items) if not any(isinstance(item.value, Undecided) for item in items):
            return bool(items)
        case Mapping(items=pairs):
            return bool(pairs)
        case Undecided(missing=True):
            return value
    branch = _branch(evaluator, thunk)
    if branch is not None:
        return branch
    return Undecided(f"whether '{show(expr)}' is true cannot be determined statically", thunk.place)


def _names_in(expr: Expr) -> set[str]:
    """The names that a test is made of, as far as branches look at them."""
    match expr:
        case Name(id=name):
            return {name}
        case Attr(value=value) | Subscript(value=value):
            return _names_in(value)
        case Compare(left=left, rest=rest):
            return _names_in(left).union(*(_names_in(right) for _, right in rest))
        case BoolOp(left=left, right=right) | BinOp(left=left, right=right):
            return _names_in(left) | _names_in(right)
        case UnaryOp(operand=operand):
            return _names_in(operand)
        case Call(func=func, args=args):
            return _names_in(func).union(*(_names_in(arg.value) for arg in args))
    return set()
