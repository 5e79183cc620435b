"""R7, R10, R24: decorators in the forms that real projects give them, around events and callbacks."""

from __future__ import annotations

BRANCHES = """
import asyncio
import functools
import inspect
import os
from functools import update_wrapper, wraps
from inspect import iscoroutinefunction

def one_name(fn):
    if inspect.iscoroutinefunction(fn):
        @functools.wraps(fn)
        async def wrapper(*args, **kwargs):
            return await fn(*args, **kwargs)
    else:
        @functools.wraps(fn)
        def wrapper(*args, **kwargs):
            return fn(*args, **kwargs)
    return wrapper

def two_names(fn):
    import asyncio
    @wraps(fn)
    async def async_wrapper(*args, **kwargs):
        result = await fn(*args, **kwargs)
        return result
    @wraps(fn)
    def sync_wrapper(*args, **kwargs):
        result = fn(*args, **kwargs)
        return result
    if asyncio.iscoroutinefunction(fn):
        return async_wrapper
    return sync_wrapper

def condition(name=None):
    def decorator(fn):
        label = name or fn.__name__
        @wraps(fn)
        async def async_wrapper(*args, **kwargs):
            return await fn(*args, **kwargs)
        @wraps(fn)
        def sync_wrapper(*args, **kwargs):
            return fn(*args, **kwargs)
        return async_wrapper if iscoroutinefunction(fn) else sync_wrapper
    return decorator

def kept_answer(fn):
    is_async = asyncio.iscoroutinefunction(fn)
    if not is_async:
        def wrapper(*args, **kwargs):
            return fn(*args, **kwargs)
    else:
        async def wrapper(*args, **kwargs):
            return await fn(*args, **kwargs)
    wrapper = functools.wraps(fn)(wrapper)
    return wrapper

def every_kind(fn):
    if inspect.isasyncgenfunction(fn):
        @wraps(fn)
        async def wrapper(*args, **kwargs):
            async for item in fn(*args, **kwargs):
                yield item
    elif _is_async(fn):
        @wraps(fn)
        async def wrapper(*args, **kwargs):
            return await fn(*args, **kwargs)
    elif inspect.isgeneratorfunction(fn):
        @wraps(fn)
        def wrapper(*args, **kwargs):
            yield from fn(*args, **kwargs)
    else:
        @wraps(fn)
        def wrapper(*args, **kwargs):
            return fn(*args, **kwargs)
    return wrapper

def _is_async(fn):
    return inspect.iscoroutinefunction(fn)

def _around_async(fn):
    @wraps(fn)
    async def inner(*args, **kwargs):
        return await fn(*args, **kwargs)
    return inner

def _around_plain(fn):
    @wraps(fn)
    def inner(*args, **kwargs):
        return fn(*args, **kwargs)
    return inner

class Timer:
    def __call__(self, fn):
        return _around_async(fn) if iscoroutinefunction(fn) else _around_plain(fn)

def updated(fn):
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    update_wrapper(wrapper, fn)
    return wrapper

def with_or_without(*dargs, **options):
    if len(dargs) == 1 and callable(dargs[0]):
        def simple(fn):
            return one_name(fn)
        return simple(dargs[0])
    else:
        def named(fn):
            return one_name(fn)
        return named

def text_or_function(arg=None):
    def decorate(fn):
        return one_name(fn)
    if arg is None or isinstance(arg, str):
        return decorate
    return decorate(arg)

def by_environment(fn):
    return _around_plain(fn) if os.environ.get("NO_SUCH_VARIABLE") else fn

def nested(fn):
    return one_name(two_names(fn))
"""

DECORATORS = [
    "one_name",
    "two_names",
    "condition()",
    "condition('x')",
    "kept_answer",
    "every_kind",
    "Timer()",
    "updated",
    "with_or_without",
    "with_or_without(times=3)",
    "text_or_function",
    "text_or_function('x')",
    "by_environment",
    "nested",
]


def _program(decorators: list[str]) -> str:
    lines = ["from arctic_codegen import CallbackMixin", "from app import deco", ""]
    for number, decorator in enumerate(decorators):
        for prefix, name in (("", f"P{number}"), ("async ", f"A{number}")):
            lines += [
                f"@deco.{decorator}",
                f"{prefix}def add_{name}(self, batch): return batch + 1",
                f"class {name}(CallbackMixin):",
                f"    callbacks = [('pre-step', add_{name})]",
                f"    @deco.{decorator}",
                f"    {prefix}def step(self, batch): return [batch]",
                f"    @deco.{decorator}",
                f"    {prefix}def post_step_callback(self, value): return value * 2",
                "",
            ]
    return "\n".join(lines)


def test_R7_R24_wrappers_for_plain_and_async_functions(project):
    p = project(
        {"app/__init__.py": "", "app/deco.py": BRANCHES, "app/main.py": _program(DECORATORS)}
    ).built()
    out = p.python(
        """
import asyncio, inspect
from generated.app import main
for name, cls in vars(main).items():
    if name[0] in "PA" and name[1:].isdigit():
        assert inspect.iscoroutinefunction(cls.step) is (name[0] == "A"), name
        result = cls().step(1)
        if name[0] == "A":
            result = asyncio.run(result)
        print(name, result)
"""
    )
    assert {line.split(" ", 1)[1] for line in out.splitlines()} == {"[2, 2]"}
    assert len(out.splitlines()) == 2 * len(DECORATORS)


def test_R24_the_outermost_function_is_the_one_that_is_tested(project):
    """Behind ``torch.no_grad`` or ``lru_cache`` an ``async def`` is no coroutine function."""
    p = project(
        {
            "app/__init__.py": "",
            "app/deco.py": BRANCHES,
            "app/main.py": """
import functools
from arctic_codegen import CallbackMixin
from app import deco
class T(CallbackMixin):
    callbacks = [("post-step", lambda self, value: value + 1)]
    @deco.one_name
    @functools.lru_cache
    async def step(self, batch): return batch
""",
        }
    ).built()
    assert p.python(
        "import asyncio; from generated.app.main import T; print(asyncio.run(T().step(1)))"
    ).split() == ["2"]
