"""Statements that change a list: ``append``, ``extend``, ``insert``, ``+=``, and those that are
not read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import Assign, AugAssign, CallStmt, Delete, Statement
from arctic_codegen.model.expr import Attr, Call, Expr, Name, Seq, Starred, Subscript
from arctic_codegen.model.spelling import DICT_CHANGERS, LIST_CHANGERS
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.comprehensions import too_long
from arctic_codegen.resolve.values.records import (
    MAX_ELEMENTS,
    Const,
    Sequence,
    Thunk,
    Undecided,
    describe,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


class ListChange(msgspec.Struct, frozen=True):
    """One change of the list that ``target`` stands for.

    ``kind`` is ``other`` for what is not read; ``what`` names it for a message.
    """

    target: Expr
    kind: Literal["append", "extend", "insert", "assign", "other"]
    args: tuple[Expr, ...]
    what: str
    span: Span


def list_changes(stmt: Statement) -> tuple[ListChange, ...]:
    """The changes of lists that a statement makes. Assignments to a name or an attribute are
    ``assign``: the caller knows whether it is a change of a list or a new binding."""
    span = stmt.span
    match stmt:
        case CallStmt(call=call):
            func = call.func
            if not isinstance(func, Attr):
                return ()
            if func.attr in DICT_CHANGERS:
                return (ListChange(func.value, "other", (), f"'{func.attr}'", span),)
            if func.attr not in LIST_CHANGERS:
                return ()
            args = tuple(arg.value for arg in call.args)
            plain = all(arg.star == "" and arg.keyword is None for arg in call.args)
            wanted = {"append": 1, "extend": 1, "insert": 2, "__iadd__": 1}.get(func.attr)
            if not plain or wanted != len(args):
                return (ListChange(func.value, "other", args, f"'{func.attr}'", span),)
            kind = "extend" if func.attr == "__iadd__" else func.attr
            return (ListChange(func.value, kind, args, f"'{func.attr}'", span),)  # type: ignore[arg-type]  # one of three
        case AugAssign(target=target, op=op, value=value):
            kind_ = "extend" if op == "+" else "other"
            if isinstance(target, Subscript):
                return (ListChange(target.value, "other", (), "an item that is assigned", span),)
            return (ListChange(target, kind_, (value,), f"'{op}='", span),)  # type: ignore[arg-type]  # one of two
        case Assign(targets=targets, value=assigned) if assigned is not None:
            return tuple(
                change for target in targets for change in _assigned(target, assigned, span)
            )
        case Delete(targets=targets):
            return tuple(
                ListChange(target.value, "other", (), "'del' of an item", span)
                if isinstance(target, Subscript)
                else ListChange(target, "other", (), "'del'", span)
                for target in targets
            )
    return ()


def _assigned(target: Expr, value: Expr, span: Span) -> tuple[ListChange, ...]:
    if isinstance(target, Subscript):
        what = "an item or slice that is assigned"
        return (ListChange(target.value, "other", (), what, span),)
    if isinstance(target, Seq):
        plain = not any(isinstance(item, Starred) for item in target.items)
        if (
            plain
            and isinstance(value, Seq)
            and value.kind != "set"
            and len(value.items) == len(target.items)
            and not any(isinstance(item, Starred) for item in value.items)
        ):
            return tuple(
                change
                for inner, part in zip(target.items, value.items, strict=True)
                for change in _assigned(inner, part, span)
            )
        return tuple(
            ListChange(inner, "other", (), "an assignment by unpacking", span)
            for inner in _flat_targets(target)
        )
    return (ListChange(target, "assign", (value,), "an assignment", span),)


def _flat_targets(target: Expr) -> list[Expr]:
    if isinstance(target, Starred):
        return _flat_targets(target.value)
    if isinstance(target, Seq):
        return [inner for item in target.items for inner in _flat_targets(item)]
    if isinstance(target, Subscript):
        return [target.value]
    return [target]


def held_by(target: Expr) -> Expr:
    """What holds that which is changed: ``TABLE`` in ``TABLE[key].append(...)``."""
    held, inside = target, target
    while isinstance(inside, (Attr, Subscript, Call)):
        if isinstance(inside, Attr):
            inside = inside.value
        elif isinstance(inside, Subscript):
            held = inside = inside.value
        elif isinstance(inside.func, Attr):
            held = inside = inside.func.value
        else:
            break
    return held


def is_named(expr: Expr, name: str) -> bool:
    """Whether an expression is that bare name."""
    return isinstance(expr, Name) and expr.id == name


ThunkOf = Callable[[Expr], Thunk]


def applied(
    evaluator: Evaluator,
    value: Sequence,
    change: ListChange,
    thunk_of: ThunkOf,
    name: str,
    place: Place,
) -> Sequence | Undecided:
    """The list after an ``append``, ``extend`` or ``insert``."""
    if change.kind in ("append", "insert") and value.kind != "list":
        return Undecided(f"'{name}' is {describe(value)}, which has no {change.what}", place)
    thunks = [thunk_of(arg) for arg in change.args]
    match change.kind:
        case "append":
            items = (*value.items, thunks[0])
        case "insert":
            index = evaluator.evaluate(thunks[0])
            if not isinstance(index, Const) or not isinstance(index.value, int):
                return Undecided(
                    f"the position '{show(change.args[0])}' cannot be determined statically",
                    thunks[0].place,
                )
            moved = [
                item if item.reach is None else msgspec.structs.replace(item, reach=None)
                for item in value.items
            ]
            moved.insert(index.value, thunks[1])
            items = tuple(moved)
        case "extend":
            more = added_elements(evaluator, thunks[0])
            if value.kind == "tuple":
                other = evaluator.evaluate(thunks[0])
                if isinstance(other, Sequence) and other.kind != "tuple":
                    return Undecided(f"Python cannot add a tuple and {describe(other)}", place)
            items = (*value.items, *more)
        case _:
            return Undecided(f"{change.what} of '{name}' is not read", place)
    if len(items) > MAX_ELEMENTS:
        return too_long(thunks[0])
    return msgspec.structs.replace(value, items=items)


def added_elements(evaluator: Evaluator, thunk: Thunk) -> tuple[Thunk, ...]:
    """What ``extend`` adds; one that stands for the unknown where that is not decided."""
    value = evaluator.evaluate(thunk)
    if isinstance(value, Sequence) and not (value.kind == "set" and len(value.items) > 1):
        return value.items
    found = evaluator.elements(thunk)
    return (hole(thunk, found),) if isinstance(found, Undecided) else found


def hole(thunk: Thunk, undecided: Undecided) -> Thunk:
    """An element that stands for an unknown number of them."""
    code = undecided.code or ("AC103" if undecided.missing else "AC205")
    return msgspec.structs.replace(
        thunk, value=msgspec.structs.replace(undecided, code=code), reach=None
    )
