"""Which name was probably meant?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

MOST_GUESSES = 100
"""Maximum number of suggestions per file: they take time, and nobody reads more of them."""


def close(
    name: str, valid: Iterable[str], *, most: int = 3, cutoff: float = 0.6
) -> tuple[str, ...]:
    """The names in ``valid`` that are similar to ``name``, most similar first; may be empty."""
    return tuple(difflib.get_close_matches(name, sorted(valid), n=most, cutoff=cutoff))


def parameter(name: str, valid: Iterable[str]) -> str:
    """The parameter that was probably meant, or ``""``; there are few, so less similarity is
    enough."""
    return next(iter(close(name, valid, most=1, cutoff=0.5)), "")


def choice(names: Sequence[str]) -> str:
    """``a, b or c``."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def nearest(name: str, valid: Iterable[str]) -> str:
    """The name in ``valid`` that is most similar to ``name``, even if it is very different."""
    return next(iter(close(name, valid, most=1, cutoff=0.0)), "")


def likely(name: str, valid: Iterable[str]) -> str:
    """``a, b or c``: the names that are similar to ``name``, or at least the most similar one."""
    known = tuple(valid)
    return choice(close(name, known) or (nearest(name, known),))
