"""What are the values of displays, subscripts, operators, conditions and comprehensions?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.model.decls import ClassDecl
from arctic_codegen.model.expr import (
    BinOp,
    BoolOp,
    Comp,
    Compare,
    CompFor,
    Expr,
    IfExp,
    Literal_,
    Name,
    Seq,
    SliceExpr,
    Starred,
    Subscript,
    UnaryOp,
)
from arctic_codegen.resolve.entities import Scope, Unknown
from arctic_codegen.resolve.names.constant_folding import (
    OBJECT,
    NotConstant,
    arithmetic,
    fold,
    literal,
)
from arctic_codegen.resolve.names.typeargs import Subscripted
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.list_changes import added_elements, as_list
from arctic_codegen.resolve.values.records import (
    Class,
    Const,
    Instance,
    Other,
    Sequence,
    Value,
    describe,
)
from arctic_codegen.resolve.values.thunks import Layer, Names, Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_ROUND = 10
"""The cost of one iteration of a comprehension in steps: each has its own names."""


def python_value(thunk: Thunk, value: object) -> Value:
    """A Python object computed from constants, as a value."""
    if isinstance(value, (str, bytes, int, float, complex)) or value is None:
        return Const(value)
    if isinstance(value, tuple):
        return Sequence("tuple", tuple(thunk.holding(python_value(thunk, one)) for one in value))
    return undetermined(thunk)


def undetermined(thunk: Thunk, expr: Expr | None = None) -> Unknown:
    """The expression, or this part of it, is known only at run time."""
    shown = show(expr or thunk.expr)
    return Unknown(message("reasons", "undetermined", expression=shown), thunk.place)


def unsupported(thunk: Thunk) -> Unknown:
    """The expression has an unsupported form."""
    return Unknown(message("reasons", "unsupported", expression=show(thunk.expr)), thunk.place)


def constant(evaluator: Evaluator, thunk: Thunk) -> Value:
    """A literal, or an expression over constants."""
    if isinstance(thunk.expr, Literal_):
        value = literal(thunk.expr)
        return Other("'...'") if value is OBJECT else python_value(thunk, value)
    found = fold(thunk.expr, lambda part: evaluator.constant(thunk.child(part)))
    return python_value(thunk, found)


def sequence(evaluator: Evaluator, thunk: Thunk) -> Value:
    """A list, tuple or set display."""
    expr = cast(Seq, thunk.expr)
    items: list[Thunk] = []
    for item in expr.items:
        if isinstance(item, Starred):
            items.extend(added_elements(evaluator, thunk.child(item.value)))
        else:
            items.append(thunk.child(item))
    evaluator.tick(len(items))
    return Sequence(expr.kind, tuple(items))


def subscript(evaluator: Evaluator, thunk: Thunk) -> Value:
    """An item, a copy ``[:]``, or a class with its type arguments."""
    expr = cast(Subscript, thunk.expr)
    value = evaluator.evaluate(thunk.child(expr.value))
    if isinstance(value, Class):
        return Class(value.entity, Subscripted(expr.items, thunk.scope))  # `Base[int]`
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Other):
        return undetermined(thunk)
    if not isinstance(value, Sequence):
        return constant(evaluator, thunk)
    found = item(evaluator, thunk, value)
    return evaluator.evaluate(found) if isinstance(found, Thunk) else found


def item(evaluator: Evaluator, thunk: Thunk, value: Sequence) -> Thunk | Value:
    """The element that a constant subscript selects; ``[:]`` gives a value."""
    expr = cast(Subscript, thunk.expr)
    index = expr.items[0]
    if value.kind not in ("list", "tuple"):
        return Unknown(message("reasons", "cannot-index", what=describe(value)), thunk.place)
    if isinstance(index, SliceExpr):
        if index.lower is index.upper is index.step:
            return Sequence(value.kind, value.items)
        return unsupported(thunk)
    key = evaluator.constant(thunk.child(index))
    evaluator.tick(len(value.items) // 16)
    if value.hole is not None:
        return undetermined(thunk, expr.value)
    if not isinstance(key, int) or not -len(value.items) <= key < len(value.items):
        why = message("reasons", "no-element", expression=show(expr.value), index=repr(key))
        return Unknown(why, thunk.place)
    return value.items[key]


def binary(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``left op right``"""
    expr = cast(BinOp, thunk.expr)
    if expr.op != "+":
        sides = (expr.left,) if expr.op == "%" else (expr.left, expr.right)
        if any(isinstance(evaluator.evaluate(thunk.child(side)), Sequence) for side in sides):
            return unsupported(thunk)
        return constant(evaluator, thunk)
    # Long chains of `+` are common, and recursion would nest one level for each.
    operands: list[Expr] = []
    first: Expr = expr
    while isinstance(first, BinOp) and first.op == "+":
        operands.append(first.right)
        first = first.left
    total = thunk.child(first)
    for operand in reversed(operands):
        value = _sum(evaluator, thunk, total, thunk.child(operand))
        if isinstance(value, Unknown):
            return value
        total = total.holding(value)
    return evaluator.evaluate(total)


def _sum(evaluator: Evaluator, thunk: Thunk, left: Thunk, right: Thunk) -> Value:
    one, other = evaluator.evaluate(left), evaluator.evaluate(right)
    for value in (one, other):
        if isinstance(value, Sequence) and value.kind in ("list", "tuple"):
            if isinstance(one, Sequence) and isinstance(other, Sequence) and one.kind != other.kind:
                break
            items = (*as_list(left, one).items, *as_list(right, other).items)
            evaluator.tick_copy(items)
            return Sequence(value.kind, items)
    if isinstance(one, Sequence) or isinstance(other, Sequence):
        why = message("reasons", "cannot-add", left=describe(one), right=describe(other))
        return Unknown(why, thunk.place)
    first, second = left.holding(one), right.holding(other)
    expr = cast(BinOp, thunk.expr)
    found = arithmetic(expr, evaluator.constant(first), evaluator.constant(second))
    return python_value(thunk, found)


def boolean(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``and``, ``or``"""
    expr = cast(BoolOp, thunk.expr)
    left = thunk.child(expr.left)
    is_left = evaluator.truth(left) is (expr.op == "or")
    return evaluator.evaluate(left if is_left else thunk.child(expr.right))


def unary(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``not x``, ``-x``"""
    if cast(UnaryOp, thunk.expr).op != "not":
        return constant(evaluator, thunk)
    return Const(evaluator.truth(thunk))


def comparison(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``left op right op right``"""
    expr = cast(Compare, thunk.expr)
    identity = all(op in ("is", "is not") for op, _ in expr.rest)

    def part(side: Expr) -> object:
        inner = thunk.child(side)
        value = evaluator.evaluate(inner)
        if identity and isinstance(value, (Sequence, Instance)):
            return OBJECT
        return evaluator.constant(inner.holding(value))

    return python_value(thunk, fold(expr, part))


def conditional(evaluator: Evaluator, thunk: Thunk) -> Value:
    """``body if test else orelse``"""
    expr = cast(IfExp, thunk.expr)
    taken = expr.body if evaluator.truth(thunk.child(expr.test)) else expr.orelse
    return evaluator.evaluate(thunk.child(taken))


def inner_scope(scope: Scope) -> Scope:
    """The scope of code nested in an expression, which does not see names of a class body."""
    frames = scope.frames
    while frames and isinstance(frames[-1], ClassDecl):
        frames = frames[:-1]
    return scope if frames is scope.frames else msgspec.structs.replace(scope, frames=frames)


def comprehension(evaluator: Evaluator, thunk: Thunk) -> Value:
    """The elements of a comprehension, each with the names of its own iteration."""
    expr = cast(Comp, thunk.expr)
    if any(clause.is_async for clause in expr.clauses):
        return Unknown(message("reasons", "async-for"), thunk.place)
    if expr.kind == "dict":
        return unsupported(thunk)
    first = evaluator.elements(thunk.child(expr.clauses[0].iterable))
    inside = msgspec.structs.replace(thunk, scope=inner_scope(thunk.scope), reach=None)
    rounds = _rounds(evaluator, inside, expr.clauses, first)
    items = tuple(round_.child(expr.element) for round_ in rounds)
    return Sequence("iterator" if expr.kind == "generator" else expr.kind, items)


def _rounds(
    evaluator: Evaluator,
    thunk: Thunk,
    clauses: tuple[CompFor, ...],
    elements: tuple[Thunk, ...],
) -> Iterator[Thunk]:
    """One thunk for each iteration, with the targets of all clauses bound."""
    clause, *rest = clauses
    for index, element in enumerate(elements):
        evaluator.tick(_ROUND)
        names: Names = {}
        _bind(evaluator, clause.target, element, names)
        inside = msgspec.structs.replace(
            thunk, env=thunk.env.within(Layer(0, names)), indices=(*thunk.indices, index)
        )
        if not all(evaluator.truth(inside.child(test)) for test in clause.ifs):
            continue
        if not rest:
            yield inside
            continue
        following = evaluator.elements(inside.child(rest[0].iterable))
        yield from _rounds(evaluator, inside, tuple(rest), following)


def _bind(evaluator: Evaluator, target: Expr, element: Thunk, names: Names) -> None:
    if isinstance(target, Name):
        names[target.id] = element
        return
    if not isinstance(target, Seq) or any(isinstance(one, Starred) for one in target.items):
        why = message("reasons", "loop-target", target=show(target))
        raise NotConstant(Unknown(why, element.place))
    parts = evaluator.elements(element)
    if len(parts) != len(target.items):
        why = message(
            "reasons",
            "unpack-count",
            target=show(target),
            wanted=len(target.items),
            expression=show(element.expr),
            found=len(parts),
        )
        raise NotConstant(Unknown(why, element.place))
    for inner, part in zip(target.items, parts, strict=True):
        _bind(evaluator, inner, part, names)
