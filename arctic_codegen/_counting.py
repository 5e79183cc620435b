"""How often an event of an object has come to an ``every``."""

from __future__ import annotations

import weakref
from typing import Any

_loose: dict[int, dict[str, int]] = {}
_alive: dict[int, Any] = {}


def due(instance: object, place: str, n: int) -> bool:
    """Counts one more call at ``place``, and tells whether it is an ``n``-th one.

    For objects whose attributes are not set in the plain way; others count in an attribute.
    """
    return count(instance, place) % n == 0


def count(instance: object, place: str) -> int:
    """How often it has been called for that object and place, this time included.

    The number is part of the object's state: a copy, or what is unpickled, goes on from there. An
    object without a ``__dict__`` has its number beside it, and copies start anew.
    """
    try:
        state = object.__getattribute__(instance, "__dict__")
    except AttributeError:
        state = None
    if type(state) is not dict:
        state = _beside(instance)
    number: int = state.get(place, 0) + 1
    state[place] = number
    return number


def _beside(instance: object) -> dict[str, int]:
    key = id(instance)
    state = _loose.get(key)
    if state is None:
        state = _loose[key] = {}
        try:
            _alive[key] = weakref.ref(instance, lambda _: _forget(key))
        except TypeError:  # no `__weakref__`: kept alive, so that no other has its id
            _alive[key] = instance
    return state


def _forget(key: int) -> None:
    _loose.pop(key, None)
    _alive.pop(key, None)
