"""R21 to R26: arguments and return values of callbacks, and who receives them."""

from __future__ import annotations


def test_R21_any_subset_in_any_order(project):
    p = project(
        """
from arctic_codegen import CallbackMixin

def swap(this, c, a):
    print("swap", c, a)
    return a, c
def only_b(trainer, b):
    return b + "!"
def one(self, *, a):
    return a
class T(CallbackMixin):
    callbacks = [("pre-step", swap), ("pre-step", only_b), ("pre-step", one)]
    def step(self, a, b="b", c="c", *args, d="d", **kwargs):
        return (a, b, c, args, d, kwargs)
"""
    ).built()
    out = p.python(
        """
from generated.app.main import T
print(T().step(1))
print(T().step(1, 2 * "x", 3, 4, 5, d=6, e=7))
print(T().step(c=3, a=1))
"""
    )
    assert out.splitlines() == [
        "swap c 1",
        "('c', 'b!', 1, (), 'd', {})",
        "swap 3 1",
        "(3, 'xx!', 1, (4, 5), 6, {'e': 7})",
        "swap 3 1",
        "(3, 'b!', 1, (), 'd', {})",
    ]


def test_R22_defaults_are_the_sources_own_objects(project):
    p = project(
        """
from arctic_codegen import CallbackMixin
SENTINEL = object()
def make():
    return []
class T(CallbackMixin):
    callbacks = [("pre-step", lambda self: None)]
    def step(self, a=SENTINEL, /, b=make(), *, c={}, d=1e3, e="text", f=-1):
        return a, b, c, d, e, f
"""
    ).built()
    out = p.python(
        """
import inspect
from app.main import T as S
from generated.app.main import T
assert T().step()[0] is S.step.__defaults__[0]
assert T().step()[1] is S.step.__defaults__[1]
assert T().step()[2] is S.step.__kwdefaults__["c"]
print([str(p) for p in inspect.signature(T.step).parameters.values()][3:])
print(T().step()[3:])
"""
    )
    assert "(1000.0, 'text', -1)" in out


def test_R23_post_values(project):
    p = project(
        """
from __future__ import annotations
from arctic_codegen import CallbackMixin

def value(self, anything):
    return anything + 1
def alone(self):
    print("alone")
class T(CallbackMixin):
    callbacks = [
        ("post-number", value), ("post-nothing", alone), ("post-unannotated", alone),
        ("post-unannotated", value), ("post-text_none", alone), ("post-unannotated", lambda self: 99),
    ]
    def number(self) -> int:
        return 1
    def nothing(self) -> None:
        return None
    def text_none(self) -> "None":
        return None
    def unannotated(self):
        return 10
class Sub(T):
    def number(self):
        return 5
"""
    ).built()
    out = p.python(
        """
from generated.app.main import T, Sub
t = T()
print(t.number(), t.nothing(), t.text_none(), t.unannotated(), Sub().number())
"""
    )
    assert out.split() == ["alone", "alone", "alone", "2", "None", "None", "11", "6"]


def test_R23_an_attribute_with_a_type_of_its_own_says_nothing_about_the_return(project):
    p = project(
        """
from collections.abc import Callable
from typing import Any
from arctic_codegen import CallbackMixin

def not_there(self, *input: Any) -> None:
    raise NotImplementedError
class Module(CallbackMixin):
    forward: Callable[..., Any] = not_there
class Double(Module):
    def forward(self, input):
        return input * 2
    def post_forward_callback(self, output):
        return output + 1
"""
    ).built()
    assert p.python("from generated.app.main import Double; print(Double().forward(2))") == "5\n"


def test_R24_async_and_generators(project):
    p = project(
        """
from collections.abc import AsyncIterator, Iterator
from arctic_codegen import CallbackMixin

async def later(self, n: int) -> int:
    return n + 1
def now(self, result: int) -> int:
    return result * 2
async def soon(self, result: int) -> int:
    return result + 1
def it(self, items: Iterator[int]) -> Iterator[int]:
    return (i * 10 for i in items)
def wrapped(self, items: AsyncIterator[int]) -> AsyncIterator[int]:
    print("async generator made")
    return items
class T(CallbackMixin):
    callbacks = [("pre-fetch", later), ("post-fetch", now), ("post-fetch", soon),
                 ("post-items", it), ("post-aitems", wrapped)]
    async def fetch(self, n: int) -> int:
        return n
    def items(self, n: int) -> Iterator[int]:
        for i in range(n):
            yield i
    async def aitems(self, n: int) -> AsyncIterator[int]:
        for i in range(n):
            yield i
"""
    ).built()
    out = p.python(
        """
import asyncio
from generated.app.main import T
t = T()
print(asyncio.run(t.fetch(1)), list(t.items(3)))
async def collect():
    return [i async for i in t.aitems(2)]
print(asyncio.run(collect()))
"""
    )
    assert out.splitlines() == ["5 [0, 10, 20]", "async generator made", "[0, 1]"]


def test_R25_exceptions_pass_unchanged(project):
    p = project(
        """
from arctic_codegen import CallbackMixin

def fails(self):
    raise ValueError("mine")
def never(self):
    print("never")
class T(CallbackMixin):
    callbacks = [("pre-a", fails), ("pre-a", never), ("post-b", never), ("post-c", fails)]
    def a(self) -> None: print("a")
    def b(self) -> None: raise KeyError("b")
    def c(self) -> None: print("c")
"""
    ).built()
    out = p.python(
        """
import traceback
from generated.app.main import T
for name in "abc":
    try:
        getattr(T(), name)()
    except Exception as error:
        frames = [f.name for f in traceback.extract_tb(error.__traceback__)]
        print(type(error).__name__, error, frames[-1], error.__cause__, error.__context__)
"""
    )
    assert out.splitlines() == [
        "ValueError mine fails None None",
        "KeyError 'b' b None None",
        "c",
        "ValueError mine fails None None",
    ]


def test_R26_init_and_dataclass_fields(project):
    p = project(
        """
from dataclasses import dataclass, field
from arctic_codegen import CallbackMixin

def bare(self):
    print("bare", vars(self))
def rate(self, lr):
    return lr * 10
class T(CallbackMixin):
    callbacks = [("pre-init", bare), ("post-init", lambda self: print("made", vars(self)))]
    def __init__(self, n: int) -> None:
        self.n = n
class Sub(T):
    def __init__(self, n: int) -> None:
        super().__init__(n + 1)
        print("sub")
@dataclass
class D(CallbackMixin):
    lr: float
    tags: list = field(default_factory=list)
    steps: int = 3
    callbacks = [("pre-init", rate), ("post-init", bare)]
@dataclass
class E(D):
    extra: str = "x"
class Plain(CallbackMixin):
    callbacks = [("pre-init", bare)]
"""
    ).built()
    out = p.python(
        """
from generated.app.main import T, Sub, D, E, Plain
Sub(1); print(D(1.0)); print(E(lr=2, steps=1)); Plain()
"""
    )
    assert out.splitlines() == [
        "bare {}",
        "sub",
        "made {'n': 2}",
        "bare {'lr': 10.0, 'tags': [], 'steps': 3}",
        "D(lr=10.0, tags=[], steps=3)",
        "bare {'lr': 20, 'tags': [], 'steps': 1, 'extra': 'x'}",
        "E(lr=20, tags=[], steps=1, extra='x')",
        "bare {}",
    ]
