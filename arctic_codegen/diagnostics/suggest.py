"""Which name was probably meant?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

MOST_GUESSES = 100
"""In one file: each takes a while, and nobody reads more of them."""


def close(
    name: str, valid: Iterable[str], *, most: int = 3, cutoff: float = 0.6
) -> tuple[str, ...]:
    """Those of ``valid`` that look like ``name``, the likeliest first; often none."""
    return tuple(difflib.get_close_matches(name, sorted(valid), n=most, cutoff=cutoff))


def parameter(name: str, valid: Iterable[str]) -> str:
    """The parameter that is probably meant, or ``""``; there are few, so less likeness will do."""
    return next(iter(close(name, valid, most=1, cutoff=0.5)), "")


def choice(names: Sequence[str]) -> str:
    """``a, b or c``."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def nearest(name: str, valid: Iterable[str]) -> str:
    """The one of ``valid`` that looks most like ``name``, far away as it may be."""
    return next(iter(close(name, valid, most=1, cutoff=0.0)), "")


def likely(name: str, valid: Iterable[str]) -> str:
    """``a, b or c``: those that look like ``name``, or at least the nearest."""
    known = tuple(valid)
    return choice(close(name, known) or (nearest(name, known),))
