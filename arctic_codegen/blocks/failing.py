"""What is told of an exception that ends a training: the rank, and the callback that raised it."""

from __future__ import annotations

import itertools
import sys
import traceback
from types import CodeType, TracebackType

from arctic_codegen import CallbackMixin


def described(error: BaseException, rank: int) -> str:
    """One line about the exception."""
    what = f"{type(error).__name__}: {error}"
    callback = failed_callback(error.__traceback__)
    where = f"the callback {callback} failed: " if callback is not None else ""
    return f"rank {rank}: {where}{what}"


def failed_callback(trace: TracebackType | None) -> str | None:
    """The innermost callback that was running, with the method and class that it surrounds."""
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    found = None
    for outer, inner in itertools.pairwise(frames):
        instance = outer.f_locals.get("self")
        cls = type(instance)
        if not isinstance(instance, CallbackMixin) or not _is_compiled(cls, outer.f_code):
            continue
        event = outer.f_code.co_name
        if inner.f_code in _plain_methods(cls, event):
            continue
        module = inner.f_globals.get("__name__", "")
        found = f"{module}.{_qualified(inner.f_code)}, at {event} of {cls.__qualname__},"
    return found


def _is_compiled(cls: type, code: CodeType) -> bool:
    """Whether code stands in the generated module of a class."""
    module = sys.modules.get(cls.__module__)
    return "__arctic_source__" in vars(cls) and code.co_filename == getattr(module, "__file__", "")


def _plain_methods(cls: type, name: str) -> list[CodeType]:
    """The code of each method of that name that is no callback."""
    found = [vars(one).get(name) for one in cls.__mro__]
    return [code for each in found if (code := getattr(each, "__code__", None)) is not None]


def _qualified(code: CodeType) -> str:
    return str(getattr(code, "co_qualname", code.co_name))  # Python 3.10 has the name alone
