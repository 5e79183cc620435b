"""Expressions as short text, for messages."""

from __future__ import annotations

from arctic_codegen.model.expr import Expr, FField, FString, FText, LambdaExpr, Opaque, Str
from arctic_codegen.resolve.writing import PRIMARY, Parts, Writer

WIDTH = 60
_LONGEST = 300
_DEPTH = 12


def show(expr: Expr) -> str:
    """The expression as a person would write it on one line, clipped where it is long."""
    return _clipped(expr, WIDTH)


def whole(expr: Expr) -> str:
    """The same, clipped only where nobody would read on."""
    return _clipped(expr, _LONGEST)


def _clipped(expr: Expr, width: int) -> str:
    text = " ".join(_Shown().text(expr).split())
    return text if len(text) <= width else text[: width - 3] + "..."


class _Shown(Writer):
    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def text(self, expr: Expr) -> str:
        """What a person reads."""
        return "".join(map(str, self.write(expr)))

    def write(self, expr: Expr, level: int = 0) -> Parts:
        """The parts of an expression, as deep as anybody reads."""
        if self._depth == _DEPTH:
            return ["..."]
        self._depth += 1
        parts = super().write(expr, level)
        self._depth -= 1
        return parts

    def string(self, expr: Str) -> tuple[int, Parts]:
        """A text in double quotes."""
        return PRIMARY, [_quoted(expr.value)]

    def opaque(self, expr: Opaque) -> Parts:
        """The text that the scanner has kept."""
        return [expr.text]

    def lambda_(self, expr: LambdaExpr) -> Parts:
        """A lambda without the defaults of its parameters."""
        stars = {"var_positional": "*", "var_keyword": "**"}
        params = ", ".join(stars.get(one.kind, "") + one.name for one in expr.params)
        return [f"lambda{' ' if params else ''}{params}: {expr.text}"]

    def f_string(self, expr: FString) -> Parts:
        """An f-string, its quotes as they come."""
        return ["f", _quoted("".join(map(self._field, expr.parts)))]

    def _field(self, part: FText | FField) -> str:
        if isinstance(part, FText):
            return part.value
        conversion = "" if part.conversion is None else f"!{part.conversion}"
        spec = "" if part.spec is None else ":" + "".join(map(self._field, part.spec))
        return "{" + self.text(part.value) + conversion + spec + "}"


def _quoted(value: str) -> str:
    escaped = value.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{escaped}"' if escaped == value else f'"{value[:WIDTH]}"'
