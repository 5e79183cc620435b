"""Parses the checkers' messages about two types that do not match.

Both checkers use a few fixed sentences. An unknown sentence is passed on unchanged, so a new
version of a checker only makes messages less convenient to read.
"""

from __future__ import annotations

import re

import msgspec


class Mismatch(msgspec.Struct, frozen=True):
    """A type that was passed where another one was expected, in the checker's notation."""

    given: str
    expected: str


_SENTENCES = tuple(
    re.compile(sentence, re.DOTALL)
    for sentence in (
        # mypy
        r'Incompatible types in assignment \(expression has type "(?P<given>.+)", '
        r'(?:variable|target) has type "(?P<expected>.+)"\)',
        r'Incompatible return value type \(got "(?P<given>.+)", expected "(?P<expected>.+)"\)',
        r'Argument .+? has incompatible type "(?P<given>.+)"; expected "(?P<expected>.+)"',
        # pyright
        r'Argument of type "(?P<given>.+)" cannot be assigned to parameter (?:".+?" )?'
        r'of type "(?P<expected>.+?)"(?: in function ".+")?',
        r'Type "(?P<given>.+)" is not assignable to (?:declared |return )?type '
        r'"(?P<expected>.+)"',
    )
)


def mismatch(text: str) -> Mismatch | None:
    """The two types of a message; ``None`` if it is not about two types."""
    for sentence in _SENTENCES:
        found = sentence.fullmatch(text)
        if found is not None:
            return Mismatch(found["given"], found["expected"])
    return None
