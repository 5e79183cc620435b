"""Operators, comparisons and conditions on what the text decides."""

from __future__ import annotations

from typing import cast

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
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.statement_walk import flat, names_bound
from arctic_codegen.resolve.values import comprehensions, strings
from arctic_codegen.resolve.values.cells import placed, python_value
from arctic_codegen.resolve.values.describe import describe
from arctic_codegen.resolve.values.list_changes import hole
from arctic_codegen.resolve.values.objects import (
    MAX_ELEMENTS,
    Cell,
    Class,
    Const,
    Function,
    Instance,
    Looker,
    Mapping,
    Module,
    NotPure,
    Sequence,
    Undecided,
    Value,
)


def binary(looker: Looker, cell: Cell) -> Value:
    """``left op right``"""
    expr = cast(BinOp, cell.expr)
    if expr.op != "+":
        left, right = looker.child(cell, expr.left), looker.child(cell, expr.right)
        return _operate(looker, cell, expr.op, left, right)
    # Chains of `+` are long in real lists, and would nest one deeper for each.
    operands: list[Expr] = []
    first: Expr = expr
    while isinstance(first, BinOp) and first.op == "+":
        operands.append(first.right)
        first = first.left
    total = looker.child(cell, first)
    for operand in reversed(operands):
        value = _operate(looker, cell, "+", total, looker.child(cell, operand))
        if isinstance(value, Undecided):
            return value
        total = msgspec.structs.replace(total, value=value, reach=None)
    return looker.look(total)


def _operate(looker: Looker, cell: Cell, op: str, left: Cell, right: Cell) -> Value:
    one, other = looker.look(left), looker.look(right)
    if op == "+" and (isinstance(one, Sequence) or isinstance(other, Sequence)):
        return _joined(cell, left, right, one, other)
    if op == "*":
        for sequence, times in ((one, other), (other, one)):
            if isinstance(sequence, Sequence):
                return _repeated(cell, sequence, times)
    try:
        formatting = op == "%"
        result = strings.binary(op, looker.pure(one), looker.pure(other, formatting=formatting))
    except NotPure as error:
        return placed(error.undecided, left.place if isinstance(one, Undecided) else right.place)
    except strings.Refused as error:
        return Undecided(str(error), cell.place)
    return python_value(cell, result)


def _joined(cell: Cell, left: Cell, right: Cell, one: Value, other: Value) -> Value:
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        if one.kind != other.kind or one.kind not in ("list", "tuple"):
            return Undecided(f"Python cannot add {describe(one)} and {describe(other)}", cell.place)
        if len(one.items) + len(other.items) > MAX_ELEMENTS:
            return comprehensions.too_long(cell)
        return Sequence(one.kind, one.items + other.items)
    if isinstance(one, Sequence) and one.kind in ("list", "tuple"):
        return Sequence(one.kind, (*one.items, _not_a_list(right, other)))
    if isinstance(other, Sequence) and other.kind in ("list", "tuple"):
        return Sequence(other.kind, (_not_a_list(left, one), *other.items))
    return Undecided(f"Python cannot add {describe(one)} and {describe(other)}", cell.place)


def _not_a_list(cell: Cell, value: Value) -> Cell:
    if not isinstance(value, Undecided):
        value = Undecided(f"'{show(cell.expr)}' is {describe(value)}, no list", cell.place)
    return hole(cell, value)


def _repeated(cell: Cell, sequence: Sequence, times: Value) -> Value:
    if not isinstance(times, Const) or not isinstance(times.value, int):
        return Undecided("how often the list is repeated is not decided", cell.place)
    if sequence.kind not in ("list", "tuple"):
        return Undecided(f"Python cannot repeat {describe(sequence)}", cell.place)
    if len(sequence.items) * times.value > MAX_ELEMENTS:
        return comprehensions.too_long(cell)
    return Sequence(sequence.kind, sequence.items * times.value)


def boolean(looker: Looker, cell: Cell) -> Value:
    """``and``, ``or``"""
    expr = cast(BoolOp, cell.expr)
    left = looker.child(cell, expr.left)
    answer = truth(looker, left)
    if isinstance(answer, Undecided):
        return answer
    return looker.look(left if answer is (expr.op == "or") else looker.child(cell, expr.right))


def unary(looker: Looker, cell: Cell) -> Value:
    """``not x``, ``-x``"""
    expr = cast(UnaryOp, cell.expr)
    if expr.op == "not":
        answer = truth(looker, cell)
        return answer if isinstance(answer, Undecided) else Const(answer)
    try:
        operand = looker.pure(looker.look(looker.child(cell, expr.operand)))
        return python_value(cell, strings.unary(expr.op, operand))
    except NotPure as error:
        return placed(error.undecided, cell.place)
    except strings.Refused as error:
        return Undecided(str(error), cell.place)


def comparison(looker: Looker, cell: Cell) -> Value:
    """``left op right op right``"""
    expr = cast(Compare, cell.expr)
    none = _is_none(looker, cell, expr)
    if none is not None:
        return Const(none)
    try:
        left = looker.pure(looker.look(looker.child(cell, expr.left)))
        for op, operand in expr.rest:
            right = looker.pure(looker.look(looker.child(cell, operand)))
            if not strings.compare(op, left, right):
                return Const(False)
            left = right
    except NotPure as error:
        return placed(error.undecided, cell.place)
    except strings.Refused as error:
        return Undecided(str(error), cell.place)
    return Const(True)


def _is_none(looker: Looker, cell: Cell, expr: Compare) -> bool | None:
    """``x is None`` and ``x is not None`` of what is an object, whatever it is."""
    if len(expr.rest) != 1 or expr.rest[0][0] not in ("is", "is not"):
        return None
    op, right = expr.rest[0]
    if not isinstance(right, Literal_) or right.kind != "none":
        return None
    value = looker.look(looker.child(cell, expr.left))
    if isinstance(value, (Sequence, Mapping, Function, Instance, Class, Module)):
        return op == "is not"
    return None


def conditional(looker: Looker, cell: Cell) -> Value:
    """``body if test else orelse``"""
    expr = cast(IfExp, cell.expr)
    answer = truth(looker, looker.child(cell, expr.test))
    if isinstance(answer, Undecided):
        return answer
    return looker.look(looker.child(cell, expr.body if answer else expr.orelse))


def _branch(looker: Looker, cell: Cell) -> bool | None:
    """A test that is decided as the branches of an ``if`` are: versions, platforms."""
    if cell.value is not None or not isinstance(cell.expr, (Name, Attr, Compare, Call)):
        return None
    names = _names_in(cell.expr)
    local = {
        name for frame in cell.scope.frames for s in flat(frame.body) for name in names_bound(s)
    }
    if names & local or any(cell.env.find(name) is not None for name in names):
        return None  # it is read as code at module level reads it
    span = cell.expr.span
    yes, no = (Return(span, Literal_(span, "bool", text)) for text in ("True", "False"))
    live = looker.names.live((If(span, cell.expr, (yes,), (no,)),), cell.scope.module)
    taken = [branch for branch in live if not branch.typing_only]
    if len(taken) != 1 or taken[0].context != "plain" or taken[0].main_only:
        return None
    return taken[0].stmt is yes or taken[0].stmt == yes


def truth(looker: Looker, cell: Cell) -> bool | Undecided:
    """Whether a value counts as true."""
    expr = cell.expr
    if cell.value is None and isinstance(expr, BoolOp):
        left = truth(looker, looker.child(cell, expr.left))
        if isinstance(left, Undecided) or left is (expr.op == "or"):
            return left
        return truth(looker, looker.child(cell, expr.right))
    if cell.value is None and isinstance(expr, UnaryOp) and expr.op == "not":
        operand = truth(looker, looker.child(cell, expr.operand))
        return operand if isinstance(operand, Undecided) else not operand
    value = looker.look(cell)
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
    branch = _branch(looker, cell)
    if branch is not None:
        return branch
    return Undecided(f"whether '{show(expr)}' is true cannot be determined statically", cell.place)


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
