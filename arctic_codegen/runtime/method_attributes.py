"""Copies attributes and docstrings of source methods to compiled methods.

Frameworks find methods by an attribute that a decorator or a statement has put on them, and
libraries that make objects from a configuration read the type hints of ``__init__``.
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
    for name, method in vars(compiled).items():
        if type(method) is not FunctionType:
            continue
        overridden = getattr(source, name, None)
        if type(overridden) is not FunctionType:
            for key in _OF_CACHES:
                if hasattr(overridden, key):
                    setattr(method, key, getattr(overridden, key))
            continue
        for key, value in overridden.__dict__.items():
            if not callable(value) and not key.startswith(_OF_WRAPPERS):
                setattr(method, key, value)
        method.__doc__ = overridden.__doc__
        if name == "__init__":
            method.__annotations__ = _type_hints(overridden) or method.__annotations__


def _type_hints(method: FunctionType) -> dict[str, Any] | None:
    """The annotations of a method as objects, since the names in those of a compiled module exist
    only for type checkers; ``None`` if some cannot be evaluated in the source either."""
    function: Any = method
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    try:
        return {
            key: eval(value, function.__globals__) if isinstance(value, str) else value
            for key, value in method.__annotations__.items()
        }
    except Exception:  # a name that only type checkers see
        return None
