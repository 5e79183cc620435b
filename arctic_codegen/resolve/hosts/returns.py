"""What a callback gives back, as far as its text tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import FunctionDecl, If, Loop, Match, Return, Statement, Try, With
from arctic_codegen.model.expr import Call, Expr, IfExp, Literal_, Name, Opaque, Seq


class Returned(msgspec.Struct, frozen=True):
    """One ``return``, or one branch of its conditional expression."""

    span: Span
    value: Expr | None

    @property
    def place(self) -> Span:
        """Where the value stands; the statement, where there is none."""
        return self.span if self.value is None else self.value.span

    @property
    def is_none(self) -> bool:
        """``return None``, spelled out."""
        return isinstance(self.value, Literal_) and self.value.kind == "none"

    @property
    def may_be_none(self) -> bool:
        """Nothing, ``None``, or what a call gives: that may be nothing as well."""
        return self.value is None or self.is_none or isinstance(self.value, Call | Opaque)

    @property
    def tuple_names(self) -> tuple[str, ...] | None:
        """The names in a tuple display that holds nothing else."""
        if isinstance(self.value, Seq) and self.value.kind == "tuple":
            names = [item.id for item in self.value.items if isinstance(item, Name)]
            if len(names) == len(self.value.items):
                return tuple(names)
        return None


def returns_of(definition: FunctionDecl) -> tuple[Returned, ...]:
    """Every ``return`` of a ``def``, those of nested functions left out."""
    return tuple(_branches(list(_walk(definition.body))))


def returns_of_lambda(body: Expr) -> tuple[Returned, ...]:
    """What a lambda gives back, taken as ``return``s."""
    return tuple(_branches([Returned(body.span, body)]))


def _branches(found: Sequence[Returned]) -> Iterator[Returned]:
    for one in found:
        if isinstance(one.value, IfExp):
            yield from _branches(
                [
                    Returned(one.value.body.span, one.value.body),
                    Returned(one.value.orelse.span, one.value.orelse),
                ]
            )
        else:
            yield one


def _walk(body: Sequence[Statement]) -> Iterator[Returned]:
    for stmt in body:
        if isinstance(stmt, Return):
            yield Returned(stmt.span, stmt.value)
        elif isinstance(stmt, If | Loop):
            yield from _walk(stmt.body)
            yield from _walk(stmt.orelse)
        elif isinstance(stmt, With):
            yield from _walk(stmt.body)
        elif isinstance(stmt, Try):
            yield from _walk(stmt.body)
            for handler in stmt.handlers:
                yield from _walk(handler.body)
            yield from _walk(stmt.orelse)
            yield from _walk(stmt.finalbody)
        elif isinstance(stmt, Match):
            for case in stmt.cases:
                yield from _walk(case)
