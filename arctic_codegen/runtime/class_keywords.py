"""The class keywords that source classes were given: ``class X(Base, kind=make())``.

A compiled class is created with the same objects. They are recorded where they arrive first, since
keywords that a class consumes in its ``__init_subclass__`` never reach the mixin's.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

from arctic_codegen.runtime.errors import full_name

_NAME = "__init_subclass__"

_PASSING_ON = ("typing", "typing_extensions")
"""Modules whose classes (``Generic``, ``Protocol``) hand all keywords on."""

_given: dict[int, tuple[weakref.ref[type], dict[str, Any]]] = {}
"""By identity: a metaclass may make its classes unhashable."""


def note(cls: type, keywords: dict[str, Any]) -> None:
    """Records the keywords of a class statement; the first caller sees all of them."""
    if keywords and id(cls) not in _given:
        key = id(cls)
        alive = weakref.ref(cls, lambda _: _given.pop(key, None))
        _given[key] = (alive, dict(keywords))


def class_keyword(cls: type, name: str) -> Any:
    """The object that the statement of a source class gave for a keyword."""
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
            # A plain class further up takes them out before the mixin sees them.
            type.__setattr__(cls, _NAME, classmethod(_passing(cls)))


def _noting(cls: type, function: Any) -> Any:
    """The ``__init_subclass__`` of ``cls``. It is not called for the class that is compiled from
    ``cls``, as it was not for ``cls`` itself: it may require a keyword that was never given."""

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
