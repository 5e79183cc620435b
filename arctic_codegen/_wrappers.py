"""Ordinary callables around callbacks. The compiler sees through them (R47)."""

from __future__ import annotations

import functools
import os
import sys
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_COROUTINE = 0x80  # inspect.CO_COROUTINE; importing inspect takes longer than all of this package


def replaces_inherited(method: F) -> F:
    """Marks a callback method that stands in the place of the inherited ones of its name.

    It has no effect at run time.
    """
    return method


def rank_zero(fn: F) -> F:
    """A callback that runs on rank 0 alone."""

    def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return fn(*args, **kwargs) if rank() == 0 else _unchanged(args, kwargs)

    return _like(fn, call)


def every(n: int, fn: F) -> F:
    """A callback that runs at every ``n``-th call of its event on an object."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"every() takes a whole number from 1, not {n!r}")
    counts = _Counts()

    def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        due = counts.next(args[0]) % n == 0
        return fn(*args, **kwargs) if due else _unchanged(args, kwargs)

    return _like(fn, call)


def optional(fn: F) -> F:
    """A callback whose exceptions are logged, once per kind, while training goes on."""
    told: set[type] = set()

    def failed(error: Exception) -> None:
        if type(error) not in told:
            told.add(type(error))
            import logging

            name = getattr(fn, "__qualname__", None) or repr(fn)
            logging.getLogger("arctic_codegen").error(
                "The callback %s failed, and is optional: training goes on", name, exc_info=error
            )

    if _is_async(fn):

        async def call_async(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            try:
                return await fn(*args, **kwargs)
            except Exception as error:
                failed(error)
                return _unchanged(args, kwargs)

        return _like(fn, call_async)

    def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return fn(*args, **kwargs)
        except Exception as error:
            failed(error)
            return _unchanged(args, kwargs)

    return _like(fn, call)


def rank() -> int:
    """This process's rank: that of ``torch.distributed`` once it has one, else that of the
    environment."""
    distributed = sys.modules.get("torch.distributed")
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return int(distributed.get_rank())
    return int(os.environ.get("RANK", "0") or "0")


def _unchanged(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a callback returns that leaves the values it takes as they are."""
    values = (*args[1:], *kwargs.values())
    if not values:
        return None
    return values[0] if len(values) == 1 else values


def _is_async(fn: Callable[..., Any]) -> bool:
    return bool(getattr(getattr(fn, "__code__", None), "co_flags", 0) & _COROUTINE)


def _like(fn: F, call: Callable[[tuple[Any, ...], dict[str, Any]], Any]) -> F:
    """A function with the name and signature of ``fn`` that does ``call``."""
    if _is_async(fn):

        async def wrapper_async(*args: Any, **kwargs: Any) -> Any:
            result = call(args, kwargs)
            return await result if hasattr(result, "__await__") else result

        return functools.wraps(fn)(wrapper_async)  # type: ignore[return-value]  # it has fn's signature

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return call(args, kwargs)

    return functools.wraps(fn)(wrapper)  # type: ignore[return-value]  # it has fn's signature


class _Counts:
    """Counts calls per object, and forgets an object that is gone."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._alive: dict[int, Any] = {}

    def next(self, instance: object) -> int:
        key = id(instance)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count == 1:
            try:
                self._alive[key] = weakref.ref(instance, lambda _: self._forget(key))
            except TypeError:  # no `__weakref__`: kept alive, so that no other has its id
                self._alive[key] = instance
        return count

    def _forget(self, key: int) -> None:
        self._counts.pop(key, None)
        self._alive.pop(key, None)
