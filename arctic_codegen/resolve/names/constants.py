"""The value of a test, as far as the text decides it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    BoolOp,
    Call,
    Compare,
    Expr,
    FString,
    FText,
    IfExp,
    Literal_,
    Name,
    Seq,
    SliceExpr,
    Str,
    Subscript,
    UnaryOp,
)
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.identity import dotted_name

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names


class _Marker:
    """A value that is not a constant of Python's."""

    def __init__(self, truth: bool | None) -> None:
        self.truth = truth


UNDECIDED = _Marker(None)
OBJECT = _Marker(True)
"""Something that is there: a module, a class, a function."""

_STR_METHODS = frozenset({"startswith", "endswith", "lower", "upper", "strip", "casefold"})
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "&": operator.and_,
    "|": operator.or_,
    ">>": operator.rshift,
    "<<": operator.lshift,
}
_MOST = 10_000
"""Constants larger than this are nobody's branch."""


class _Version(_Marker):
    """``sys.version_info``: the first two places are known, three more follow."""

    def __init__(self, known: tuple[int, int]) -> None:
        super().__init__(True)
        self.known = known

    def compare(self, op: str, other: tuple[Any, ...]) -> bool | None:
        """``version_info op other``; ``None`` where the micro version decides."""
        prefix = other[:2]
        known = self.known[: len(prefix)]
        if known != prefix:
            return _ORDER[op](known, prefix)
        if len(other) <= 2 or (len(other) == 3 and other[2] == 0):
            return op in (">", ">=", "!=")
        if op in ("==", "!=") and len(other) != 5:
            return op == "!="
        return None


class _HexVersion(_Marker):
    """``sys.hexversion``: known but for the micro version."""

    def __init__(self, known: tuple[int, int]) -> None:
        super().__init__(True)
        self.low = known[0] << 24 | known[1] << 16
        self.high = self.low | 0xFFFF

    def compare(self, op: str, other: int) -> bool | None:
        """``hexversion op other``; ``None`` where the micro version decides."""
        at_low, at_high = _ORDER[op](self.low, other), _ORDER[op](self.high, other)
        if self.low <= other <= self.high and op in ("==", "!="):
            return None
        return at_low if at_low == at_high else None


class Constants:
    """Evaluates tests. ``typing`` and ``main`` are the view that is taken: the type checker's,
    and that of a module that runs as a script."""

    def __init__(self, names: Names, typing: bool, main: bool) -> None:
        self._names = names
        self._typing = typing
        self._main = main
        self._following: list[int] = []

    def truth(self, expr: Expr, scope: Scope) -> bool | None:
        """Whether a test holds; ``None`` if the text does not decide it."""
        return _truth(self.value(expr, scope))

    def value(self, expr: Expr, scope: Scope) -> Any:
        """The constant that an expression is, or a marker."""
        if isinstance(expr, Str):
            return expr.value
        if isinstance(expr, Literal_):
            return _literal(expr)
        if isinstance(expr, (Name, Attr)):
            return self._named(expr, scope)
        if isinstance(expr, UnaryOp):
            return self._unary(expr, scope)
        if isinstance(expr, BoolOp):
            return self._bool(expr, scope)
        if isinstance(expr, Compare):
            return self._compare(expr, scope)
        if isinstance(expr, IfExp):
            test = self.truth(expr.test, scope)
            if test is None:
                return UNDECIDED
            return self.value(expr.body if test else expr.orelse, scope)
        if isinstance(expr, Seq):
            return self._sequence(expr, scope)
        if isinstance(expr, Subscript):
            return self._subscript(expr, scope)
        if isinstance(expr, BinOp):
            return self._arithmetic(expr, scope)
        if isinstance(expr, Call):
            return self._call(expr, scope)
        if isinstance(expr, FString) and all(isinstance(part, FText) for part in expr.parts):
            return "".join(part.value for part in expr.parts if isinstance(part, FText))
        return UNDECIDED

    def _named(self, expr: Name | Attr, scope: Scope) -> Any:
        last = expr.id if isinstance(expr, Name) else expr.attr
        if self._typing and last in ("TYPE_CHECKING", "MYPY"):
            return True
        if isinstance(expr, Name):
            if expr.id == "__debug__":
                return True
            if expr.id == "__name__" and not scope.frames:
                return "__main__" if self._main else scope.module
        entity = self._names.lookup(expr, scope)
        if isinstance(entity, OpaqueEntity):
            return self._known(dotted_name(entity) or "")
        if isinstance(entity, (ModuleEntity, ClassEntity, FunctionEntity, LambdaEntity)):
            return OBJECT
        if isinstance(entity, Unknown):
            return self._of_object(expr, scope)
        if not isinstance(entity, ValueEntity):
            return UNDECIDED
        if entity.expr is expr:
            return self._of_object(expr, scope)
        if id(entity.expr) in self._following or _is_mutable(entity.expr):
            return UNDECIDED
        self._following.append(id(entity.expr))
        try:
            return self.value(entity.expr, entity.scope)
        finally:
            self._following.pop()

    def _of_object(self, expr: Expr, scope: Scope) -> Any:
        """``sys.version_info.major``"""
        if isinstance(expr, Attr) and expr.attr in ("major", "minor"):
            version = self.value(expr.value, scope)
            if isinstance(version, _Version):
                return version.known[0 if expr.attr == "major" else 1]
        return UNDECIDED

    def _known(self, name: str) -> Any:
        """A name of the standard library that branches look at."""
        settings = self._names.settings
        if name in ("typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"):
            return self._typing
        if name in ("sys.version_info", "sys.hexversion") or name.startswith("sys.version_info."):
            self._names.recorder.python_version()
            version = _Version(settings.python_version)
            if name == "sys.hexversion":
                return _HexVersion(settings.python_version)
            if name == "sys.version_info":
                return version
            place = {"major": 0, "minor": 1}.get(name.rpartition(".")[2])
            return UNDECIDED if place is None else version.known[place]
        if name == "sys.platform":
            self._names.recorder.platform()
            return settings.platform
        if name == "os.name":
            self._names.recorder.platform()
            return "nt" if settings.platform == "win32" else "posix"
        if name.startswith("builtins.") and name.count(".") == 1:
            return OBJECT
        return UNDECIDED

    def _unary(self, expr: UnaryOp, scope: Scope) -> Any:
        value = self.value(expr.operand, scope)
        if expr.op == "not":
            truth = _truth(value)
            return UNDECIDED if truth is None else not truth
        if not isinstance(value, (int, float)):
            return UNDECIDED
        if expr.op == "~":
            return ~value if isinstance(value, int) else UNDECIDED
        return -value if expr.op == "-" else value

    def _bool(self, expr: BoolOp, scope: Scope) -> Any:
        decisive = expr.op == "or"
        left = self.value(expr.left, scope)
        truth = _truth(left)
        if truth is decisive:
            return left
        right = self.value(expr.right, scope)
        if truth is None:
            return right if _truth(right) is decisive else UNDECIDED
        return right

    def _compare(self, expr: Compare, scope: Scope) -> Any:
        left = self.value(expr.left, scope)
        result: bool | None = True
        for op, right_expr in expr.rest:
            right = self.value(right_expr, scope)
            one = _compared(op, left, right)
            if one is False:
                return False
            if one is None:
                result = None
            left = right
        return UNDECIDED if result is None else result

    def _sequence(self, expr: Seq, scope: Scope) -> Any:
        items = tuple(self.value(item, scope) for item in expr.items)
        return UNDECIDED if any(isinstance(item, _Marker) for item in items) else items

    def _subscript(self, expr: Subscript, scope: Scope) -> Any:
        value = self.value(expr.value, scope)
        if len(expr.items) != 1:
            return UNDECIDED
        item = expr.items[0]
        known = value.known if isinstance(value, _Version) else value
        if not isinstance(known, (tuple, str)):
            return UNDECIDED
        if isinstance(item, SliceExpr):
            bounds = [
                None if part is None else self.value(part, scope)
                for part in (item.lower, item.upper, item.step)
            ]
            if any(bound is not None and not isinstance(bound, int) for bound in bounds):
                return UNDECIDED
            if isinstance(value, _Version):
                low, high, step = bounds
                if low not in (None, 0, 1) or high not in (0, 1, 2) or step not in (None, 1):
                    return UNDECIDED
            return known[slice(*bounds)]
        index = self.value(item, scope)
        inside = isinstance(index, int) and (
            0 <= index < len(known)
            if isinstance(value, _Version)
            else -len(known) <= index < len(known)
        )
        return known[index] if inside else UNDECIDED

    def _arithmetic(self, expr: BinOp, scope: Scope) -> Any:
        left, right = self.value(expr.left, scope), self.value(expr.right, scope)
        operation = _ARITHMETIC.get(expr.op)
        if operation is None or isinstance(left, _Marker) or isinstance(right, _Marker):
            return UNDECIDED
        if any(isinstance(side, int) and abs(side) > _MOST for side in (left, right)):
            return UNDECIDED
        try:
            return operation(left, right)
        except Exception:
            return UNDECIDED

    def _call(self, expr: Call, scope: Scope) -> Any:
        plain = all(arg.keyword is None and not arg.star for arg in expr.args)
        if not plain:
            return UNDECIDED
        if isinstance(expr.func, Attr) and expr.func.attr in _STR_METHODS:
            text = self.value(expr.func.value, scope)
            args = [self.value(arg.value, scope) for arg in expr.args]
            if isinstance(text, str) and not any(isinstance(arg, _Marker) for arg in args):
                try:
                    return getattr(text, expr.func.attr)(*args)
                except TypeError:
                    return UNDECIDED
            return UNDECIDED
        name = dotted_name(self._names.lookup(expr.func, scope))
        if name == "importlib.util.find_spec" and len(expr.args) == 1:
            wanted = self.value(expr.args[0].value, scope)
            if not isinstance(wanted, str) or wanted.startswith("."):
                return UNDECIDED
            if self._names.source(wanted).kind == "missing":
                self._names.recorder.absent(wanted)
                return None
            self._names.recorder.read(wanted, "")
            return OBJECT
        if name == "platform.system" and not expr.args:
            self._names.recorder.platform()
            return _SYSTEMS.get(self._names.settings.platform, UNDECIDED)
        if name == "builtins.bool" and len(expr.args) == 1:
            truth = self.truth(expr.args[0].value, scope)
            return UNDECIDED if truth is None else truth
        if name == "builtins.hasattr" and len(expr.args) == 2:
            return self._hasattr(expr, scope)
        return UNDECIDED

    def _hasattr(self, expr: Call, scope: Scope) -> Any:
        owner = self._names.lookup(expr.args[0].value, scope)
        attribute = self.value(expr.args[1].value, scope)
        if not isinstance(owner, ModuleEntity) or not isinstance(attribute, str):
            return UNDECIDED
        found = self._names.module_attribute(owner.name, attribute)
        if isinstance(found, Unknown):
            return False if found.missing else UNDECIDED
        return UNDECIDED if self._names.source(owner.name).kind == "opaque" else True


def _is_mutable(expr: Expr) -> bool:
    """A display that a later statement may have changed."""
    return isinstance(expr, Seq) and expr.kind != "tuple"


def _truth(value: Any) -> bool | None:
    return value.truth if isinstance(value, _Marker) else bool(value)


def _literal(expr: Literal_) -> Any:
    if expr.kind in ("bool", "none"):
        return {"True": True, "False": False, "None": None}[expr.text]
    if expr.kind == "int":
        return int(expr.text.replace("_", ""), 0)
    if expr.kind == "float":
        return float(expr.text.replace("_", ""))
    return OBJECT if expr.kind == "ellipsis" else UNDECIDED


def _compared(op: str, left: Any, right: Any) -> bool | None:
    if op in ("is", "is not"):
        return _identical(left, right, op == "is")
    if isinstance(left, _Version) and op in _ORDER:
        return left.compare(op, right) if isinstance(right, tuple) else None
    if isinstance(left, _HexVersion) and op in _ORDER:
        return left.compare(op, right) if isinstance(right, int) else None
    if isinstance(right, (_Version, _HexVersion)) and op in _ORDER:
        turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)
        return _compared(turned, right, left)
    if (left is None) != (right is None) and OBJECT in (left, right) and op in ("==", "!="):
        return op == "!="
    if isinstance(left, _Marker) or isinstance(right, _Marker):
        return None
    try:
        if op in ("in", "not in"):
            return bool((left in right) == (op == "in"))
        return bool(_ORDER[op](left, right))
    except (TypeError, KeyError):
        return None


def _identical(left: Any, right: Any, wanted: bool) -> bool | None:
    singletons = (None, True, False)
    for one, other in ((left, right), (right, left)):
        if any(one is single for single in singletons):
            if isinstance(other, _Marker):
                return None if other.truth is None else not wanted
            return (one is other) == wanted
    return None
