"""``_initialized_callbacks`` of a compiled class: empty, and closed unless asked for (R40)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NoReturn, SupportsIndex

from arctic_codegen.runtime.errors import ClosedCallbacksError, full_name


class LateCallbacks(list[Any]):
    """The list that ArcticTraining's Ray launcher, for one, adds callbacks to.

    Where it is open, compiled methods end with a loop over it; so it takes callbacks of ``post-``
    events of methods that ArcticTraining wraps, and no others.
    """

    def __init__(self, owner: type, events: Collection[str] | None) -> None:
        super().__init__()
        self._owner = owner
        self._events = events

    def append(self, callback: Any, /) -> None:
        self.extend((callback,))

    def extend(self, callbacks: Iterable[Any], /) -> None:
        added = list(callbacks)
        self._check(added)
        super().extend(added)

    def insert(self, index: SupportsIndex, callback: Any, /) -> None:
        self._check((callback,))
        super().insert(index, callback)

    def __iadd__(self, callbacks: Iterable[Any], /) -> LateCallbacks:  # type: ignore[misc]  # no `+`
        self.extend(callbacks)
        return self

    def __imul__(self, times: SupportsIndex, /) -> LateCallbacks:
        if times.__index__() > 1:
            self._check(self)
        return super().__imul__(times)

    def __setitem__(self, index: Any, value: Any, /) -> None:
        self._check(list(value) if isinstance(index, slice) else [value])
        super().__setitem__(index, value)

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        return (list, (list(self),))

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
                self._refuse(callback, f"events that late callbacks can have here: {known}")

    def _refuse(self, callback: Any, what: str) -> NoReturn:
        raise ClosedCallbacksError(
            f"{callback!r} is added to the callbacks of {full_name(self._owner)}, which are"
            f" compiled: {what}"
        )
