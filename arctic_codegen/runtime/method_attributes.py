"""Copies attributes, docstrings and annotations of source methods to compiled methods.

Frameworks find methods by an attribute that a decorator or a statement has put on them, and
libraries read type hints. In the text of a compiled module, annotations use names that exist only
for type checkers, so the annotations of the source method replace them.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

_OF_WRAPPERS = ("__isabstractmethod__", "__at_wrapped_name__", "__arctic_", "_torchdynamo_")
"""Prefixes of attributes that describe a wrapper, which are not copied. Neither are callable
attributes such as ``__wrapped__``: libraries would call them, without the callbacks."""

_OF_CACHES = ("cache_clear", "cache_info")
"""Callable attributes that are copied: those of an ``@lru_cache``, which is not a function."""


def keep_attributes(compiled: type, source: type) -> None:
    """Copies the attributes of the source's methods to the methods of a compiled class."""
    for name, method in tuple(vars(compiled).items()):
        if type(method) is not FunctionType:
            continue
        overridden = next((vars(one)[name] for one in source.__mro__ if name in vars(one)), None)
        if not callable(overridden):
            continue
        for key, value in getattr(overridden, "__dict__", {}).items():
            if not callable(value) and not key.startswith(_OF_WRAPPERS):
                setattr(method, key, value)
        for key in _OF_CACHES:
            if hasattr(overridden, key):
                setattr(method, key, getattr(overridden, key))
        if method.__doc__ is None:
            method.__doc__ = overridden.__doc__
        hints = _type_hints(overridden)
        if hints:
            method.__annotations__ = hints


def _type_hints(method: Any) -> dict[str, Any] | None:
    """The annotations of a method as objects; ``None`` if some of them cannot be evaluated."""
    annotations = getattr(method, "__annotations__", None)
    if not annotations:
        return None
    function = method
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    names = getattr(function, "__globals__", {})
    try:
        return {
            key: eval(value, names) if isinstance(value, str) else value
            for key, value in annotations.items()
        }
    except Exception:  # a name that only type checkers see
        return None
