"""Wrappers around callbacks, as plain Python runs them (R47, R56 to R58).

The compiler replaces them by statements.
"""

from __future__ import annotations

import functools
import keyword
import operator
import os
import sys
import weakref
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any, TypeVar, Union, overload

from arctic_codegen.runtime.errors import UncompiledClassError
from arctic_codegen.runtime.every_counts import count, declared, passed

F = TypeVar("F", bound=Callable[..., Any])

COROUTINE = 0x80  # inspect.COCOROUTINE; importing inspect takes longer than all of this package
_MARK = "__arctic_wrapper__"


class Wrapped:
    """What one wrapper wraps, and its arguments; stored on the wrapper.

    ``condition`` is also the path that ``every`` counts by.
    """

    __slots__ = ("condition", "fn", "kind", "n")

    def __init__(self, kind: str, fn: Any, n: int | None = None, condition: Any = None) -> None:
        self.kind = kind
        self.fn = fn
        self.n = n
        self.condition = condition

    def __str__(self) -> str:
        """As the proof at import names it: ``every(10)``, ``when("config.trace")``."""
        if self.condition is None:
            return self.kind if self.n is None else f"{self.kind}({self.n})"
        is_path = isinstance(self.condition, str)
        asked = f'"{self.condition}"' if is_path else name_of(self.condition)
        return f"{self.kind}({asked})" if self.n is None else f"{self.kind}({self.n} by {asked})"


def replaces_inherited(method: F) -> F:
    """Marks a callback method that replaces the inherited ones of its name.

    It has no effect at run time.
    """
    return method


def rank_zero(fn: F) -> F:
    """Wraps a callback so that it runs only on rank 0."""
    return _like(fn, Wrapped("rank_zero", fn), due=lambda args: is_rank_zero())


@overload
def every(n: int, fn: F, *, by: str | None = None) -> F: ...


@overload
def every(n: int, *, by: str | None = None) -> Callable[[F], F]: ...


def every(n: int, fn: Any = None, *, by: str | None = None) -> Any:
    """Wraps a callback so that it runs at every ``n``-th call of its event on an object.

    It counts calls of the event's method, not steps of the optimizer. Under gradient accumulation,
    ``post-step`` and ``post-loss`` are called once for each micro-batch, and a trainer whose
    evaluation calls ``loss`` counts those calls on ``post-loss``, too.

    With ``by``, the path of a whole number of the object such as ``"global_step"``, it runs at the
    first call at which that number has passed another multiple of ``n``: once, however many
    multiples were passed, and also if the number falls and passes one again.

    Without a callback it is a decorator: ``@every(10)``.

    Raises ValueError if ``n`` is not a whole number of at least 1, or ``by`` is no dotted path.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"every() takes a whole number from 1, not {n!r}")
    if fn is None:
        return functools.partial(every, n, by=by)
    if by is None:
        place = _new_place("calls", fn)
        return _like(fn, Wrapped("every", fn, n), due=lambda args: count(args[0], place) % n == 0)
    value = _asked("every", by)
    quotients = _new_place("quotient", fn)
    declared[quotients] = by, n

    def due(args: tuple[Any, ...]) -> bool:
        return passed(args[0], quotients, operator.index(value(args[0])) // n)

    return _like(fn, Wrapped("every", fn, n, by), due=due)


def optional(fn: F) -> F:
    """Wraps a callback so that its exceptions are logged, once per kind, and training continues."""
    return _like(fn, Wrapped("optional", fn), caught=(Exception,))


def on_error(fn: F) -> F:
    """Wraps a callback of a post event so that it runs when the event fails.

    It takes the object and the exception, which may be any ``BaseException`` of a callback or of
    the method, and passes on unchanged when all of these callbacks have run. What they return is
    ignored. They need the compiler: uncompiled, a call raises UncompiledClassError.
    """
    return _for_compiled(fn, "on_error")


def always(fn: F) -> F:
    """Wraps a callback of a post event so that it runs whether the event fails or not.

    It takes the object alone, and runs after all others of the event. What it returns is ignored.
    It needs the compiler: uncompiled, a call raises UncompiledClassError.
    """
    return _for_compiled(fn, "always")


@overload
def after(other: Callable[..., Any], fn: F) -> F: ...


@overload
def after(other: Callable[..., Any]) -> Callable[[F], F]: ...


def after(other: Any, fn: Any = None) -> Any:
    """Says that a callback runs after another one, where both run on one event and phase.

    It gives the callback itself, and changes no order: a build fails where the order is another.
    Without a callback it is a decorator: ``@after(load)``.
    """
    return _itself if fn is None else fn


@overload
def before(other: Callable[..., Any], fn: F) -> F: ...


@overload
def before(other: Callable[..., Any]) -> Callable[[F], F]: ...


def before(other: Any, fn: Any = None) -> Any:
    """Says that a callback runs before another one, where both run on one event and phase.

    It gives the callback itself, and changes no order: a build fails where the order is another.
    Without a callback it is a decorator: ``@before(save)``.
    """
    return _itself if fn is None else fn


def _itself(fn: F) -> F:
    return fn


class _NeedsCompiler:
    """The signature of what only the compiler can run: whoever looks at it gets the error.

    ArcticTraining's own runtime looks at signatures before it calls anything.
    """

    def __init__(self, kind: str, name: str) -> None:
        self.text = (
            f"{kind}({name}) needs the compiler: run 'arctic-codegen build', and make the object"
            " through the compiled class"
        )

    @property  # type: ignore[misc]  # `isinstance` asks for it
    def __class__(self) -> type:
        raise UncompiledClassError(self.text)


def _for_compiled(fn: F, kind: str) -> F:
    signature = _NeedsCompiler(kind, name_of(fn))

    def refuse(args: tuple[Any, ...]) -> bool:
        raise UncompiledClassError(signature.text)

    wrapper = _like(fn, Wrapped(kind, fn), due=refuse)
    wrapper.__signature__ = signature  # type: ignore[attr-defined]
    return wrapper


Condition = Union[str, Callable[..., bool]]
"""What decides whether a callback runs: a function of the object, or a path of its attributes."""


@overload
def when(condition: Condition, fn: F) -> F: ...


@overload
def when(condition: Condition) -> Callable[[F], F]: ...


def when(condition: Condition, fn: Any = None) -> Any:
    """Wraps a callback so that it runs only if ``condition`` holds at that moment.

    The condition is a lambda or function that takes the object and returns a bool, or the dotted
    path of an attribute of the object, such as ``"config.trace"``. Without a callback, ``when`` is
    a decorator: ``@when("config.trace")``.

    Raises ValueError if a path is no dotted path, TypeError if a condition cannot be called.
    """
    return functools.partial(when, condition) if fn is None else _if(condition, fn, "when", True)


@overload
def unless(condition: Condition, fn: F) -> F: ...


@overload
def unless(condition: Condition) -> Callable[[F], F]: ...


def unless(condition: Condition, fn: Any = None) -> Any:
    """Wraps a callback so that it runs only if ``condition`` does not hold: see :func:`when`."""
    return (
        functools.partial(unless, condition) if fn is None else _if(condition, fn, "unless", False)
    )


def _if(condition: Condition, fn: F, kind: str, wanted: bool) -> F:
    holds = _asked(kind, condition)
    around = Wrapped(kind, fn, condition=condition)
    return _like(fn, around, due=lambda args: bool(holds(args[0])) is wanted)


def _is_attribute(name: str) -> bool:
    private = name.startswith("__") and not name.endswith("__")  # another name in each class
    return name.isidentifier() and not keyword.iskeyword(name) and not private


def _asked(kind: str, condition: Any) -> Callable[[Any], Any]:
    """A condition as a function of the object."""
    if isinstance(condition, str):
        if not all(map(_is_attribute, condition.split("."))):
            text = f'{kind}() takes attributes such as "config.trace", not {condition!r}'
            raise ValueError(text)
        return operator.attrgetter(condition)
    if not callable(condition):
        raise TypeError(f"{kind}() takes a function or a path of attributes, not {condition!r}")
    found: Callable[[Any], Any] = condition
    return found


_in_group: tuple[Callable[[], object], int] = (lambda: None, 0)
"""The process group that was asked last, and this process's rank in it: asking is slow."""


def rank() -> int:
    """This process's rank: that of ``torch.distributed`` once it has one, else that of the
    environment."""
    global _in_group
    distributed = sys.modules.get("torch.distributed")
    if distributed is not None:
        group = getattr(getattr(distributed, "group", None), "WORLD", None)
        if group is not None and _in_group[0]() is group:
            return _in_group[1]
        if distributed.is_available() and distributed.is_initialized():
            found = int(distributed.get_rank())
            if group is not None:
                _in_group = weakref.ref(group), found
            return found
    return int(os.environ.get("RANK", "0") or "0")


def is_rank_zero() -> bool:
    """Whether this process is the one in which ``rank_zero`` callbacks run."""
    return rank() == 0


_logged: set[tuple[str, type, CodeType | None]] = set()


def log_failure(name: str) -> None:
    """Logs the exception that is being handled and that the callback ``name`` raised.

    Each kind is logged once for each callback.
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
        "The callback %s failed, and is optional: training goes on", name, exc_info=error
    )


def _failing(trace: TracebackType | None) -> CodeType | None:
    """The code of the callback: what the frame that handles the exception has called."""
    here = _failing.__code__.co_filename
    inner = None if trace is None else trace.tb_next
    while inner is not None and inner.tb_frame.f_code.co_filename == here:
        inner = inner.tb_next
    return None if inner is None else inner.tb_frame.f_code


def wrapped_by(value: object) -> Wrapped | None:
    """What one of these wrappers wraps; ``None`` for any other callable."""
    found = getattr(value, _MARK, None)
    ours = isinstance(found, Wrapped) and getattr(value, "__code__", None) in _CODES
    return found if ours else None


def unwrapped(fn: F) -> F:
    """The callback itself, without its wrappers."""
    inner: Any = fn
    while (found := wrapped_by(inner)) is not None:
        inner = found.fn
    return inner  # type: ignore[no-any-return]  # wrappers have the signature of what they wrap


def wrappers_of(fn: Any) -> tuple[tuple[Wrapped, ...], Any]:
    """The wrappers of a callback, outermost first, and the callback itself."""
    found = []
    while (around := wrapped_by(fn)) is not None:
        found.append(around)
        fn = around.fn
    return tuple(found), fn


def condition_of(fn: Any, depth: int) -> Any:
    """The condition that the wrapper of a callback has, ``depth`` wrappers inside the outermost."""
    return wrappers_of(fn)[0][depth].condition


def name_of(fn: Any) -> str:
    """Module and qualified name of the code that a callable runs."""
    plain = _function(fn)
    return f"{getattr(plain, '__module__', '')}.{getattr(plain, '__qualname__', repr(fn))}"


def is_async(fn: Any) -> bool:
    """Whether a callable is an ``async def``, or runs one."""
    code = getattr(_function(fn), "__code__", None)
    return bool(getattr(code, "co_flags", 0) & COROUTINE)


def _function(fn: Any) -> Any:
    """The function that a partial, a bound method or an object calls."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    fn = getattr(fn, "__func__", fn)
    return fn if hasattr(fn, "__qualname__") else type(fn).__call__


def _unchanged(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a callback returns that leaves the values it takes as they are."""
    values = (*args[1:], *kwargs.values())
    if not values:
        return None
    return values[0] if len(values) == 1 else values


_places: dict[str, int] = {}


def _new_place(what: str, fn: Any) -> str:
    """A name for one ``every`` around a callable, the same in each run of a program.

    No attribute of a person's has it, and none of a compiled class.
    """
    name = f"{what} of {name_of(fn)}"
    number = _places[name] = _places.get(name, 0) + 1
    return f"{name}, {number}"


def _always(args: tuple[Any, ...]) -> bool:
    return True


def _like(
    fn: F,
    around: Wrapped,
    *,
    due: Callable[[tuple[Any, ...]], bool] = _always,
    caught: tuple[type[Exception], ...] = (),
) -> F:
    """A function with the name and signature of ``fn``, which it calls where that is ``due`` for
    its arguments, the object first. What is ``caught`` of its exceptions is logged, and training
    goes on."""
    if not callable(fn):
        raise TypeError(f"{around.kind}() stands around a callable, not around {fn!r}")
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
    # An object's own attributes are not the function's.
    functools.update_wrapper(wrapper, plain, updated=("__dict__",) if plain is fn else ())
    wrapper.__wrapped__ = fn
    setattr(wrapper, _MARK, around)
    return wrapper  # type: ignore[no-any-return]  # it has fn's signature


_CODES = frozenset(one for one in _like.__code__.co_consts if isinstance(one, CodeType))
"""The code of the wrappers. Decorators made with ``functools.wraps`` copy what is kept on one to
functions of their own."""
