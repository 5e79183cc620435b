"""R29, R32: the output of strictly typed sources passes the type checkers as well."""

from __future__ import annotations

import subprocess
import sys


def passes_checkers(p):
    """Run ruff, mypy and pyright on the output of a project."""
    run = [sys.executable, "-m"]
    lint = ["--isolated", "--select", "E4,E7,E9,F", "--ignore", "E741", "generated"]
    for command in (
        [*run, "ruff", "check", *lint],
        [*run, "mypy", "--strict", "--cache-dir", str(p.root / ".cache"), "generated", "app"],
        [*run, "pyright", "--pythonpath", sys.executable, "generated", "app"],
    ):
        done = subprocess.run(command, cwd=p.root, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr, p.generated("app/main.py"))


def test_R32_methods_that_never_return(project):
    p = project(
        """
from typing import Any, NoReturn
from arctic_codegen import CallbackMixin
class T(CallbackMixin):
    def stop(self, code: int) -> NoReturn:
        raise SystemExit(code)
    def give_up(self) -> "NoReturn":
        raise SystemExit(3)
    async def leave(self) -> NoReturn:
        raise SystemExit(4)
    def pre_stop_callback(self, code: int) -> int:
        return code + 1
    def pre_give_up_callback(self) -> None:
        print("pre")
    def post_give_up_callback(self, value: Any) -> Any:
        return value
    async def pre_leave_callback(self) -> None:
        print("leaving")
"""
    ).built()
    passes_checkers(p)
    assert "return" not in p.generated("app/main.py").partition("def stop")[2]
    p.python(
        """
import asyncio
from generated.app.main import T
for call, code in ((lambda: T().stop(1), 2), (lambda: T().give_up(), 3), (lambda: asyncio.run(T().leave()), 4)):
    try:
        call()
    except SystemExit as error:
        assert error.code == code
    else:
        raise AssertionError
"""
    )


def test_R32_self_and_its_older_spelling(project):
    p = project(
        """
from __future__ import annotations
from typing import Optional, TypeVar, overload
from typing_extensions import Self
from arctic_codegen import CallbackMixin
K = TypeVar("K", bound="Base")
class Base(CallbackMixin):
    def join(self, other: Self, more: Optional[list[Self]] = None) -> list[Self]:
        return [self, other]
    def chain(self: K, other: K) -> K:
        return other
    def give(self: K, amount: int) -> K:
        return self
    def take(self: K, other: "K") -> None: ...
    @overload
    def add(self, x: Self) -> Self: ...
    @overload
    def add(self, x: int) -> list[Self]: ...
    def add(self, x: Self | int) -> Self | list[Self]:
        return self
class T(Base):
    callbacks = [("pre-join", lambda self: None), ("pre-add", lambda self: None)]
    def pre_chain_callback(self) -> None: ...
    def post_chain_callback(self: K, value: K) -> K:
        return value
    def post_give_callback(self, value: Self) -> Self:
        return value
    def pre_take_callback(self, other: Self) -> Self:
        return other
"""
    ).built()
    passes_checkers(p)
    p.write(
        {
            "use.py": """
                from generated.app.main import T
                t: T = T().chain(T()).give(1)
                ts: list[T] = t.join(t, [t])
            """
        }
    )
    p.python("import use; assert type(use.t) is use.T")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "use.py"],
        cwd=p.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_R29_context_managers_caches_and_private_methods_have_the_type_that_callers_see(project):
    p = project(
        """
from __future__ import annotations
import contextlib
import functools
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager
from arctic_codegen import CallbackMixin
class T(CallbackMixin):
    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[int]:
        yield len(name)
    @contextlib.contextmanager
    def other(self) -> Generator[None, None, None]:
        yield
    @asynccontextmanager
    async def later(self) -> AsyncIterator[str]:
        yield "x"
    @functools.lru_cache(maxsize=None)
    def size(self, name: str) -> int:
        print("size")
        return len(name)
    @functools.cache
    def load(self) -> None: ...
    def __hide(self) -> None: ...
    callbacks = [
        ("pre-later", lambda self: None),
        ("post-phase", lambda self, value: value),
        ("pre-_T__hide", lambda self: None),
    ]
    def post_size_callback(self, value: int) -> int:
        return value * 10
    post_load_callback = lambda self: None
    scale = lambda self, n: n * 2
    def pre_scale_callback(self) -> None: ...
    pre_size_callback = lambda self: None
    def pre_phase_callback(self, name: str) -> str:
        return name + "!"
    def pre_other_callback(self) -> None: ...
"""
    ).built()
    passes_checkers(p)
    out = p.python(
        """
from generated.app.main import T
with T().phase("ab") as length, T().other():
    print(length)
t = T()
print(t.size("ab"), t.size("ab"))
t.size.cache_clear()
print(t.size("ab"), t.size.cache_info().misses)
"""
    )
    assert out.split("\n")[:-1] == ["3", "size", "20 20", "size", "20 1"]


def test_R32_a_method_of_another_class(project):
    """Its object has another type, which both checkers accept where it is bound."""
    p = project(
        """
from arctic_codegen import CallbackMixin
class A(CallbackMixin):
    def loss(self, batch: int) -> float:
        return float(batch)
    def step(self) -> None: ...
class B(CallbackMixin):
    loss = A.loss
    def post_loss_callback(self, value: float) -> float:
        return value + 1
class C(B):
    step = A.step
    callbacks = [("pre-step", lambda self: print("step"))]
"""
    ).built()
    passes_checkers(p)
    assert p.python("from generated.app.main import C; print(C().loss(2)); C().step()").split() == [
        "3.0",
        "step",
    ]


def test_R15_R32_callback_methods_of_a_mixin_that_is_for_other_classes(project):
    p = project(
        """
from typing import Protocol
from arctic_codegen import CallbackMixin, optional
class Counts(Protocol):
    done: int
class Counting:
    def post_step_callback(self: Counts) -> None:
        print("counted", self.done)
    @optional
    def pre_step_callback(self: "Counts") -> None:
        print("counting", self.done)
class T(Counting, CallbackMixin):
    def __init__(self) -> None:
        self.done = 0
    def step(self) -> None:
        self.done += 1
"""
    ).built()
    passes_checkers(p)
    assert p.python("from generated.app.main import T; T().step()").splitlines() == [
        "counting 0",
        "counted 1",
    ]
