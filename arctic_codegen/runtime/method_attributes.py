"""Copies attributes, docstrings and annotations of source methods to compiled methods.

Frameworks find methods by an attribute that a decorator or a statement has put on them, and
libraries read type hints. In the text of a compiled module, annotations use names that exist only
for type checkers, so the annotations of the source method replace them, unless some are strings
there too: evaluating these would take most of an import's time.
"""

from __future__ import annotations

from types import FunctionType

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
        annotations = overridden.__annotations__
        if str not in map(type, annotations.values()):
            method.__annotations__ = annotations
