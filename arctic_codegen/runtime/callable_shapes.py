"""Inspects callables without calling them: names, parameters, ``async``."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from arctic_codegen.runtime.module_names import MAIN, is_module
from arctic_codegen.runtime.wrapping import COROUTINE

if TYPE_CHECKING:
    from arctic_codegen.runtime.proof_text import Expected

VARIADIC = 0x04 | 0x08  # CO_VARARGS, CO_VARKEYWORDS


class CallableLayer:
    """One definition behind a callable: a decorator's function, or the function that it wraps."""

    def __init__(
        self,
        function: Any,
        code: types.CodeType | None,
        names: set[str],
        left_out: tuple[int, frozenset[str]],
    ) -> None:
        self.code = code
        """``None`` if there is no Python code."""
        self.names = names
        """Module and qualified name: as its attributes say, and as its code object says."""
        qualname = getattr(code, "co_qualname", None)  # from Python 3.11 on
        if qualname is not None:
            names.add(f"{_module(function)}.{qualname}")
        self.left_out = left_out
        """The parameters that are bound already: the number of leading ones, and their names."""

    def params(self) -> tuple[str, ...] | None:
        """The parameters that a caller may pass; ``None`` if the code object does not show them."""
        code = self.code
        if code is None or code.co_flags & VARIADIC:
            return None
        bound, named = self.left_out
        names = code.co_varnames
        positional = names[: code.co_argcount][bound:]
        keyword_only = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        return tuple(name for name in (*positional, *keyword_only) if name not in named)

    def is_async(self) -> bool:
        return self.code is not None and bool(self.code.co_flags & COROUTINE)


def layers(fn: Any) -> Iterator[CallableLayer]:
    """The definitions behind a callable, outermost first.

    Looks through partials, bound methods, objects with ``__call__``, and functions with a
    ``__wrapped__`` attribute.
    """
    bound, named = 0, frozenset[str]()
    seen: set[int] = set()
    while fn is not None and id(fn) not in seen:
        seen.add(id(fn))
        if isinstance(fn, functools.partial):
            bound += len(fn.args)
            named |= fn.keywords.keys()
            fn = fn.func
            continue
        if isinstance(fn, types.MethodType):
            bound += 1
            fn = fn.__func__
            continue
        if isinstance(fn, (staticmethod, classmethod)):
            fn = fn.__func__
            continue
        code = getattr(fn, "__code__", None)
        names = {_name(fn)}
        inner = getattr(fn, "__wrapped__", None)
        if code is None and inner is None and not isinstance(fn, type):
            call = _of_class(type(fn), "__call__")
            function = getattr(call, "__func__", call)
            if isinstance(function, types.FunctionType):
                bound += not isinstance(call, staticmethod)
                names |= {_name(function)}
                code = function.__code__
                inner = getattr(function, "__wrapped__", None)
        yield CallableLayer(fn, code, names, (bound, named))
        fn = inner


def _of_class(cls: type, name: str) -> Any:
    """The attribute as a class body has bound it: a static method is still one."""
    return next((vars(one)[name] for one in cls.__mro__ if name in vars(one)), None)


def _module(fn: Any) -> str:
    function = fn if hasattr(fn, "__globals__") else type(fn).__call__
    return str(getattr(function, "__globals__", {}).get("__name__", ""))


def _name(fn: Any) -> str:
    return f"{getattr(fn, '__module__', '')}.{getattr(fn, '__qualname__', '')}"


Aliases = Sequence[tuple[str, str]]
"""Pairs of prefixes: of names at run time, and of the same names in the text that was compiled."""

_COMPREHENSIONS = ("<listcomp>.", "<setcomp>.", "<dictcomp>.", "<genexpr>.")
"""Scopes that are functions in some versions of Python, and not in others."""


def has_name(fn: Any, name: str, aliases: Aliases = ()) -> bool:
    """Whether a definition behind a callable has that module and qualified name.

    A module that runs as the main program also counts under its own name.
    """
    return any(_is_called(one, name, aliases) for layer in layers(fn) for one in layer.names)


def _is_called(one: str, name: str, aliases: Aliases) -> bool:
    if one == name:
        return True
    for part in _COMPREHENSIONS if "<" in one else ():
        one = one.replace(part, "")
    for here, there in aliases:
        if one.startswith(here) and there + one[len(here) :] == name:
            return True
    main, dot, qualname = one.partition(".")
    tail = dot + qualname
    if main in MAIN and name.endswith(tail) and is_module(main, name.removesuffix(tail)):
        return True
    return one == name


def aliases_of(cls: type, home: str) -> Aliases:
    """The aliases for a class that the build reads as a member of the module ``home``.

    The module may run as the main program, and the class may be defined in functions, which the
    build ignores.
    """
    scopes = cls.__qualname__.split("<locals>.")[:-1]
    starts = ["<locals>.".join([*scopes[:count], ""]) for count in range(len(scopes), -1, -1)]
    found = [(f"{cls.__module__}.{start}", f"{home}.") for start in starts]
    return [one for one in found if one[0] != one[1]]


def place(fn: Any) -> str:
    """`` (FILE:LINE)`` of the innermost definition with Python code; empty if there is none."""
    found = ""
    for layer in layers(fn):
        if layer.code is not None:
            found = f" ({layer.code.co_filename}:{layer.code.co_firstlineno})"
    return found


def start_of(code: types.CodeType) -> tuple[int, int]:
    """First line and column of a lambda; before Python 3.11 the column is 0."""
    positions = getattr(code, "co_positions", None)
    columns = (
        [column for line, _, column, _ in positions() if line == code.co_firstlineno and column]
        if positions is not None
        else ()
    )
    return code.co_firstlineno, min(columns, default=0)


def shape_differences(fn: Any, expected: Expected) -> Iterator[str]:
    """How a callable differs from what the build read: its parameters, and whether it is async.

    A decorator may have another signature than the function that it wraps: one of them must match.
    """
    found = list(layers(fn))
    shown = [params for layer in found if (params := layer.params()) is not None]
    read = expected.params
    if read is not None and shown and not any(_are_named(params, read) for params in shown):
        takes = ", ".join(shown[0])
        yield f"{place(fn)} takes ({takes}), but the build read ({', '.join(read)})"
    codes = [layer.code for layer in found]
    if codes and None not in codes and expected.is_async not in [one.is_async() for one in found]:
        now = "not an 'async def'" if expected.is_async else "an 'async def'"
        yield f"{place(fn)} is {now}, unlike what the build read"


def _are_named(params: tuple[str, ...], read: tuple[str, ...]) -> bool:
    """Whether parameter names are equal, apart from Python's mangling of private names.

    In a class body, ``__x`` becomes ``_Trainer__x``.
    """
    return len(params) == len(read) and all(
        name == one or (one.startswith("__") and name.startswith("_") and name.endswith(one))
        for name, one in zip(params, read, strict=True)
    )
