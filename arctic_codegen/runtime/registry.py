"""Finds a compiled class by its registered name (R33)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any


def registered(package: str, what: str, known: Mapping[str, str], name: str) -> type[Any]:
    """The class of that name; its module is imported now.

    ``known`` says where each class is, as ``.module:Class`` in the output's ``package``, and
    ``what`` is what a message calls one.

    Raises LookupError for an unknown name.
    """
    place = known.get(name)
    if place is None:
        names = ", ".join(map(repr, known))
        raise LookupError(f"no compiled {what} is named {name!r}; the names are: {names}")
    module, _, cls = place.partition(":")
    found: type[Any] = getattr(importlib.import_module(module, package), cls)
    return found
