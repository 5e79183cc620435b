"""Counts how often an event of an object has reached an ``every``."""

from __future__ import annotations

import operator
import weakref
from collections.abc import Mapping
from typing import Any

_loose: dict[int, tuple[Any, dict[str, int]]] = {}
"""Counts of objects without a ``__dict__``, by identity.

Each has a weak reference that removes it, or the object itself, so that no other gets its id.
"""


def due(instance: object, place: str, n: int) -> bool:
    """Counts a call at ``place``, and returns whether the count is a multiple of ``n``.

    For objects whose attributes cannot simply be set; other objects count in an attribute.
    """
    return count(instance, place) % n == 0


def count(instance: object, place: str) -> int:
    """Counts a call for that object and place, and returns the number of calls so far.

    The number is part of the object's state: copies and unpickled objects continue from it. For an
    object without a ``__dict__`` the number is kept separately, and copies start from 0.
    """
    state = _state_of(instance)
    number: int = state.get(place, 0) + 1
    state[place] = number
    return number


def passed(instance: object, place: str, quotient: int) -> bool:
    """Whether the quotient at ``place`` differs from the last visit and is not 0.

    The quotient is stored like the numbers of :func:`count`. Raises TypeError if it is not an
    integer.
    """
    state = _state_of(instance)
    number = operator.index(quotient)
    if number == state.get(place, 0):
        return False
    state[place] = number
    return number != 0


declared: dict[str, tuple[str, int]] = {}
"""The path and the number ``n`` of each ``every`` with ``by`` that runs uncompiled, by place."""


def _quotients(instance: object) -> dict[str, int]:
    """The current quotient of each ``every`` with ``by``, computed from the object's attributes."""
    cls = type(instance)
    table = declared
    if hasattr(cls, "__arctic_source__"):
        table = getattr(cls, "__arctic_every__", {})
    found = {}
    for place, (path, n) in table.items():
        try:
            found[place] = operator.index(operator.attrgetter(path)(instance)) // n
        except (AttributeError, TypeError):  # of another class, or not set yet
            continue
    return found


def counts_of(instance: object) -> dict[str, int]:
    """The counts of an object's ``every`` wrappers, to save its state without pickling it.

    A key names the place of an ``every`` in the same way in each run. With ``by``, the number is
    the quotient of the last visit, which is 0 before the first one.
    """
    counts = dict.fromkeys(_quotients(instance), 0)
    state = _state_of(instance)
    counts.update((place, number) for place, number in state.items() if _is_place(place))
    return counts


def restore_counts(instance: object, counts: Mapping[str, int]) -> None:
    """Restores the counts of an object that :func:`counts_of` returned.

    Call it after the object's own attributes are restored: an ``every`` with ``by`` and without a
    saved quotient continues from the current value of its attribute.
    """
    state = _state_of(instance)
    for place in [place for place in state if _is_place(place)]:
        del state[place]
    state.update({**_quotients(instance), **counts})


def _is_place(name: str) -> bool:
    """Whether an attribute of that name is a count: of a compiled class, or of a plain wrapper."""
    return name.startswith(("calls of ", "quotient of ")) or (
        name.startswith("_arctic_") and name.rstrip("_0123456789").endswith(("_calls", "_quotient"))
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
        except TypeError:  # no `__weakref__`: kept alive, so that no other object gets its id
            alive = instance
        _loose[key] = alive, {}
    return _loose[key][1]
