"""Wrappers around callbacks as plain callables, for uncompiled code (R47, R56 to R58).

The compiler replaces them by statements.
"""

from __future__ import annotations

import functools
import keyword
import operator
from collections.abc import Callable
from typing import Any, Union, overload

from arctic_codegen.runtime.errors import UncompiledClassError
from arctic_codegen.runtime.every_counts import count, declared, passed
from arctic_codegen.runtime.rank import is_rank_zero
from arctic_codegen.runtime.wrapping import F, Wrapped, make_wrapper, name_of


def replaces_inherited(method: F) -> F:
    """Marks a callback method that replaces the inherited ones of its name.

    It has no effect at run time.
    """
    return method


def rank_zero(fn: F) -> F:
    """Wraps a callback so that it runs only on rank 0."""
    return make_wrapper(fn, Wrapped("rank_zero", fn), due=lambda args: is_rank_zero())


@overload
def every(n: int, fn: F, *, by: str | None = None) -> F: ...


@overload
def every(n: int, *, by: str | None = None) -> Callable[[F], F]: ...


def every(n: int, fn: Any = None, *, by: str | None = None) -> Any:
    """Wraps a callback so that it runs at every ``n``-th call of its event on an object.

    It counts calls of the event's method, not steps of the optimizer. Under gradient accumulation,
    ``post-step`` and ``post-loss`` are called once for each micro-batch, and a trainer whose
    evaluation calls ``loss`` counts those calls on ``post-loss``, too.

    With ``by``, the path of an integer attribute of the object such as ``"global_step"``, it runs
    at the first call at which that number has passed another multiple of ``n``: once, however many
    multiples were passed, and also if the number decreases and passes one again.

    Without a callback it is a decorator: ``@every(10)``.

    Raises ValueError if ``n`` is not an integer of at least 1, or ``by`` is not a dotted path.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"every() takes a positive integer, not {n!r}")
    if fn is None:
        return functools.partial(every, n, by=by)
    if by is None:
        place = _new_place("calls", fn)
        return make_wrapper(
            fn, Wrapped("every", fn, n), due=lambda args: count(args[0], place) % n == 0
        )
    value = _asked("every", by)
    quotients = _new_place("quotient", fn)
    declared[quotients] = by, n

    def due(args: tuple[Any, ...]) -> bool:
        return passed(args[0], quotients, operator.index(value(args[0])) // n)

    return make_wrapper(fn, Wrapped("every", fn, n, by), due=due)


def optional(fn: F) -> F:
    """Wraps a callback so that its exceptions are logged, once per type, and training continues."""
    return make_wrapper(fn, Wrapped("optional", fn), caught=(Exception,))


def on_error(fn: F) -> F:
    """Wraps a callback of a post event so that it runs when the event fails.

    It takes the object and the exception, which may be any ``BaseException`` of a callback or of
    the method, and which propagates unchanged after all of these callbacks have run. Their return
    values are ignored. They need the compiler: uncompiled, a call raises UncompiledClassError.
    """
    return _for_compiled(fn, "on_error")


def always(fn: F) -> F:
    """Wraps a callback of a post event so that it runs whether the event fails or not.

    It takes only the object, and runs after all others of the event. Its return value is ignored.
    It needs the compiler: uncompiled, a call raises UncompiledClassError.
    """
    return _for_compiled(fn, "always")


@overload
def after(other: Callable[..., Any], fn: F) -> F: ...


@overload
def after(other: Callable[..., Any]) -> Callable[[F], F]: ...


def after(other: Any, fn: Any = None) -> Any:
    """Asserts that a callback runs after another one, if both run on one event and phase.

    It returns the callback itself, and does not change the order: a build fails if the order is
    different. Without a callback it is a decorator: ``@after(load)``.
    """
    return _itself if fn is None else fn


@overload
def before(other: Callable[..., Any], fn: F) -> F: ...


@overload
def before(other: Callable[..., Any]) -> Callable[[F], F]: ...


def before(other: Any, fn: Any = None) -> Any:
    """Asserts that a callback runs before another one, if both run on one event and phase.

    It returns the callback itself, and does not change the order: a build fails if the order is
    different. Without a callback it is a decorator: ``@before(save)``.
    """
    return _itself if fn is None else fn


def _itself(fn: F) -> F:
    return fn


class _NeedsCompiler:
    """The signature of a wrapper that needs the compiler: reading it raises UncompiledClassError.

    ArcticTraining's own runtime reads signatures before it calls anything.
    """

    def __init__(self, kind: str, name: str) -> None:
        self.text = (
            f"{kind}({name}) needs the compiler: run 'arctic-codegen build', and instantiate the"
            " compiled class"
        )

    @property  # type: ignore[misc]  # `isinstance` reads it
    def __class__(self) -> type:
        raise UncompiledClassError(self.text)


def _for_compiled(fn: F, kind: str) -> F:
    signature = _NeedsCompiler(kind, name_of(fn))

    def refuse(args: tuple[Any, ...]) -> bool:
        raise UncompiledClassError(signature.text)

    wrapper = make_wrapper(fn, Wrapped(kind, fn), due=refuse)
    wrapper.__signature__ = signature  # type: ignore[attr-defined]
    return wrapper


Condition = Union[str, Callable[..., bool]]
"""Whether a callback runs: a function of the object, or the path of an attribute."""


@overload
def when(condition: Condition, fn: F) -> F: ...


@overload
def when(condition: Condition) -> Callable[[F], F]: ...


def when(condition: Condition, fn: Any = None) -> Any:
    """Wraps a callback so that it runs only if ``condition`` is true at that moment.

    The condition is a lambda or function that takes the object and returns a bool, or the dotted
    path of an attribute of the object, such as ``"config.trace"``. Without a callback, ``when`` is
    a decorator: ``@when("config.trace")``.

    Raises ValueError if a path is not a dotted path, TypeError if a condition is not callable.
    """
    return functools.partial(when, condition) if fn is None else _if(condition, fn, "when", True)


@overload
def unless(condition: Condition, fn: F) -> F: ...


@overload
def unless(condition: Condition) -> Callable[[F], F]: ...


def unless(condition: Condition, fn: Any = None) -> Any:
    """Wraps a callback so that it runs only if ``condition`` is false: see :func:`when`."""
    return (
        functools.partial(unless, condition) if fn is None else _if(condition, fn, "unless", False)
    )


def _if(condition: Condition, fn: F, kind: str, wanted: bool) -> F:
    holds = _asked(kind, condition)
    around = Wrapped(kind, fn, condition=condition)
    return make_wrapper(fn, around, due=lambda args: bool(holds(args[0])) is wanted)


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


_places: dict[str, int] = {}


def _new_place(what: str, fn: Any) -> str:
    """A name for the count of one ``every`` around a callable, the same in each run of a program.

    It cannot be the name of an attribute in a user's class or a compiled class.
    """
    name = f"{what} of {name_of(fn)}"
    number = _places[name] = _places.get(name, 0) + 1
    return f"{name}, {number}"
