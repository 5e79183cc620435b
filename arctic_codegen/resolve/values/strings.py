"""What Python would compute from constants: text, numbers and comparisons, kept within bounds.

Everything here works on plain constants that a source file states. A result that a person would
not write (a string of a million characters, a number of a thousand digits) is refused, so that
no source file can keep the build busy.
"""

from __future__ import annotations

import operator
import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MAX_TEXT = 100_000
_MAX_BITS = 4096
_MAX_POWER = 1024
_LONG_NUMBER = re.compile(r"\d{4,}")
_PERCENT = re.compile(r"%(?:\([^)]*\))?[-#0 +]*([\d*]*)(?:\.([\d*]*))?[hlL]?(.?)", re.DOTALL)


class Refused(Exception):
    """Python would raise, or the result is out of bounds; the text is a clause for a person."""


_BINARY: dict[str, Callable[[Any, Any], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
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
_METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "center",
        "count",
        "endswith",
        "find",
        "format",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdigit",
        "isidentifier",
        "islower",
        "isspace",
        "istitle",
        "isupper",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rjust",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
        "zfill",
    ]
)
_WIDTHS = frozenset({"center", "ljust", "rjust", "zfill"})


def binary(op: str, left: object, right: object) -> object:
    """``left op right`` of two constants."""
    function = _BINARY.get(op)
    if function is None:
        raise Refused(f"'{op}' is not read")
    if op == "*":
        _check_repeat(left, right)
    if op in ("**", "<<") and not (isinstance(right, (int, float)) and abs(right) <= _MAX_POWER):
        raise Refused("the number is too large")
    if op == "%" and isinstance(left, (str, bytes)):
        if isinstance(left, bytes):
            raise Refused("'%' of bytes is not read")
        _check_percent(left)
    return _bounded(_called(lambda: function(left, right)))


def unary(op: str, operand: object) -> object:
    """``-x``, ``+x``, ``~x``, ``not x`` of a constant."""
    if op == "not":
        return not operand
    if op == "~" and isinstance(operand, int):
        return ~operand
    if op == "~" or not isinstance(operand, (int, float, complex)):
        raise Refused(f"'{op}' cannot be applied to {type(operand).__name__}")
    return -operand if op == "-" else +operand


def compare(op: str, left: object, right: object) -> bool:
    """``left op right`` of two constants."""
    if op in ("is", "is not"):
        if not any(side is None or isinstance(side, bool) for side in (left, right)):
            raise Refused("'is' of two constants depends on the interpreter")
        same = left is right
        return same if op == "is" else not same
    compared = _COMPARE.get(op)
    if compared is None:
        raise Refused(f"'{op}' is not read")
    return bool(_called(lambda: compared(left, right)))


def item(value: object, index: object) -> object:
    """``value[index]`` of constants; ``index`` may be a slice."""
    return _called(lambda: value[index])  # type: ignore[index]  # what it does not fit it raises


def formatted(value: object, conversion: str | None, spec: str) -> str:
    """A field of an f-string."""
    _check_spec(spec)
    if conversion is not None:
        shown = repr(value) if conversion == "r" else ascii(value)
        if conversion == "s":
            shown = str(value)
        return str(_bounded(_called(lambda: format(shown, spec))))
    return str(_bounded(_called(lambda: format(value, spec))))


def method(text: str, name: str, args: Sequence[object], keywords: Mapping[str, object]) -> object:
    """A method of a string that gives a constant."""
    if name not in _METHODS:
        raise Refused(f"the string method '{name}' is not read")
    if name == "format":
        _check_format(text)
    if name in _WIDTHS and any(isinstance(arg, int) and abs(arg) > 9999 for arg in args):
        raise Refused("the width is out of bounds")
    if name == "replace" and len(args) >= 2 and len(text) * (len(str(args[1])) + 1) > MAX_TEXT:
        raise Refused("the text is too long")
    if name == "join" and args and isinstance(args[0], (list, tuple)):
        total = sum(len(part) + len(text) for part in args[0] if isinstance(part, str))
        if total > MAX_TEXT:
            raise Refused("the text is too long")
    return _bounded(_called(lambda: getattr(text, name)(*args, **keywords)))


BUILTINS: dict[str, Callable[..., object]] = {
    "len": len,
    "str": str,
    "int": int,
    "bool": bool,
    "sorted": sorted,
    "min": min,
    "max": max,
    "sum": sum,
}


def builtin(name: str, args: Sequence[object]) -> object:
    """What a builtin gives for constants."""
    return _bounded(_called(lambda: BUILTINS[name](*args)))


def _called(function: Callable[[], object]) -> object:
    try:
        return function()
    except Refused:
        raise
    except Exception as error:  # whatever Python says about these constants is the reason
        raise Refused(f"Python raises {type(error).__name__}: {error}") from None


def _bounded(value: object) -> object:
    if isinstance(value, (str, bytes, list, tuple)) and len(value) > MAX_TEXT:
        raise Refused("the result is too long")
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise Refused("the number is too large")
    return value


def _check_repeat(left: object, right: object) -> None:
    for one, other in ((left, right), (right, left)):
        if (
            isinstance(one, int)
            and isinstance(other, (str, bytes, list, tuple))
            and one * len(other) > MAX_TEXT
        ):
            raise Refused("the result is too long")


def _check_percent(text: str) -> None:
    for match in _PERCENT.finditer(text):
        width, precision, kind = match.groups()
        if "*" in width or "*" in (precision or ""):
            raise Refused("a width of '*' is not read")
        if len(width) > 3 or len(precision or "") > 3:
            raise Refused("the width is out of bounds")
        if kind == "":
            raise Refused("the format is incomplete")


def _check_spec(spec: str) -> None:
    if _LONG_NUMBER.search(spec):
        raise Refused("the width is out of bounds")


def _check_format(text: str) -> None:
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise Refused(f"Python raises ValueError: {error}") from None
    for _, name, spec, _ in fields:
        if name is not None and re.search(r"[.\[]", name):
            raise Refused("attributes and items in a format are not read")
        if spec:
            if "{" in spec:
                raise Refused("a field in a format specification is not read")
            _check_spec(spec)
