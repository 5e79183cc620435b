"""How is an expression shown in a message?"""

from __future__ import annotations

from arctic_codegen.model.expr import (
    Comp,
    Expr,
    FField,
    FString,
    FText,
    LambdaExpr,
    Opaque,
    Seq,
    Str,
)
from arctic_codegen.resolve.writing import OR, PRIMARY, Parts, Writer

WIDTH = 60
_LONGEST = 300
_DEPTH = 12
STARS = {"var_positional": "*", "var_keyword": "**"}
"""The prefix of a parameter of these kinds."""
_BRACKETS = {"list": "[]", "set": "{}", "dict": "{}", "generator": "()"}


def show(expr: Expr) -> str:
    """The expression on one line as it would be written, shortened if it is long."""
    return _clipped(expr, WIDTH)


def whole(expr: Expr) -> str:
    """The same, shortened only if it is extremely long."""
    return _clipped(expr, _LONGEST)


def _clipped(expr: Expr, width: int) -> str:
    text = " ".join(_Shown().text(expr).split())
    return text if len(text) <= width else text[: width - 3] + "..."


class _Shown(Writer):
    _depth = 0

    def text(self, expr: Expr) -> str:
        """The text for messages."""
        return "".join(map(str, self.write(expr)))

    def write(self, expr: Expr, level: int = 0) -> Parts:
        """The parts of an expression, up to a maximum depth."""
        if self._depth == _DEPTH:
            return ["..."]
        self._depth += 1
        parts = super().write(expr, level)
        self._depth -= 1
        return parts

    def string(self, expr: Str) -> tuple[int, Parts]:
        """A string in double quotes."""
        return PRIMARY, [_quoted(expr.value)]

    def other(self, expr: Expr) -> Parts:
        """A form used in messages only; unsupported expressions are shown as the scanner kept
        them."""
        match expr:
            case Comp():
                return self._comprehension(expr)
            case LambdaExpr(params=params, text=text):
                names = ", ".join(STARS.get(one.kind, "") + one.name for one in params)
                return [f"lambda{' ' if params else ''}{names}: {text}"]
            case FString(parts=parts):
                return ["f", _quoted("".join(map(self._field, parts)))]
            case Opaque(text=text):
                return [text]
        return super().other(expr)

    def _comprehension(self, expr: Comp) -> Parts:
        parts: Parts = [_BRACKETS[expr.kind][0]]
        if expr.key is not None:
            parts += [*self.write(expr.key), ": "]
        parts += self.write(expr.element)
        for clause in expr.clauses:
            target = self.text(clause.target)
            if isinstance(clause.target, Seq):
                target = target[1:-1]
            parts += [" async for " if clause.is_async else " for ", target, " in "]
            parts += self.write(clause.iterable, OR)
            for test in clause.ifs:
                parts += [" if ", *self.write(test, OR)]
        return [*parts, _BRACKETS[expr.kind][1]]

    def _field(self, part: FText | FField) -> str:
        if isinstance(part, FText):
            return part.value
        conversion = "" if part.conversion is None else f"!{part.conversion}"
        spec = "" if part.spec is None else ":" + "".join(map(self._field, part.spec))
        return "{" + self.text(part.value) + conversion + spec + "}"


def _quoted(value: str) -> str:
    escaped = value.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{escaped}"' if escaped == value else f'"{value[:WIDTH]}"'
