"""Comprehensions over constants, round by round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.decls import ClassDecl
from arctic_codegen.model.expr import Comp, CompFor, Expr, Name, Seq, Starred
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.records import (
    MAX_ELEMENTS,
    Layer,
    Sequence,
    Thunk,
    Undecided,
    Value,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


class _Stop(Exception):
    def __init__(self, undecided: Undecided) -> None:
        super().__init__(undecided.reason)
        self.undecided = undecided


def inner_scope(scope: Scope) -> Scope:
    """The scope of code nested in an expression: names of a class body are not seen there."""
    frames = scope.frames
    while frames and isinstance(frames[-1], ClassDecl):
        frames = frames[:-1]
    return scope if frames is scope.frames else msgspec.structs.replace(scope, frames=frames)


def comprehension(evaluator: Evaluator, thunk: Thunk, expr: Comp) -> Value:
    """The elements that a comprehension makes, each with its own round's names."""
    if any(clause.is_async for clause in expr.clauses):
        return Undecided("an 'async for' is not read", thunk.place)
    first = evaluator.elements(thunk.child(expr.clauses[0].iterable))
    if isinstance(first, Undecided):
        return first
    if len(first) > MAX_ELEMENTS:
        return too_long(thunk)
    inside = msgspec.structs.replace(thunk, scope=inner_scope(thunk.scope), reach=None)
    items: list[Thunk] = []
    try:
        for round_ in _rounds(evaluator, inside, expr.clauses, first, [0]):
            if len(items) >= MAX_ELEMENTS:
                return too_long(thunk)
            items.append(round_.child(expr.element))
    except _Stop as stop:
        return stop.undecided
    if expr.kind == "generator":
        return Sequence("iterator", tuple(items))
    return Sequence(expr.kind, tuple(items))


def too_long(thunk: Thunk) -> Undecided:
    """More elements than are read."""
    return Undecided(
        f"'{show(thunk.expr)}' has more than {MAX_ELEMENTS:,} elements", thunk.place, code="AC205"
    )


def _rounds(
    evaluator: Evaluator,
    thunk: Thunk,
    clauses: tuple[CompFor, ...],
    elements: tuple[Thunk, ...],
    count: list[int],
) -> Iterator[Thunk]:
    """One thunk for each round, with the targets of all clauses bound."""
    clause, *rest = clauses
    for index, element in enumerate(elements):
        evaluator.tick()
        count[0] += 1
        if count[0] > MAX_ELEMENTS:
            raise _Stop(too_long(thunk))
        names: dict[str, Thunk | None] = {}
        _bind(evaluator, clause.target, element, names)
        inside = msgspec.structs.replace(
            thunk, env=thunk.env.within(Layer(0, names)), indices=(*thunk.indices, index)
        )
        if not all(_holds(evaluator, inside, test) for test in clause.ifs):
            continue
        if not rest:
            yield inside
            continue
        following = evaluator.elements(inside.child(rest[0].iterable))
        if isinstance(following, Undecided):
            raise _Stop(following)
        if len(following) > MAX_ELEMENTS:
            raise _Stop(too_long(thunk))
        yield from _rounds(evaluator, inside, tuple(rest), following, count)


def _holds(evaluator: Evaluator, thunk: Thunk, test: Expr) -> bool:
    answer = evaluator.truth(thunk.child(test))
    if isinstance(answer, Undecided):
        raise _Stop(answer)
    return answer


def _bind(
    evaluator: Evaluator, target: Expr, element: Thunk, names: dict[str, Thunk | None]
) -> None:
    if isinstance(target, Name):
        names[target.id] = element
        return
    if not isinstance(target, Seq):
        raise _Stop(Undecided(f"the loop binds '{show(target)}', which is no name", element.place))
    parts = evaluator.elements(element)
    if isinstance(parts, Undecided):
        raise _Stop(parts)
    stars = [index for index, item in enumerate(target.items) if isinstance(item, Starred)]
    needed = len(target.items) - len(stars)
    if len(stars) > 1 or (len(parts) < needed if stars else len(parts) != needed):
        raise _Stop(
            Undecided(
                f"'{show(target)}' needs {needed} values, and '{show(element.expr)}' has "
                f"{len(parts)}",
                element.place,
            )
        )
    extra = len(parts) - needed
    position = 0
    for item in target.items:
        if isinstance(item, Starred):
            taken = Sequence("list", parts[position : position + extra])
            _bind(
                evaluator,
                item.value,
                msgspec.structs.replace(element, value=taken, reach=None),
                names,
            )
            position += extra
        else:
            _bind(evaluator, item, parts[position], names)
            position += 1
