"""Creates wrappers around callbacks, and takes callables out of their wrappers."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

COROUTINE = 0x80  # inspect.CO_COROUTINE; importing inspect takes longer than this whole package
_MARK = "__arctic_wrapper__"


class Wrapped:
    """The callable that a wrapper wraps, and the wrapper's arguments; stored on the wrapper.

    ``condition`` is also the path that ``every`` counts by.
    """

    __slots__ = ("condition", "fn", "kind", "n")

    def __init__(self, kind: str, fn: Any, n: int | None = None, condition: Any = None) -> None:
        self.kind = kind
        self.fn = fn
        self.n = n
        self.condition = condition

    def __str__(self) -> str:
        """The form in the text of the proof at import: ``every(10)``, ``when("config.trace")``."""
        if self.condition is None:
            return self.kind if self.n is None else f"{self.kind}({self.n})"
        is_path = isinstance(self.condition, str)
        asked = f'"{self.condition}"' if is_path else name_of(self.condition)
        return f"{self.kind}({asked})" if self.n is None else f"{self.kind}({self.n} by {asked})"


def _always(args: tuple[Any, ...]) -> bool:
    return True


def make_wrapper(
    fn: F,
    around: Wrapped,
    *,
    due: Callable[[tuple[Any, ...]], bool] = _always,
    caught: tuple[type[Exception], ...] = (),
) -> F:
    """A function with the name and signature of ``fn``, which it calls if it is ``due``.

    ``due`` takes the arguments, the object first. Exceptions of the types ``caught`` are logged,
    and training continues. Raises TypeError if ``fn`` is not callable.
    """
    if not callable(fn):
        raise TypeError(f"{around.kind}() takes a callable, not {fn!r}")
    name = name_of(fn)
    wrapper: Any
    if is_async(fn):

        async def wrapper_async(*args: Any, **kwargs: Any) -> Any:
            if due(args):
                try:
                    return await fn(*args, **kwargs)
                except caught:
                    log_failure(name)
            return _unchanged(args, kwargs)

        wrapper = wrapper_async
    else:

        def wrapper_plain(*args: Any, **kwargs: Any) -> Any:
            if due(args):
                try:
                    return fn(*args, **kwargs)
                except caught:
                    log_failure(name)
            return _unchanged(args, kwargs)

        wrapper = wrapper_plain
    plain = _function(fn)
    # The attributes of a callable object do not belong to the function.
    functools.update_wrapper(wrapper, plain, updated=("__dict__",) if plain is fn else ())
    wrapper.__wrapped__ = fn
    setattr(wrapper, _MARK, around)
    return wrapper  # type: ignore[no-any-return]  # it has fn's signature


_CODES = frozenset(one for one in make_wrapper.__code__.co_consts if isinstance(one, CodeType))
"""The code objects of wrappers, which identify them: ``functools.wraps`` copies the attributes of a
wrapper to other functions."""


def _unchanged(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The return value of a callback that does not change the values that it takes."""
    values = (*args[1:], *kwargs.values())
    if not values:
        return None
    return values[0] if len(values) == 1 else values


_logged: set[tuple[str, type, CodeType | None]] = set()


def log_failure(name: str) -> None:
    """Logs the exception being handled, raised by the callback ``name``.

    Each type is logged once per callback.
    """
    kind, error, trace = sys.exc_info()
    if kind is None:
        return
    # Lambdas share names; the code that was running distinguishes them.
    known = (name, kind, _failing(trace))
    if known in _logged:
        return
    _logged.add(known)
    import logging

    logging.getLogger("arctic_codegen").error(
        "The optional callback %s failed; training continues", name, exc_info=error
    )


def _failing(trace: TracebackType | None) -> CodeType | None:
    """The code object of the callback, which the frame that handles the exception has called."""
    here = _failing.__code__.co_filename
    inner = None if trace is None else trace.tb_next
    while inner is not None and inner.tb_frame.f_code.co_filename == here:
        inner = inner.tb_next
    return None if inner is None else inner.tb_frame.f_code


def without_static(fn: Any) -> Any:
    """The function of a static method: in the body of its class, its name stands for the
    decorator's object."""
    return fn.__func__ if isinstance(fn, staticmethod) else fn


def wrapped_by(value: object) -> Wrapped | None:
    """The record of one of these wrappers; ``None`` for any other callable."""
    value = without_static(value)
    found = getattr(value, _MARK, None)
    ours = isinstance(found, Wrapped) and getattr(value, "__code__", None) in _CODES
    return found if ours else None


def unwrapped(fn: F) -> F:
    """The callback itself, without its wrappers."""
    inner: F = wrappers_of(fn)[1]  # wrappers have the signature of what they wrap
    return inner


def wrappers_of(fn: Any) -> tuple[tuple[Wrapped, ...], Any]:
    """The wrappers of a callback, outermost first, and the callback itself."""
    found = []
    while (around := wrapped_by(fn)) is not None:
        found.append(around)
        fn = around.fn
    return tuple(found), without_static(fn)


def condition_of(fn: Any, depth: int) -> Any:
    """The condition of a callback's wrapper, ``depth`` wrappers below the outermost."""
    return wrappers_of(fn)[0][depth].condition


def name_of(fn: Any) -> str:
    """Module and qualified name of the code that a callable runs."""
    plain = _function(fn)
    return f"{getattr(plain, '__module__', '')}.{getattr(plain, '__qualname__', repr(fn))}"


def is_async(fn: Any) -> bool:
    """Whether a callable is an ``async def``, or a partial, method or object that calls one."""
    code = getattr(_function(fn), "__code__", None)
    return bool(getattr(code, "co_flags", 0) & COROUTINE)


def _function(fn: Any) -> Any:
    """The function that a partial, a bound method or an object calls."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    fn = getattr(fn, "__func__", fn)
    return fn if hasattr(fn, "__qualname__") else type(fn).__call__
