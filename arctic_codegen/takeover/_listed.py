"""The source's own callables, from lists that nobody watches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arctic_codegen._wrappers import name_of, unwrapped


def listed(cls: type, event: str, name: str, nth: int = 0, *, of: int = 1) -> Any:
    """The callable of an entry in the list of a class on ArcticTraining.

    It is the ``nth`` (from 0) entry with that event and a callable of that name, of which there are
    ``of``. What stands elsewhere in the list does not matter: a class without a list of its own
    changes an inherited one.

    Raises LookupError where the list has another number of such entries.
    """
    entries: Sequence[Any] = getattr(cls, "callbacks", ())
    found = [entry[1] for entry in entries if entry[0] == event]
    # A decorator may have given the callable another name than its text has.
    found = [one for one in found if name_of(unwrapped(one)) == name] or found
    if len(found) == of:
        return found[nth]
    raise LookupError(
        f"the callbacks of {cls.__module__}.{cls.__qualname__} have {len(found)} of {event!r} that"
        f" could be {name}, and the build has seen {of}: run 'arctic-codegen build'; if that does"
        " not help, declare the callbacks in the class body, or give the callable a name at"
        " module level"
    )
