"""Which callback raised the exception that ends a training?"""

from __future__ import annotations

import ast
import itertools
import linecache
import traceback
from types import CodeType, FrameType, TracebackType

from arctic_codegen import CallbackMixin
from arctic_codegen.runtime.call_comments import named_at


def described(error: BaseException) -> str:
    """Describes an exception in one line, with the callback that raised it."""
    what = f"{type(error).__name__}: {error}".strip().splitlines()[0]
    if isinstance(error, RuntimeError) and "Timed out waiting" in what:  # gloo; NCCL aborts
        what = f"not all ranks reached a collective call within collective_timeout: {what}"
    callback = failed_callback(error.__traceback__)
    return what if callback is None else f"the callback {callback} failed: {what}"


def failed_callback(trace: TracebackType | None) -> str | None:
    """The innermost callback that was running, with its event and class."""
    frames = list(traceback.walk_tb(trace))
    found = None
    for (outer, line), (inner, _) in itertools.pairwise(frames):
        cls = _compiled_class(outer)
        event = outer.f_code.co_name
        if cls is None or inner.f_code in _plain_methods(cls, event):
            continue
        module = inner.f_globals.get("__name__", "")
        name = _named_at(outer.f_code.co_filename, line) or f"{module}.{_qualified(inner.f_code)}"
        found = f"{name}, at {event} of {cls.__qualname__},"
    return found


def _compiled_class(frame: FrameType) -> type | None:
    """The class whose compiled method runs in a frame."""
    names = frame.f_code.co_varnames
    cls = type(frame.f_locals.get(names[0])) if names else type(None)
    while issubclass(cls, CallbackMixin):
        if "__arctic_source__" in vars(cls):
            method = vars(cls).get(frame.f_code.co_name)
            return cls if getattr(method, "__code__", None) is frame.f_code else None
        cls = cls.__base__ or object  # a library has derived from it
    return None


def _named_at(file: str, line: int) -> str | None:
    """The name in the comment of the generated call in a line, if it has one."""
    lines = linecache.getlines(file)
    if line > len(lines):
        return None
    statements = [one for one in ast.walk(ast.parse("".join(lines))) if isinstance(one, ast.stmt)]
    around = [one for one in statements if one.lineno <= line <= (one.end_lineno or 0)]
    innermost = max(around, key=lambda one: one.lineno)
    if hasattr(innermost, "body"):  # a condition, which a comment at the call does not name
        return None
    return named_at(innermost, lines)


def _plain_methods(cls: type, name: str) -> list[CodeType]:
    """The code objects of the methods of that name, which are not callbacks."""
    found = [vars(one).get(name) for one in cls.__mro__]
    return [code for each in found if (code := getattr(each, "__code__", None)) is not None]


def _qualified(code: CodeType) -> str:
    return str(getattr(code, "co_qualname", code.co_name))  # Python 3.10 has only the name
