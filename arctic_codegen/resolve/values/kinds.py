"""What ``inspect`` says of the function that a decorator is given, as far as its text shows it."""

from __future__ import annotations

from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.resolve.values import known
from arctic_codegen.resolve.values.records import (
    Class,
    Const,
    Function,
    Instance,
    Mapping,
    Opaque,
    Sequence,
    Value,
)


def is_of_kind(test: str, value: Value) -> bool | None:
    """What the test of that dotted name gives; ``None`` if the text does not show it.

    Only the outermost function counts, as in Python: a plain wrapper around an ``async def`` is no
    coroutine function, whatever ``functools.wraps`` makes it look like.
    """
    if isinstance(value, Class):
        return test in known.IS_CLASS
    if isinstance(value, Instance) and test in known.IS_CLASS | known.IS_FUNCTION:
        return False
    if not isinstance(value, Function):
        return None
    if test in known.IS_CLASS:
        return False
    if test in known.IS_FUNCTION:
        return True if value.inspectable and not value.is_object else None
    if not value.inspectable or value.code is None:
        return None if value.is_async or value.is_generator else False
    if not isinstance(value.code, FunctionDecl):
        return test in known.IS_GENERATOR and value.code.is_generator
    is_async, is_generator = value.code.is_async, value.code.is_generator
    if test in known.IS_COROUTINE:
        return is_async and not is_generator
    return is_generator and is_async is (test in known.IS_ASYNC_GENERATOR)


_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (str, bytes, int, float, complex, bool, list, tuple, dict, set, type)
}


_DESCRIPTORS = {
    "staticmethod": "static method",
    "classmethod": "class method",
    "property": "property",
}


def _name(kind: Value) -> str:
    if isinstance(kind, Class):
        return str(kind.entity.id)
    return f"{kind.module}.{kind.name}" if isinstance(kind, Opaque) else ""


def is_instance(value: Value, kind: Value) -> bool | None:
    """``isinstance(value, kind)`` for a type of the builtins; ``None`` if that is not known."""
    if isinstance(value, Function) and _name(kind) in known.PARTIAL:
        return None if value.is_object or not value.inspectable else False
    if not isinstance(kind, Opaque) or kind.module != "builtins":
        return None
    if isinstance(value, Function) and kind.name in _DESCRIPTORS:
        return value.kind == _DESCRIPTORS[kind.name]
    wanted = _TYPES.get(kind.name)
    if wanted is None:
        return None
    match value:
        case Const(value=constant):
            return isinstance(constant, wanted)
        case Sequence(kind="list" | "tuple" | "set" as own):
            return wanted is _TYPES[own]
        case Mapping():
            return wanted is dict
        case Class():
            return True if wanted is type else None
        case Function():
            return False
    return None
