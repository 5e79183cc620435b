"""What do ``callable``, ``isinstance``, ``len`` and the tests of ``inspect`` say of a value?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.resolve.values.known_functions import KIND_TESTS, PARTIAL
from arctic_codegen.resolve.values.records import (
    Class,
    Const,
    External,
    Function,
    Mapping,
    Sequence,
    Value,
)
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_TYPES: dict[str, type] = {
    f"builtins.{kind.__name__}": kind
    for kind in (str, bytes, int, float, complex, bool, list, tuple, dict, set, type)
}
_DESCRIPTORS = {
    "builtins.staticmethod": "static method",
    "builtins.classmethod": "class method",
    "builtins.property": "property",
}
_OWN = frozenset({"builtins.callable", "builtins.isinstance", "builtins.len"})


def is_introspection(name: str | None) -> bool:
    """Whether the function of that dotted name is one whose answer may be known."""
    return name in _OWN or name in KIND_TESTS


def introspect(evaluator: Evaluator, name: str, args: list[Thunk]) -> Value | None:
    """What it gives for these arguments; ``None`` if the text does not show it."""
    values = [evaluator.evaluate(arg) for arg in args]
    answer: bool | int | None = None
    match name, values:
        case "builtins.callable", [value]:
            if isinstance(value, (Function, Class, Const, Sequence, Mapping)):
                answer = isinstance(value, (Function, Class))
        case "builtins.isinstance", [value, kind]:
            several = kind.items if isinstance(kind, Sequence) else ()
            kinds = [evaluator.evaluate(one) for one in several] or [kind]
            answers = [_is_instance(value, one) for one in kinds]
            answer = True if True in answers else None if None in answers else False
        case "builtins.len", [Sequence(kind="list" | "tuple") as value] if value.hole is None:
            answer = len(value.items)
        case _, [value] if name in KIND_TESTS:
            answer = _is_of_kind(name, value)
    return None if answer is None else Const(answer)


def _is_of_kind(test: str, value: Value) -> bool | None:
    """What a test of :mod:`inspect` gives.

    Only the outermost function counts, as in Python: a plain wrapper around an ``async def`` is no
    coroutine function, whatever ``functools.wraps`` makes it look like.
    """
    if not isinstance(value, Function):
        return False if isinstance(value, Class) else None
    if not value.inspectable or value.code is None:
        return None if value.is_async or value.is_generator else False
    is_async = isinstance(value.code, FunctionDecl) and value.code.is_async
    return (is_async, value.code.is_generator) == KIND_TESTS[test]


def _is_instance(value: Value, kind: Value) -> bool | None:
    """``isinstance(value, kind)`` for a type of the builtins, and ``functools.partial``."""
    name = kind.name if isinstance(kind, External) else ""
    if isinstance(kind, Class):
        name = str(kind.entity.id)
    if isinstance(value, Function) and name in PARTIAL:
        return None if value.is_object or not value.inspectable else False
    if isinstance(value, Function) and name in _DESCRIPTORS:
        return value.kind == _DESCRIPTORS[name]
    wanted = _TYPES.get(name)
    if wanted is None:
        return None
    match value:
        case Const(value=constant):
            return isinstance(constant, wanted)
        case Sequence(kind="list" | "tuple" | "set" as own):
            return name == f"builtins.{own}"
        case Mapping():
            return wanted is dict
        case Class():
            return True if wanted is type else None
        case Function():
            return False
    return None
