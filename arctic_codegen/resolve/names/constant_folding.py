"""What is the value of an expression whose parts are constants?"""

from __future__ import annotations

import ast
import functools
import operator
import re
import string
from collections.abc import Callable
from typing import Any

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    BoolOp,
    Call,
    Compare,
    Expr,
    FField,
    FString,
    FText,
    IfExp,
    Literal_,
    Seq,
    SliceExpr,
    Str,
    Subscript,
    UnaryOp,
)
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.show import show

_COMPARE: dict[str, Callable[[Any, Any], object]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
}
METHODS = frozenset({"format", "startswith", "endswith"})
_LARGEST = 2**63
_LONGEST = 100_000


class NotConstant(Exception):
    """An expression is not a constant; ``unknown`` is the reason."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__()
        self.unknown = unknown


class Marker:
    """The value of something that is not a Python constant, but exists and so is true."""


OBJECT = Marker()
"""A module, a class, a function, an object."""


class Version(Marker):
    """``sys.version_info``: the first two items are known, three more follow."""

    def __init__(self, known: tuple[int, int]) -> None:
        self.known = known

    def compare(self, op: str, other: object) -> bool:
        """``version_info op other``, unless the result depends on the micro version."""
        if op in _COMPARE and isinstance(other, tuple):
            known, prefix = self.known[: len(other)], other[:2]
            if known != prefix:
                return bool(_COMPARE[op](known, prefix))
            if len(other) <= 2 or (len(other) == 3 and other[2] == 0):
                return op in (">", ">=", "!=")
        raise refused(message("reasons", "micro-version"))

    def item(self, index: Expr) -> object:
        """``version_info[0]``, ``version_info[1]`` and ``version_info[:2]``."""
        match index:
            case Literal_(text="0" | "1" as text):
                return self.known[int(text)]
            case SliceExpr(lower=None, upper=Literal_(text="2"), step=None):
                return self.known
        raise refused(message("reasons", "micro-version"))


def refused(why: Message) -> NotConstant:
    """The error for a case where Python would raise, or a result is too large."""
    return NotConstant(Unknown(why))


def truth(value: object) -> bool:
    """Whether a value is true in a boolean context."""
    return isinstance(value, Marker) or bool(value)


def literal(expr: Literal_) -> object:
    """A literal other than a string."""
    return OBJECT if expr.kind == "ellipsis" else _evaluated(expr.text)


@functools.lru_cache(maxsize=1024)
def _evaluated(text: str) -> object:
    return _called(lambda: ast.literal_eval(text))


def fold(expr: Expr, part: Callable[[Expr], Any]) -> object:
    """The value of an expression, with ``part`` to evaluate its operands; both raise
    :class:`NotConstant`."""
    match expr:
        case Str(value=text):
            return text
        case Literal_():
            return literal(expr)
        case FString(parts=parts):
            return _fstring(parts, part)
        case IfExp(test=test, body=body, orelse=orelse):
            return part(body if truth(part(test)) else orelse)
        case BoolOp(left=left, right=right):
            first = part(left)
            return first if truth(first) is (expr.op == "or") else part(right)
        case UnaryOp(op="not", operand=operand):
            return not truth(part(operand))
        case UnaryOp(op="-", operand=operand):
            return _called(lambda: -part(operand))
        case BinOp(left=left, right=right):
            return arithmetic(expr, part(left), part(right))
        case Compare(left=left, rest=rest):
            value = part(left)
            for op, right in rest:
                other = part(right)
                if not _compared(op, value, other):
                    return False
                value = other
            return True
        case Seq(kind="list" | "tuple", items=items):
            return tuple(plain(part(item)) for item in items)
        case Subscript(value=base, items=(index,)) if isinstance(of := part(base), Version):
            return of.item(index)
        case Call(func=Attr(value=base, attr=name), args=args) if name in METHODS:
            if not any(arg.star for arg in args):
                given = [part(arg.value) for arg in args if arg.keyword is None]
                named = {arg.keyword: part(arg.value) for arg in args if arg.keyword is not None}
                return method(part(base), name, given, named)
    raise refused(message("reasons", "undetermined", expression=show(expr)))


def method(text: object, name: str, args: list[Any], named: dict[str, Any]) -> object:
    """The result of a supported string method."""
    if not isinstance(text, str) or name not in METHODS:
        raise refused(message("reasons", "unsupported", expression=name))
    for arg in (*args, *named.values()):
        plain(arg)
    if name == "format":
        for _, field, spec, _ in _called(lambda: list(string.Formatter().parse(text))):
            if spec or re.search(r"[.\[]", field or ""):
                raise refused(message("reasons", "format-field"))
    return _bounded(_called(lambda: getattr(text, name)(*args, **named)))


def _called(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except (NotConstant, RecursionError):
        raise
    except Exception as error:  # the reason is Python's error for these constants
        shown = f"{type(error).__name__}: {error}"
        raise refused(message("reasons", "raises", error=shown)) from None


def plain(value: Any) -> Any:
    """A constant that is not a marker."""
    if isinstance(value, Marker):
        raise refused(message("reasons", "not-a-constant", what="an object"))
    return value


def _bounded(value: object) -> object:
    if isinstance(value, str) and len(value) > _LONGEST:
        raise refused(message("reasons", "too-long"))
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise refused(message("reasons", "too-large"))
    return value


def _fstring(parts: tuple[FText | FField, ...], part: Callable[[Expr], Any]) -> str:
    found: list[str] = []
    for one in parts:
        if isinstance(one, FText):
            found.append(one.value)
            continue
        if one.debug is not None or one.conversion is not None or one.spec is not None:
            raise refused(message("reasons", "format-field"))
        found.append(str(plain(part(one.value))))
    return str(_bounded("".join(found)))


def arithmetic(expr: BinOp, left: object, right: object) -> object:
    """``+``, ``-``, ``*`` and ``//`` of integers, ``+`` and ``%`` of strings."""
    op = expr.op
    if isinstance(left, int) and isinstance(right, int) and op in _ARITHMETIC:
        return _bounded(_called(lambda: _ARITHMETIC[op](left, right)))
    if isinstance(left, str) and op == "+":
        return _bounded(_called(lambda: left + plain(right)))
    if isinstance(left, str) and op == "%":
        if re.search("%(?![sd%])", left):
            raise refused(message("reasons", "percent-format"))
        return _bounded(_called(lambda: left % plain(right)))
    raise refused(message("reasons", "unsupported", expression=show(expr)))


def _compared(op: str, left: object, right: object) -> bool:
    if op in ("is", "is not"):
        return _same(left, right) is (op == "is")
    if isinstance(left, Version):
        return left.compare(op, right)
    if isinstance(right, Version):
        return right.compare(_TURNED.get(op, op), left)
    return bool(_called(lambda: _COMPARE[op](plain(left), plain(right))))


def _same(left: object, right: object) -> bool:
    if any(side is None or isinstance(side, bool) for side in (left, right)):
        return left is right
    raise refused(message("reasons", "identity"))
