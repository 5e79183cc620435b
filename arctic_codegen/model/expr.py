"""Expressions as written in one file: names are not resolved.

The scanner creates them, so no other stage needs a syntax tree. An expression of an unsupported
form is :class:`Opaque`, and keeps its text for messages.
"""

from __future__ import annotations

from typing import Literal, Union

import msgspec

from arctic_codegen.diagnostics.records import Span


class Node(msgspec.Struct, frozen=True, tag=True, tag_field="node"):
    """The base of all expressions, with their place."""

    span: Span


class Name(Node, frozen=True, tag=True):
    """``x``"""

    id: str


class Attr(Node, frozen=True, tag=True):
    """``value.attr``; ``attr_span`` is the place of the attribute's name alone."""

    value: Expr
    attr: str
    attr_span: Span


class Str(Node, frozen=True, tag=True):
    """A string literal; adjacent literals are joined.

    ``quoted`` is the string parsed as an expression, if it is part of an annotation and can be
    parsed, as in ``"Batch | None"``.
    """

    value: str
    quoted: Expr | None = None


class Literal_(Node, frozen=True, tag="Literal"):
    """Another literal, as text that evaluates to the same value.

    ``kind`` is one of ``int float complex bytes bool none ellipsis``.
    """

    kind: Literal["int", "float", "complex", "bytes", "bool", "none", "ellipsis"]
    text: str


class FString(Node, frozen=True, tag=True):
    """An f-string: text, and fields in braces."""

    parts: tuple[FText | FField, ...]


class FText(msgspec.Struct, frozen=True, tag=True, tag_field="node"):
    """The text between the fields of an f-string, with escapes decoded."""

    value: str


class FField(msgspec.Struct, frozen=True, tag=True, tag_field="node"):
    """``{value!conversion:spec}``; ``debug`` is the text before an ``=``, if there is one."""

    value: Expr
    conversion: str | None = None
    spec: tuple[FText | FField, ...] | None = None
    debug: str | None = None


class Seq(Node, frozen=True, tag=True):
    """A list, tuple or set display; its items may be :class:`Starred`."""

    kind: Literal["list", "tuple", "set"]
    items: tuple[Expr, ...]


class DictDisplay(Node, frozen=True, tag=True):
    """``{key: value}``; a key of ``None`` means ``**value``."""

    items: tuple[tuple[Expr | None, Expr], ...]


class Starred(Node, frozen=True, tag=True):
    """``*value`` in a display, a call or a subscript."""

    value: Expr


class Arg(msgspec.Struct, frozen=True):
    """One argument of a call: positional, ``keyword=``, ``*`` or ``**``."""

    value: Expr
    keyword: str | None = None
    star: Literal["", "*", "**"] = ""


class Call(Node, frozen=True, tag=True):
    """``func(args)``"""

    func: Expr
    args: tuple[Arg, ...]


class Subscript(Node, frozen=True, tag=True):
    """``value[items]``: one item for ``x[i]``, several for ``x[i, j]``, where ``tuple_`` is
    true."""

    value: Expr
    items: tuple[Expr, ...]
    tuple_: bool = False


class SliceExpr(Node, frozen=True, tag=True):
    """``lower:upper:step`` in a subscript."""

    lower: Expr | None
    upper: Expr | None
    step: Expr | None


class BinOp(Node, frozen=True, tag=True):
    """``left op right`` with the operator's symbol: ``+``, ``%``, ``|``, ..."""

    op: str
    left: Expr
    right: Expr


class BoolOp(Node, frozen=True, tag=True):
    """``left and right``, ``left or right``"""

    op: Literal["and", "or"]
    left: Expr
    right: Expr


class UnaryOp(Node, frozen=True, tag=True):
    """``-x``, ``+x``, ``~x``, ``not x``"""

    op: Literal["-", "+", "~", "not"]
    operand: Expr


class Compare(Node, frozen=True, tag=True):
    """``left op right op right``; operators are spelled as in source (``not in``, ``is not``)."""

    left: Expr
    rest: tuple[tuple[str, Expr], ...]


class IfExp(Node, frozen=True, tag=True):
    """``body if test else orelse``"""

    test: Expr
    body: Expr
    orelse: Expr


class CompFor(msgspec.Struct, frozen=True):
    """``for target in iterable if ...`` of a comprehension."""

    target: Expr
    iterable: Expr
    ifs: tuple[Expr, ...]
    is_async: bool = False


class Comp(Node, frozen=True, tag=True):
    """A comprehension or generator expression; a dict comprehension also has a ``key``."""

    kind: Literal["list", "set", "dict", "generator"]
    element: Expr
    clauses: tuple[CompFor, ...]
    key: Expr | None = None


ParamKind = Literal["positional_only", "normal", "var_positional", "keyword_only", "var_keyword"]


class Param(msgspec.Struct, frozen=True):
    """A parameter as written."""

    name: str
    kind: ParamKind
    span: Span
    annotation: Expr | None = None
    default: Expr | None = None


class LambdaExpr(Node, frozen=True, tag="Lambda"):
    """``lambda params: body``

    ``text`` is the text of the body, and ``text_start`` the line and column of its start: a stage
    that lifts the lambda can replace names in it.
    """

    params: tuple[Param, ...]
    body: Expr
    text: str
    text_start: tuple[int, int]
    is_generator: bool = False


class Opaque(Node, frozen=True, tag=True):
    """An unsupported expression (``await x``, ``x := 1``, ``{**a}`` ...)."""

    text: str


Expr = Union[
    Name,
    Attr,
    Str,
    Literal_,
    FString,
    Seq,
    DictDisplay,
    Starred,
    Call,
    Subscript,
    SliceExpr,
    BinOp,
    BoolOp,
    UnaryOp,
    Compare,
    IfExp,
    Comp,
    LambdaExpr,
    Opaque,
]


def named(dotted: str, span: Span) -> Expr:
    """A dotted name as an expression."""
    first, *rest = dotted.split(".")
    expr: Expr = Name(span, first)
    for attribute in rest:
        expr = Attr(span, expr, attribute, span)
    return expr


def is_none_literal(expr: Expr | None) -> bool:
    """Whether an expression is the literal ``None``."""
    return isinstance(expr, Literal_) and expr.kind == "none"


def unquoted(annotation: Expr | None) -> Expr | None:
    """An annotation, parsed if it is a string; ``None`` if it cannot be parsed."""
    return annotation.quoted if isinstance(annotation, Str) else annotation


def dotted_parts(expr: Expr) -> tuple[str, ...] | None:
    """The names of ``a.b.c``; ``None`` for anything else."""
    parts: list[str] = []
    while isinstance(expr, Attr):
        parts.insert(0, expr.attr)
        expr = expr.value
    return (expr.id, *parts) if isinstance(expr, Name) else None


def dotted_expr(path: str) -> Expr:
    """``a.b.c`` as an expression without a real place."""
    return named(path, Span(1, 1, 1, 1))


def names_of_target(target: Expr) -> list[str]:
    """The names that the target of an assignment binds."""
    if isinstance(target, Name):
        return [target.id]
    if isinstance(target, Starred):
        return names_of_target(target.value)
    if isinstance(target, Seq):
        return [name for item in target.items for name in names_of_target(item)]
    return []
