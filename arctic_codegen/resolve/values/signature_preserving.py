"""Which decorators are known to preserve the signature of what they decorate (R7, R10)?

Bare or called, on functions and on methods. ``signature_preserving.txt`` lists the names under
which people import them, and those under which the libraries define them; ``signature-preserving``
in the configuration adds more.
"""

from __future__ import annotations

from pathlib import Path

CONFIGURED = "a decorator that keeps signatures"
"""Replaces the name of a decorator that the configuration lists as signature-preserving."""


def each(modules: str, names: str) -> frozenset[str]:
    """Each of these names, qualified by each of these modules."""
    return frozenset(f"{module}.{name}" for module in modules.split() for name in names.split())


def _listed(marked: bool) -> frozenset[str]:
    """All names in the list, or only those marked with ``=``."""
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    found: set[str] = set()
    for line in text.splitlines():
        modules, _, names = line.partition(":")
        if names and not line.startswith("#"):
            chosen = (name for name in names.split() if name.startswith("=") or not marked)
            found |= each(modules, " ".join(name.removeprefix("=") for name in chosen))
    return frozenset(found)


PRESERVING = _listed(marked=False) | {CONFIGURED}
"""Dotted names; a method is listed under its class, or under an object of the library."""

RETURN_THEIR_ARGUMENT = _listed(marked=True)
"""Those of ``PRESERVING`` that return the function they are given, unchanged."""
