"""Expressions as short text, for messages."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.model.expr import (
    Arg,
    Attr,
    BinOp,
    BoolOp,
    Call,
    Comp,
    Compare,
    DictDisplay,
    Expr,
    FField,
    FString,
    FText,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Opaque,
    Param,
    Seq,
    SliceExpr,
    Starred,
    Str,
    Subscript,
    UnaryOp,
)

WIDTH = 60
_LONGEST = 300
_DEPTH = 12
_BRACKETS = {"list": "[]", "set": "{}", "tuple": "()", "generator": "()"}


def show(expr: Expr) -> str:
    """The expression as a person would write it on one line, clipped where it is long."""
    text = " ".join(_text(expr, _DEPTH).split())
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."


def whole(expr: Expr) -> str:
    """The same, clipped only where nobody would read on."""
    text = " ".join(_text(expr, _DEPTH).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _text(expr: Expr, depth: int) -> str:
    if depth == 0:
        return "..."
    deeper = depth - 1
    match expr:
        case Name(id=text) | Literal_(text=text) | Opaque(text=text):
            return text
        case Str(value=value):
            return _quoted(value)
        case Attr(value=value, attr=attr):
            return f"{_text(value, deeper)}.{attr}"
        case FString(parts=parts):
            return "f" + _quoted("".join(_field(part, deeper) for part in parts))
        case Seq(kind=kind, items=items):
            body = _joined(items, deeper)
            if kind == "tuple" and len(items) == 1:
                body += ","
            return _BRACKETS[kind][0] + body + _BRACKETS[kind][1]
        case DictDisplay(items=pairs):
            shown = (
                f"**{_text(value, deeper)}"
                if key is None
                else f"{_text(key, deeper)}: {_text(value, deeper)}"
                for key, value in pairs
            )
            return "{" + ", ".join(shown) + "}"
        case Starred(value=value):
            return f"*{_text(value, deeper)}"
        case Call(func=func, args=args):
            return f"{_text(func, deeper)}({', '.join(_argument(arg, deeper) for arg in args)})"
        case Subscript(value=value, items=items):
            return f"{_text(value, deeper)}[{_joined(items, deeper)}]"
        case SliceExpr(lower=lower, upper=upper, step=step):
            shown_step = "" if step is None else f":{_text(step, deeper)}"
            return f"{_optional(lower, deeper)}:{_optional(upper, deeper)}{shown_step}"
        case BinOp(op=op, left=left, right=right) | BoolOp(op=op, left=left, right=right):
            return f"{_text(left, deeper)} {op} {_text(right, deeper)}"
        case UnaryOp(op=op, operand=operand):
            return f"{op}{' ' if op == 'not' else ''}{_text(operand, deeper)}"
        case Compare(left=left, rest=rest):
            tail = "".join(f" {op} {_text(right, deeper)}" for op, right in rest)
            return _text(left, deeper) + tail
        case IfExp(test=test, body=body, orelse=orelse):
            return f"{_text(body, deeper)} if {_text(test, deeper)} else {_text(orelse, deeper)}"
        case Comp(kind=kind, element=element, clauses=clauses):
            tail = "".join(
                f" for {_text(clause.target, deeper)} in {_text(clause.iterable, deeper)}"
                + "".join(f" if {_text(test, deeper)}" for test in clause.ifs)
                for clause in clauses
            )
            return _BRACKETS[kind][0] + _text(element, deeper) + tail + _BRACKETS[kind][1]
        case LambdaExpr(params=params, text=text):
            head = ", ".join(_parameter(param) for param in params)
            return f"lambda{' ' if head else ''}{head}: {text}"
    raise AssertionError(expr)


def _quoted(value: str) -> str:
    escaped = value.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{escaped}"' if escaped.isascii() and escaped == value else f'"{value[:WIDTH]}"'


def _optional(expr: Expr | None, depth: int) -> str:
    return "" if expr is None else _text(expr, depth)


def _joined(items: Iterable[Expr], depth: int) -> str:
    return ", ".join(_text(item, depth) for item in items)


def _argument(arg: Arg, depth: int) -> str:
    keyword = "" if arg.keyword is None else f"{arg.keyword}="
    return f"{arg.star}{keyword}{_text(arg.value, depth)}"


def _field(part: FText | FField, depth: int) -> str:
    if isinstance(part, FText):
        return part.value
    conversion = "" if part.conversion is None else f"!{part.conversion}"
    spec = "" if part.spec is None else ":" + "".join(_field(inner, depth) for inner in part.spec)
    return "{" + _text(part.value, depth) + conversion + spec + "}"


def _parameter(param: Param) -> str:
    return {"var_positional": "*", "var_keyword": "**"}.get(param.kind, "") + param.name
