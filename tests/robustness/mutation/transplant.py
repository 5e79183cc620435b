"""Replaces the functions of a loaded module by those of its mutant.

A mutant usually differs from the module in the body of one function. Then only the code of that
function has to be replaced, and every module that has imported the function gets the mutant.
"""

from __future__ import annotations

import types
from collections.abc import Iterator


def transplant(module: types.ModuleType, was: str, text: str) -> bool:
    """Make the loaded module, which was compiled from ``was``, behave as ``text``.

    Returns ``False`` if the texts differ in code that runs at import, or in variables that a
    function shares with enclosing ones: then a process has to import the mutant.
    """
    old, new = compile(was, "m", "exec"), compile(text, "m", "exec")
    found = list(_different(old, new, ()))
    functions = [_function(module, path) for path, _ in found]
    if any(function is None for function in functions):
        return False
    for function, (_, code) in zip(functions, found, strict=True):
        assert function is not None
        if function.__code__.co_freevars != code.co_freevars:
            return False
        function.__code__ = code.replace(co_filename=function.__code__.co_filename)
    return True


def _different(
    old: types.CodeType, new: types.CodeType, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], types.CodeType]]:
    """The outermost functions whose code differs; otherwise the enclosing code."""
    inside = [
        (one, other)
        for one, other in zip(old.co_consts, new.co_consts)  # noqa: B905
        if isinstance(one, types.CodeType) and isinstance(other, types.CodeType)
    ]
    if path and old.co_flags & 0x01:  # CO_OPTIMIZED: a function
        if _plain(old) != _plain(new):
            yield path, new
        return
    if _shallow(old) != _shallow(new):
        yield (*path, "<body>"), new
        return
    for one, other in inside:
        yield from _different(one, other, (*path, one.co_name))


def _shallow(code: types.CodeType) -> tuple[object, ...]:
    consts = tuple(c.co_name if isinstance(c, types.CodeType) else repr(c) for c in code.co_consts)
    return (code.co_code, consts, code.co_names, code.co_varnames)


def _plain(code: types.CodeType) -> tuple[object, ...]:
    consts = tuple(_plain(c) if isinstance(c, types.CodeType) else repr(c) for c in code.co_consts)
    return (code.co_code, consts, code.co_names, code.co_varnames, code.co_freevars)


def _function(module: types.ModuleType, path: tuple[str, ...]) -> types.FunctionType | None:
    found: object = module
    for name in path:
        found = vars(found).get(name)
        if isinstance(found, (staticmethod, classmethod)):
            found = found.__func__
        if isinstance(found, property):
            found = found.fget
    return found if isinstance(found, types.FunctionType) else None
