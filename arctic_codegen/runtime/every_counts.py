"""How often an event of an object has come to an ``every``."""

from __future__ import annotations

import weakref
from typing import Any

_loose: dict[int, tuple[Any, dict[str, int]]] = {}
"""Counts of objects without a ``__dict__``, by identity, each with what keeps the number right."""


def due(instance: object, place: str, n: int) -> bool:
    """Counts one more call at ``place``, and says whether it is an ``n``-th one.

    For objects whose attributes are not set in the plain way; others count in an attribute.
    """
    return count(instance, place) % n == 0


def count(instance: object, place: str) -> int:
    """How often it has been called for that object and place, this time included.

    The number is part of the object's state: a copy, or what is unpickled, goes on from there. An
    object without a ``__dict__`` has its number beside it, and copies start from 0.
    """
    state = _state_of(instance)
    number: int = state.get(place, 0) + 1
    state[place] = number
    return number


def counts_of(instance: object) -> dict[str, int]:
    """All counts of an object by place, for what saves its state without pickling it."""
    state = _state_of(instance)
    return {place: number for place, number in state.items() if _is_place(place)}


def restore_counts(instance: object, counts: dict[str, int]) -> None:
    """Lets an object go on from counts that :func:`counts_of` gave."""
    state = _state_of(instance)
    for place in counts_of(instance):
        del state[place]
    state.update(counts)


def _is_place(name: str) -> bool:
    """Whether a compiled class counts in an attribute of that name, or a callable under it."""
    return name.startswith("calls of ") or (
        name.startswith("_arctic_") and name.rstrip("_0123456789").endswith("_calls")
    )


def _state_of(instance: object) -> dict[str, int]:
    try:
        state = object.__getattribute__(instance, "__dict__")
    except AttributeError:
        state = None
    return state if type(state) is dict else _beside(instance)


def _beside(instance: object) -> dict[str, int]:
    key = id(instance)
    if key not in _loose:
        try:
            alive: Any = weakref.ref(instance, lambda _: _loose.pop(key, None))
        except TypeError:  # no `__weakref__`: kept alive, so that no other has its id
            alive = instance
        _loose[key] = alive, {}
    return _loose[key][1]
