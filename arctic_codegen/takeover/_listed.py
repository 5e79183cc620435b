"""The source's own callables, from lists that nobody watches."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any


def listed(cls: type, event: str, name: str, index: int | None = None, *, of: int = 0) -> Any:
    """The callable of an entry in the list of a class on ArcticTraining.

    It stands at ``index`` of the class's own list, which has ``of`` entries. Where the class has
    no list, a statement such as ``X.callbacks.append(...)`` has changed an inherited one, which
    then has more entries than any one class declares: then the entry is the one with that event
    and a callable of that name.

    Raises LookupError where that does not tell which entry it is.
    """
    entries: Sequence[Any] = getattr(cls, "callbacks", ())
    if index is not None and len(entries) == of and entries[index][0] == event:
        return entries[index][1]
    found = [entry[1] for entry in entries if entry[0] == event]
    found = [one for one in found if _name(one) == name] or found
    if len(found) == 1:
        return found[0]
    raise LookupError(
        f"the callbacks of {cls.__module__}.{cls.__qualname__} have {len(found) or 'no'}"
        f" entr{'ies' if found else 'y'} of {event!r} that could be {name}: run 'arctic-codegen"
        " build'; if that does not help, declare the callbacks in the class body, or give the"
        " callable a name at module level"
    )


def _name(value: Any) -> str:
    """Module and qualified name of the code that a callable runs."""
    if isinstance(value, functools.partial):
        return _name(value.func)
    function = getattr(value, "__func__", value)
    if not hasattr(function, "__qualname__"):
        return f"{type(value).__module__}.{type(value).__qualname__}.__call__"
    return f"{function.__module__}.{function.__qualname__}"
