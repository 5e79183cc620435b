"""``_initialized_callbacks`` of a compiled class: empty, and closed unless configured (R40)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NoReturn

from arctic_codegen.runtime.closed_list import CheckedList
from arctic_codegen.runtime.errors import ClosedCallbacksError, full_name


class LateCallbacks(CheckedList):
    """The list to which, for example, ArcticTraining's Ray launcher adds callbacks.

    If it is open, compiled methods end with a loop over it. So it accepts only callbacks of
    ``post-`` events of methods that ArcticTraining wraps, and raises ClosedCallbacksError for
    others.
    """

    def __init__(self, owner: type, events: Collection[str] | None) -> None:
        super().__init__()
        self._owner = owner
        self._events = events

    def _add(self, position: int, entries: tuple[Any, ...]) -> None:
        self._check(entries)
        list.__setitem__(self, slice(position, position), entries)

    def _may_change(self, method: str, *given: Any) -> None:
        if method == "__setitem__":
            index, value = given
            self._check(list(value) if isinstance(index, slice) else [value])
        elif method == "__imul__" and given[0].__index__() > 1:
            self._check(self)

    def _check(self, callbacks: Iterable[Any]) -> None:
        for callback in callbacks:
            if self._events is None:
                self._refuse(
                    callback,
                    "set 'late-callbacks = true' in [tool.arctic-codegen] and run"
                    " 'arctic-codegen build'",
                )
            elif getattr(callback, "event", None) not in self._events:
                known = ", ".join(sorted(self._events)) or "none"
                self._refuse(callback, f"events that late callbacks can use here: {known}")

    def _refuse(self, callback: Any, what: str) -> NoReturn:
        raise ClosedCallbacksError(
            f"{callback!r} is added to the callbacks of {full_name(self._owner)}, which are"
            f" compiled: {what}"
        )
