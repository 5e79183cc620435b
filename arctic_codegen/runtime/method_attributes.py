"""Copies attributes, docstrings and annotations of source methods to compiled methods.

Frameworks find methods by an attribute that a decorator or a statement has put on them, and
libraries read type hints. In the text of a compiled module, annotations use names that exist only
for type checkers, so the annotations of the source method replace them.
"""

from __future__ import annotations

from collections.abc import Callable
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
        annotations = overridden.__annotations__
        if str in map(type, annotations.values()):
            annotations = _EvaluatedLater(overridden)
        method.__annotations__ = annotations


class _EvaluatedLater(dict[str, Any]):
    """The annotations of a function, whose strings are evaluated in its module when somebody reads
    them: in an import, this would take most of the time."""

    def __init__(self, function: Any) -> None:
        super().__init__(function.__annotations__)
        self._function = function

    def _evaluate(self) -> None:
        function, self._function = self._function, None
        if function is None:
            return
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        names = getattr(function, "__globals__", {})
        try:
            evaluated = {
                key: eval(value, names) if isinstance(value, str) else value
                for key, value in super().items()
            }
        except Exception:  # a name that only type checkers see: as for the source's method
            return
        self.update(evaluated)


def _reading(name: str) -> Callable[..., Any]:
    """A method of ``dict`` that evaluates first."""
    read = getattr(dict, name)

    def method(self: _EvaluatedLater, *args: Any) -> Any:
        self._evaluate()
        return read(self, *args)

    return method


for _name in ("__getitem__", "__iter__", "copy", "get", "items", "keys", "values"):
    setattr(_EvaluatedLater, _name, _reading(_name))
