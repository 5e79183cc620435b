"""Determines the entries in the closed list of a compiled class (R34)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MethodType
from typing import overload

from arctic_codegen.runtime.closed_list import ClosedList, Entry
from arctic_codegen.runtime.source_lists import own_entries
from arctic_codegen.runtime.wrapping import without_static

unread: dict[int, Entry] = {}
"""Entries that no build has read, by identity: ``on-stale`` may let the program run without them.
"""


@overload
def closed(source: type, /) -> list[Entry]: ...
@overload
def closed(*entries: Entry) -> list[Entry]: ...
def closed(*given: type | Entry) -> list[Entry]:
    """The ``callbacks`` of a compiled class: the entries of its source and of that class's bases.

    If statements add entries later, or ArcticTraining collects them differently, the entries are
    passed explicitly.
    """
    found: list[Entry] = []
    for one in given:
        if isinstance(one, type):
            found.extend(_declared(one))
        else:
            found.append(one)
    return ClosedList(found)


def _declared(source: type) -> Iterator[Entry]:
    """The entries along the MRO, root first; entries of another class are not repeated (R16)."""
    seen: set[tuple[str, int, int]] = set()
    for cls in reversed(source.__mro__):
        here = [(_key(entry), entry) for entry in own_entries(cls) if id(entry) not in unread]
        yield from (entry for key, entry in here if key not in seen)
        seen.update(key for key, _ in here)


def _key(entry: Entry) -> tuple[str, int, int]:
    event, fn = entry[0], without_static(entry[1])
    if type(fn) is MethodType:  # each access to the attribute makes a new one
        return event, id(fn.__self__), id(fn.__func__)
    return event, id(fn), 0
