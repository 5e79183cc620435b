"""Finds a compiled class by its registered name (R33)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any


def registered(package: str, what: str, known: Mapping[str, str], name: str) -> type[Any]:
    """Imports the module of the class with that name, and returns the class.

    ``known`` maps names to ``.module:Class``, relative to the output's ``package``. ``what`` is the
    kind of class, for the error message.

    Raises LookupError for an unknown name.
    """
    place = known.get(name)
    if place is None:
        names = ", ".join(map(repr, known))
        raise LookupError(f"no compiled {what} is named {name!r}; the names are: {names}")
    module, _, cls = place.partition(":")
    found: type[Any] = getattr(importlib.import_module(module, package), cls)
    return found
