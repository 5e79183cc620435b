"""Does a part of a trainer use the building block's own method, or a user's override?"""

from __future__ import annotations


def is_own(cls: type, method: str, block: type) -> bool:
    """Whether a method is the block's own, with or without callbacks around it."""
    return _definer(cls, method) is block


def is_of_library(cls: type, method: str) -> bool:
    """Whether a method is that of some building block, with or without callbacks around it."""
    return _definer(cls, method).__module__.startswith("arctic_codegen.")


def has_callbacks(cls: type, method: str) -> bool:
    """Whether a method has callbacks, which may change its arguments and its result."""
    return any(method in vars(one) and "__arctic_source__" in vars(one) for one in cls.__mro__)


def _definer(cls: type, method: str) -> type:
    """The class whose method of that name is called."""
    for one in cls.__mro__:
        if method in vars(one) and "__arctic_source__" not in vars(one):
            return one
    return object
