"""R7, R22 to R24: methods, wrappers and callbacks are called as Python would call them."""

from __future__ import annotations

import subprocess
import sys

import pytest


def test_R23_with_pre_callbacks_alone_the_event_returns_what_the_method_returns(project):
    p = project(
        """
import asyncio
from arctic_codegen import CallbackMixin

class T(CallbackMixin):
    callbacks = [(f"pre-{name}", lambda self: None) for name in ("none", "text", "go", "plain")]
    def none(self) -> None:
        return 1
    def text(self) -> "None":
        return 2
    async def go(self) -> None:
        return 3
    def plain(self):
        return 4
    def both(self) -> None:
        return 5
    def pre_both_callback(self) -> None: ...
    def post_both_callback(self) -> None: ...
    def __init__(self) -> None:
        self.made = True
    def pre_init_callback(self) -> None: ...
"""
    ).built()
    out = p.python(
        """
import asyncio
from generated.app.main import T
t = T()
print(t.none(), t.text(), asyncio.run(t.go()), t.plain(), t.both(), t.made)
"""
    )
    assert out.split() == ["1", "2", "3", "4", "None", "True"]


TYPED = """
import functools
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, overload
from arctic_codegen import CallbackMixin

P = ParamSpec("P")
R = TypeVar("R")

def loose(fn: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fn)
    def w(*a: Any, **k: Any) -> Any:
        return fn(*a, **k)
    return w

def strict(fn: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(fn)
    def w(*a: P.args, **k: P.kwargs) -> R:
        return fn(*a, **k)
    return w

class T(CallbackMixin):
    callbacks = [
        *((f"pre-{name}", lambda self: None) for name in ("loose_none", "strict_none", "many")),
        *((f"pre-{name}", lambda self: None) for name in ("go", "none")),
        *((f"pre-{name}", lambda self: None) for name in ("loose_int", "strict_int")),
    ]
    @loose
    def loose_none(self, a: int) -> None: ...
    @loose
    def loose_int(self, a: int) -> int:
        return a
    @strict
    def strict_none(self, a: int) -> None: ...
    @strict
    def strict_int(self, a: int) -> int:
        return a
    @overload
    def many(self, a: int) -> None: ...
    @overload
    def many(self, a: str) -> None: ...
    def many(self, a: Any) -> None: ...
    async def go(self) -> None: ...
    def none(self) -> None: ...
"""


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_R32_what_decorated_and_empty_methods_return_passes_type_checkers(project, phase):
    text = TYPED.replace('f"pre-', f'f"{phase}-')
    if phase == "post":
        text = text.replace(
            'self: None) for name in ("loose_int"', 'self, n: n) for name in ("loose_int"'
        )
    p = project(text).built()
    assert p.python("import generated.app.main") == ""
    for command in (["mypy", "--strict"], ["pyright", "--pythonpath", sys.executable]):
        done = subprocess.run(
            [sys.executable, "-m", *command, "app", "generated"],
            cwd=p.root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_R47_a_parameter_may_be_called_Exception(project):
    p = project(
        """
from arctic_codegen import CallbackMixin, optional

class T(CallbackMixin):
    callbacks = [("pre-step", optional(lambda self, Exception: Exception / 0))]
    def step(self, Exception: float = 3) -> float:
        return Exception
"""
    ).built()
    assert p.python("from generated.app.main import T; print(T().step(), T().step(4))") == "3 4\n"
