"""How is an expression written as text?

Names and strings are written unchanged, unless a subclass of the writer overrides this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arctic_codegen.model.expr import (
    Arg,
    Attr,
    BinOp,
    BoolOp,
    Call,
    Compare,
    DictDisplay,
    Expr,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Seq,
    SliceExpr,
    Starred,
    Str,
    Subscript,
    UnaryOp,
)
from arctic_codegen.model.text import Ref

Parts = list["str | Ref"]

_LAMBDA, _IF, OR, _AND, _NOT, _COMPARE = 1, 2, 3, 4, 5, 6
BINARY = {
    "|": 7, "^": 8, "&": 9, "<<": 10, ">>": 10, "+": 11, "-": 11,
    "*": 12, "/": 12, "//": 12, "%": 12, "@": 12, "**": 14,
}  # fmt: skip
_UNARY, PRIMARY = 13, 16
_BRACKETS = {"list": "[]", "set": "{}", "tuple": "()"}


class CannotWrite(Exception):
    """The expression contains a part that cannot be used elsewhere."""


class Writer:
    """Writes expressions, with precedence levels."""

    def write(self, expr: Expr, level: int = 0) -> Parts:
        """The parts of an expression, in parentheses if its precedence is below ``level``."""
        own, parts = self.parts(expr)
        return ["(", *parts, ")"] if own < level else parts

    def parts(self, expr: Expr) -> tuple[int, Parts]:
        """The precedence of an expression, and its parts."""
        match expr:
            case Name() | Attr():
                return self.named(expr)
            case Str():
                return self.string(expr)
            case Literal_(kind=kind, text=text):
                if kind == "complex" and ("+" in text or "-" in text):
                    return BINARY["+"], [text]
                return PRIMARY, [text]
            case Subscript():
                return PRIMARY, self.subscript(expr)
            case BinOp(op=op, left=left, right=right):
                own = BINARY.get(op)
                if own is None:
                    raise CannotWrite
                left_level, right_level = (own + 1, _UNARY) if op == "**" else (own, own + 1)
                return own, [
                    *self.write(left, left_level), f" {op} ", *self.write(right, right_level),
                ]  # fmt: skip
            case Seq(kind=kind, items=items):
                return PRIMARY, self._display(kind, items)
            case Call(func=func, args=args):
                return PRIMARY, [
                    *self.write(func, PRIMARY), "(",
                    *separated(self._argument(arg) for arg in args), ")",
                ]  # fmt: skip
            case Starred(value=value):
                return 0, self.starred(value)
            case UnaryOp(op=op, operand=operand):
                if op == "not":
                    return _NOT, ["not ", *self.write(operand, _NOT)]
                return _UNARY, [op, *self.write(operand, _UNARY)]
            case BoolOp(op=op, left=left, right=right):
                own = _AND if op == "and" else OR
                return own, [*self.write(left, own), f" {op} ", *self.write(right, own + 1)]
            case Compare(left=left, rest=rest):
                parts = self.write(left, _COMPARE + 1)
                for op, right in rest:
                    parts += [f" {op} ", *self.write(right, _COMPARE + 1)]
                return _COMPARE, parts
            case IfExp(test=test, body=body, orelse=orelse):
                return _IF, [
                    *self.write(body, OR), " if ", *self.write(test, OR),
                    " else ", *self.write(orelse, _IF),
                ]  # fmt: skip
            case DictDisplay(items=pairs):
                return PRIMARY, ["{", *separated(self._pair(*pair) for pair in pairs), "}"]
            case SliceExpr(lower=lower, upper=upper, step=step):
                parts = [*self._optional(lower), ":", *self._optional(upper)]
                return 0, parts if step is None else [*parts, ":", *self.write(step, _IF)]
        return _LAMBDA if isinstance(expr, LambdaExpr) else PRIMARY, self.other(expr)

    def named(self, expr: Name | Attr) -> tuple[int, Parts]:
        """A name, or an attribute of something."""
        if isinstance(expr, Name):
            return PRIMARY, [expr.id]
        inner = self.write(expr.value, PRIMARY)
        if isinstance(expr.value, Literal_) and expr.value.kind in ("int", "float"):
            inner = ["(", *inner, ")"]
        return PRIMARY, [*inner, f".{expr.attr}"]

    def string(self, expr: Str) -> tuple[int, Parts]:
        """A string."""
        return PRIMARY, [repr(expr.value)]

    def starred(self, value: Expr) -> Parts:
        """``*value``"""
        return ["*", *self.write(value, BINARY["|"])]

    def subscript(self, expr: Subscript) -> Parts:
        """``value[items]``"""
        parts = [*self.write(expr.value, PRIMARY), "["]
        parts += separated(self.item(item) for item in expr.items)
        return [*parts, ",]" if expr.tuple_ and len(expr.items) == 1 else "]"]

    def item(self, item: Expr) -> Parts:
        """An item in the brackets of a subscript."""
        return self.write(item, 0 if isinstance(item, SliceExpr) else _LAMBDA - 1)

    def other(self, expr: Expr) -> Parts:
        """A comprehension, a lambda, an f-string, or an unsupported expression."""
        raise CannotWrite

    def _display(self, kind: str, items: Sequence[Expr]) -> Parts:
        opening, closing = _BRACKETS[kind][0], _BRACKETS[kind][1]
        if kind == "set" and not items:
            raise CannotWrite
        parts = [opening, *separated(self.write(item) for item in items)]
        if kind == "tuple" and len(items) == 1:
            parts.append(",")
        return [*parts, closing]

    def _argument(self, arg: Arg) -> Parts:
        prefix = arg.star if arg.keyword is None else f"{arg.keyword}="
        value = arg.value
        if isinstance(value, Starred):
            return self.write(value)
        return [prefix, *self.write(value)] if prefix else self.write(value)

    def _pair(self, key: Expr | None, value: Expr) -> Parts:
        if key is None:
            return ["**", *self.write(value, BINARY["|"])]
        return [*self.write(key), ": ", *self.write(value)]

    def _optional(self, expr: Expr | None) -> Parts:
        return [] if expr is None else self.write(expr, _IF)


def separated(items: Iterable[Parts]) -> Parts:
    """The parts of several items, separated by commas."""
    parts: Parts = []
    for number, item in enumerate(items):
        if number:
            parts.append(", ")
        parts += item
    return parts
