"""Records the class keywords of source classes: ``class X(Base, kind=make())``.

A compiled class is created with the same objects. The first ``__init_subclass__`` that receives
them records them, since keywords that a class consumes in its own never reach the mixin's.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

from arctic_codegen.runtime.errors import full_name

_NAME = "__init_subclass__"

_PASSING_ON = ("typing", "typing_extensions")
"""Modules whose classes (``Generic``, ``Protocol``) pass on all keywords."""

_given: dict[int, tuple[weakref.ref[type], dict[str, Any]]] = {}
"""By identity: a metaclass may make its classes unhashable."""


def note(cls: type, keywords: dict[str, Any]) -> None:
    """Records the keywords of a class statement; later calls for the same class have no effect."""
    if keywords and id(cls) not in _given:
        key = id(cls)
        alive = weakref.ref(cls, lambda _: _given.pop(key, None))
        _given[key] = (alive, dict(keywords))


def class_keyword(cls: type, name: str) -> Any:
    """The value of a keyword in the class statement of a source class.

    Raises LookupError if it was not recorded.
    """
    found = _given.get(id(cls))
    if found is None or name not in found[1]:
        raise LookupError(
            f"the class keyword '{name}' of {full_name(cls)} did not reach "
            "arctic_codegen.CallbackMixin: bind its value to a name at module level, pass that"
            " name, and run 'arctic-codegen build'"
        )
    return found[1][name]


def watch_keywords(cls: type, mixin: type) -> None:
    """Records the keywords of all subclasses of a source class, whichever class consumes them."""
    own = vars(cls).get(_NAME)
    if isinstance(own, classmethod):
        type.__setattr__(cls, _NAME, classmethod(_noting(cls, own.__func__)))
    elif own is None:
        provider = next((one for one in cls.__mro__[1:] if _NAME in vars(one)), mixin)
        if not issubclass(provider, mixin) and provider.__module__ not in _PASSING_ON:
            # A plain class further up consumes them before the mixin sees them.
            type.__setattr__(cls, _NAME, classmethod(_passing(cls)))


def _noting(cls: type, function: Any) -> Any:
    """An ``__init_subclass__`` for ``cls`` that records the keywords and calls ``function``.

    It does not call it for the class that is compiled from ``cls``, since it was not called for
    ``cls`` itself: it may require a keyword that was never passed.
    """

    @functools.wraps(function)
    def init_subclass(subclass: type, /, *args: Any, **keywords: Any) -> Any:
        note(subclass, keywords)
        if vars(subclass).get("__arctic_source__") is cls:
            super(cls, subclass).__init_subclass__(**keywords)
            return None
        return function(subclass, *args, **keywords)

    return init_subclass


def _passing(cls: type) -> Any:
    def init_subclass(subclass: type, /, **keywords: Any) -> None:
        note(subclass, keywords)
        super(cls, subclass).__init_subclass__(**keywords)  # type: ignore[arg-type]

    return init_subclass
