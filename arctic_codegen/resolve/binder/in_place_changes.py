"""What does a statement change in place: a list, or an attribute?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import Assign, AugAssign, CallStmt, Delete, Statement
from arctic_codegen.model.expr import (
    Attr,
    Call,
    Expr,
    Name,
    Seq,
    Starred,
    Str,
    Subscript,
    dotted_parts,
)
from arctic_codegen.model.spelling import LIST_CHANGERS

ChangeKind = Literal["append", "extend", "insert", "assign", "delete", "other"]
_READ: dict[str, tuple[ChangeKind, int]] = {
    "append": ("append", 1),
    "extend": ("extend", 1),
    "__iadd__": ("extend", 1),
    "insert": ("insert", 2),
}
"""The supported methods, with the number of their arguments."""


class InPlaceChange(msgspec.Struct, frozen=True):
    """One change of the object that ``target`` refers to.

    ``kind`` is ``other`` for an unsupported change; ``what`` describes it in messages.
    """

    target: Expr
    kind: ChangeKind
    args: tuple[Expr, ...]
    what: str
    span: Span

    @property
    def is_binding(self) -> bool:
        """Whether the target is rebound or deleted, so that no list is changed."""
        return self.kind in ("assign", "delete")


def changes_of(stmt: Statement) -> tuple[InPlaceChange, ...]:
    """The changes that a statement makes; assignments to names and attributes are ``assign``."""
    span = stmt.span
    match stmt:
        case CallStmt(call=call):
            return _called(call, span)
        case AugAssign(target=Subscript(value=held)):
            return (InPlaceChange(held, "other", (), "an item that is assigned", span),)
        case AugAssign(target=target, op=op, value=value):
            kind: ChangeKind = "extend" if op == "+" else "other"
            return (InPlaceChange(target, kind, (value,), f"'{op}='", span),)
        case Assign(targets=targets, value=assigned) if assigned is not None:
            return tuple(one for target in targets for one in _assigned(target, assigned, span))
        case Delete(targets=targets):
            return tuple(
                InPlaceChange(target.value, "other", (), "'del' of an item", span)
                if isinstance(target, Subscript)
                else InPlaceChange(target, "delete", (), "'del'", span)
                for target in targets
            )
    return ()


def _called(call: Call, span: Span) -> tuple[InPlaceChange, ...]:
    func, args = call.func, tuple(arg.value for arg in call.args)
    if isinstance(func, Name) and func.id in ("setattr", "delattr") and len(args) > 1:
        owner, name = args[:2]
        if isinstance(name, Str):
            target = Attr(owner.span, owner, name.value, owner.span)
            return (InPlaceChange(target, "other", args[2:], f"'{func.id}'", span),)
    if not isinstance(func, Attr) or func.attr not in LIST_CHANGERS:
        return ()
    plain = all(arg.star == "" and arg.keyword is None for arg in call.args)
    kind, wanted = _READ.get(func.attr, ("other", len(args)))
    if not plain or len(args) != wanted:
        kind = "other"
    return (InPlaceChange(func.value, kind, args, f"'{func.attr}'", span),)


def _assigned(target: Expr, value: Expr, span: Span) -> Iterator[InPlaceChange]:
    if isinstance(target, Subscript):
        what = "an item or slice that is assigned"
        yield InPlaceChange(target.value, "other", (), what, span)
    elif not isinstance(target, Seq):
        yield InPlaceChange(target, "assign", (value,), "an assignment", span)
    else:
        for inner in _unpacked(target):
            yield InPlaceChange(inner, "other", (), "an assignment by unpacking", span)


def _unpacked(target: Expr) -> Iterator[Expr]:
    if isinstance(target, Seq):
        for item in target.items:
            yield from _unpacked(item)
    elif isinstance(target, (Starred, Subscript)):
        yield from _unpacked(target.value)
    else:
        yield target


def first_name(expr: Expr) -> str | None:
    """The first name of ``a.b.c``; ``None`` for another expression."""
    parts = dotted_parts(expr)
    return None if parts is None else parts[0]
