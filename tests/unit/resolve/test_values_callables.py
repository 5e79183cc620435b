"""R10, R16: what an entry may call; its signature, identity and path."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.query import behind
from tests.unit.resolve.values_support import Sources, shape

HEAD = """
import abc
import asyncio
import contextlib
import dataclasses
import functools
import operator
import torch
import typing
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache, partial, wraps
from typing import Any, Callable, ParamSpec, TypeVar
import other
import other as renamed
from other import far, far as near, Far, FAR, PARTIAL

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

def log(self, value=None): ...
def two(self, batch, *, flag=False): ...
def three(self, x, y): ...
def only(self, batch, /, lr): ...
def many(self, *args, **kwargs): ...
def first(n, self, batch): ...
async def later(self): ...
def stream(self): yield 1
lam = lambda self, v: v
alias = log
def again(self): ...
def again(self, n): ...

class Every:
    KIND = "x"
    def __init__(self, n): self.n = n
    def __call__(self, trainer, batch): ...
    def method(self, trainer): ...
    @staticmethod
    def static(trainer): ...
    @classmethod
    def made(cls, trainer, batch): ...
    @property
    def prop(self): ...
    @staticmethod
    def build(n):
        def inner(trainer, lr): ...
        return inner
class Child(Every): ...
class Generic(typing.Generic[R]):
    def __call__(self, trainer: R): ...
class AsyncCall:
    async def __call__(self, trainer): ...
class StaticCall:
    @staticmethod
    def __call__(trainer): ...
class Wrapped:
    @functools.lru_cache
    def __call__(self, trainer): ...
class AliasCall:
    def run(self, trainer): ...
    __call__ = run
@dataclass
class Data:
    n: int = 3
    def __call__(self, trainer): ...
class NoCall: ...
class Outer:
    class Inner:
        def f(self): ...
    OBJ = Every(1)

OBJ = Every(3)
CHILD = Child(3)
TYPED = Generic[int]()
BOUND = OBJ.method
MADE = Every.made
MADE_BELOW = Child.made
PART = partial(two, flag=True)

def every(n, fn):
    @wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    return wrapper
def plain(n):
    def inner(self, batch): ...
    return inner
def by_lambda(n): return lambda self, lr: n
def by_partial(n): return partial(first, n)
def by_object(n): return Every(n)
def by_other(n): return plain(n + 1)
def by_name(fn): return fn
def by_star(*fns): return fns[0]
def by_default(fn=log): return fn
def by_kwargs(**kw): return kw["fn"]
def by_local(n):
    result = plain(n)
    return result
def by_branch(n):
    if n:
        return plain(n)
    def other_one(self, batch): ...
    return other_one
def by_update(fn):
    def wrapper(*args): return fn(*args)
    return functools.update_wrapper(wrapper, fn)
def curried(n):
    def take(fn):
        @wraps(fn)
        def wrapper(*args): return fn(*args)
        return wrapper
    return take
def recursive(n): return recursive(n - 1)
def unlike(n):
    if n:
        return log
    return two
def sometimes(n):
    if n:
        return log
def nothing(n): ...
def number(n): return 3
async def coroutine(n): return log
def generator(n): yield log
def reads_argument(n): return n.callback
def many_args(*args, fn, **kw): return fn
@lru_cache(maxsize=None)
def cached_factory(n): return plain(n)

def keeps(fn):
    @wraps(fn)
    def inner(*args, **kwargs): return fn(*args, **kwargs)
    return inner
def drops(fn):
    def inner(trainer): return fn(trainer)
    return inner
def gathers(fn):
    def inner(*args, **kwargs): return fn(*args, **kwargs)
    return inner
def typed(fn: Callable[P, R]) -> Callable[P, R]:
    def inner(*args: P.args, **kwargs: P.kwargs) -> R: return fn(*args, **kwargs)
    return inner
def bound_typed(fn: F) -> "F":
    def inner(*args, **kwargs): return fn(*args, **kwargs)
    return inner
def registers(fn):
    REGISTRY.append(fn)
    return fn
def with_option(n):
    def decorate(fn):
        @functools.wraps(fn)
        def inner(*args, **kwargs): return fn(*args, **kwargs)
        return inner
    return decorate
class Decorator:
    def __init__(self, fn): ...
    def __call__(self, trainer, flag): ...

@keeps
def kept(self, batch): ...
@drops
def dropped(self, batch): ...
@gathers
def gathered(self, batch): ...
@typed
def typed_one(self, batch): ...
@bound_typed
def bound_one(self, batch): ...
@registers
def registered(self, batch): ...
@with_option(3)
def optioned(self, batch): ...
@Decorator
def made_object(self, batch): ...
@torch.no_grad()
def no_grad(self, batch): ...
@torch.inference_mode
def inference(self, batch): ...
@lru_cache(maxsize=3)
def cached(self, batch): ...
@cache
@keeps
@torch.no_grad()
def stacked(self, batch): ...
@typing.no_type_check
def unchecked(self, batch): ...
@other.decorate
def far_decorated(self, batch): ...
@nowhere
def unknown_decorated(self, batch): ...
@other.opaque.thing
def opaque_decorated(self, batch): ...
@keeps
async def kept_async(self): ...
@contextlib.contextmanager
def managed(self): yield
@drops
async def dropped_async(self, batch): ...
"""
OTHER = """
import functools
import math as opaque
def far(self, batch): ...
class Far:
    def __call__(self, trainer): ...
    @staticmethod
    def f(trainer): ...
FAR = Far()
PARTIAL = functools.partial(far, batch=1)
def decorate(fn):
    @functools.wraps(fn)
    def inner(*a): return fn(*a)
    return inner
def make(n): return lambda trainer: n
"""

# expression: (name after the module, parameters)
FORMS = {
    "log": ("log", "self, value="),
    "alias": ("log", "self, value="),
    "far": ("other.far", "self, batch"),
    "near": ("other.far", "self, batch"),
    "other.far": ("other.far", "self, batch"),
    "renamed.far": ("other.far", "self, batch"),
    "lambda self: 1": ("<lambda>", "self"),
    "lam": ("<lambda>", "self, v"),
    "again": ("again", "self, n"),
    "Every.static": ("Every.static", "trainer"),
    "Every.method": ("Every.method", "self, trainer"),
    "Child.static": ("Every.static", "trainer"),
    "Every.made": ("Every.made", "trainer, batch"),
    "Child.made": ("Every.made", "trainer, batch"),
    "MADE": ("Every.made", "trainer, batch"),
    "MADE_BELOW": ("Every.made", "trainer, batch"),
    "Outer.Inner.f": ("Outer.Inner.f", "self"),
    "Far.f": ("other.Far.f", "trainer"),
    "partial(two)": ("two", "self, batch, *, flag="),
    "partial(two, flag=True)": ("two", "self, batch"),
    "partial(two, batch=1)": ("two", "self, *, flag="),
    "partial(three, x=1)": ("three", "self, *, y"),
    "partial(three, 1)": ("three", "x, y"),
    "partial(first, 1)": ("first", "self, batch"),
    "partial(partial(first, 1), batch=2)": ("first", "self"),
    "partial(partial(two, flag=True), flag=False)": ("two", "self, batch"),
    "partial(only, lr=1)": ("only", "self, batch"),
    "partial(many, 1, 2, x=3)": ("many", "*args, **kwargs"),
    "functools.partial(lambda n, self: n, 3)": ("<lambda>", "self"),
    "partial(every(3, two), flag=True)": ("two", "self, batch"),
    "PART": ("two", "self, batch"),
    "PARTIAL": ("other.far", "self"),
    "partial(Every(3), batch=1)": ("Every.__call__", "trainer"),
    "Every(3)": ("Every.__call__", "trainer, batch"),
    "OBJ": ("Every.__call__", "trainer, batch"),
    "CHILD": ("Every.__call__", "trainer, batch"),
    "TYPED": ("Generic.__call__", "trainer"),
    "Generic[int]()": ("Generic.__call__", "trainer"),
    "Data()": ("Data.__call__", "trainer"),
    "StaticCall()": ("StaticCall.__call__", "trainer"),
    "Wrapped()": ("Wrapped.__call__", "trainer"),
    "AliasCall()": ("AliasCall.run", "trainer"),
    "FAR": ("other.Far.__call__", "trainer"),
    "other.FAR": ("other.Far.__call__", "trainer"),
    "Outer.OBJ": ("Every.__call__", "trainer, batch"),
    "OBJ.method": ("Every.method", "trainer"),
    "BOUND": ("Every.method", "trainer"),
    "Every(3).method": ("Every.method", "trainer"),
    "Outer.OBJ.method": ("Every.method", "trainer"),
    "OBJ.static": ("Every.static", "trainer"),
    "OBJ.made": ("Every.made", "trainer, batch"),
    "OBJ.__call__": ("Every.__call__", "trainer, batch"),
    "every(10, log)": ("log", "self, value="),
    "every(n=1, fn=lambda self, v: v)": ("<lambda>", "self, v"),
    "every(1, every(2, two))": ("two", "self, batch, *, flag="),
    "every(1, OBJ)": ("Every.__call__", "trainer, batch"),
    "plain(3)": ("plain.<locals>.inner", "self, batch"),
    "by_lambda(3)": ("by_lambda.<locals>.<lambda>", "self, lr"),
    "by_partial(3)": ("first", "self, batch"),
    "by_object(3)": ("Every.__call__", "trainer, batch"),
    "by_other(3)": ("plain.<locals>.inner", "self, batch"),
    "by_name(log)": ("log", "self, value="),
    "by_star(two, log)": ("two", "self, batch, *, flag="),
    "by_default()": ("log", "self, value="),
    "by_local(3)": ("plain.<locals>.inner", "self, batch"),
    "by_branch(3)": ("plain.<locals>.inner", "self, batch"),
    "by_update(log)": ("log", "self, value="),
    "curried(3)(log)": ("log", "self, value="),
    "cached_factory(3)": ("plain.<locals>.inner", "self, batch"),
    "many_args(1, 2, fn=log, x=3)": ("log", "self, value="),
    "other.make(3)": ("other.make.<locals>.<lambda>", "trainer"),
    "(lambda n: lambda self: n)(3)": ("<lambda>.<locals>.<lambda>", "self"),
    "Every.build(3)": ("Every.build.<locals>.inner", "trainer, lr"),
    "OBJ.build(3)": ("Every.build.<locals>.inner", "trainer, lr"),
    "log if True else two": ("log", "self, value="),
    "kept": ("kept", "self, batch"),
    "dropped": ("drops.<locals>.inner", "trainer"),
    "gathered": ("gathers.<locals>.inner", "*args, **kwargs"),
    "typed_one": ("typed_one", "self, batch"),
    "bound_one": ("bound_one", "self, batch"),
    "registered": ("registered", "self, batch"),
    "optioned": ("optioned", "self, batch"),
    "made_object": ("Decorator.__call__", "trainer, flag"),
    "no_grad": ("no_grad", "self, batch"),
    "inference": ("inference", "self, batch"),
    "cached": ("cached", "self, batch"),
    "stacked": ("stacked", "self, batch"),
    "unchecked": ("unchecked", "self, batch"),
    "far_decorated": ("far_decorated", "self, batch"),
    "torch.no_grad()(log)": ("log", "self, value="),
    "lru_cache(log)": ("log", "self, value="),
    "lru_cache(maxsize=2)(log)": ("log", "self, value="),
    "torch.compile(log)": ("log", "self, value="),
    "keeps(log)": ("log", "self, value="),
    "staticmethod(log)": ("log", "self, value="),
}


def read(expr):
    return Sources(f"{HEAD}X = {expr}\n", other=OTHER).callable("X")


@pytest.mark.parametrize("expr", FORMS)
def test_R10_forms(expr):
    name, params = FORMS[expr]
    value = read(expr)
    assert not isinstance(value, Finding), value
    wanted = name if name.startswith("other.") else f"m.{name}"
    assert (value.name, shape(value)) == (wanted, params)


REFUSED = {
    "by_kwargs(fn=log)": "AC207",
    "partial(*[three], **{'y': 2})": "AC414",
    "nope": "AC103",
    "other.nope": "AC103",
    "Every.nope": "AC103",
    "3": "AC215",
    "None": "AC215",
    "'log'": "AC215",
    "[log]": "AC215",
    "other": "AC215",
    "Every": "AC215",
    "NoCall()": "AC215",
    "Every.prop": "AC215",
    "property(log)": "AC215",
    "partial(three, 1, 2, 3, 4)": "AC215",
    "partial(three, nope=1)": "AC215",
    "partial(only, batch=1)": "AC215",
    "partial(3)": "AC215",
    "partial()": "AC215",
    "partial(three, *unknown())": "AC103",
    "partial(three, *number(1))": "AC414",
    "print": "AC414",
    "other.opaque.sqrt": "AC414",
    "operator.methodcaller('x')": "AC414",
    "operator.attrgetter('x')": "AC414",
    "partial(print, 1)": "AC414",
    "opaque_decorated": "AC414",
    "unlike(Every(1))": "AC414",
    "every(1, print)": "AC414",
    "every(1, unknown())": "AC103",
    "unknown()": "AC103",
    "sometimes(Every(1))": "AC207",
    "nothing(1)": "AC215",
    "number(1)": "AC207",
    "coroutine(1)": "AC215",
    "generator(1)": "AC215",
    "recursive(3)": "AC207",
    "reads_argument(log)": "AC207",
    "plain()": "AC207",
    "plain(1, 2, 3)": "AC207",
    "OBJ.n": "AC207",
    "log.__get__(OBJ)": "AC207",
    "{'x': log}['y']": "AC207",
    "log if unknown() else two": "AC103",
    "unknown_decorated": "AC414",
    "await_it": "AC103",
}


@pytest.mark.parametrize("expr", REFUSED)
def test_R13_what_is_no_callable(expr):
    value = read(expr)
    assert isinstance(value, Finding), value
    assert value.code == REFUSED[expr], value
    assert value.hint
    assert not value.message.endswith(".")


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ("return None", "'maker' may return None"),
        ("return 3", "'maker' returns 'builtins.print' or a number"),
        ("return log", "'maker' returns 'builtins.print' or a function"),
    ],
)
def test_R13_results_of_two_kinds_are_both_named(second, problem):
    maker = f"def maker(n):\n    if unknown(n): return print\n    {second}\n"
    found = Sources(f"{HEAD}{maker}X = maker(1)\n", other=OTHER).callable("X")
    assert problem in found.message


def test_R24_async_and_generators():
    flags = {
        expr: (read(expr).is_async, read(expr).is_generator)
        for expr in [
            "log",
            "later",
            "stream",
            "partial(later)",
            "AsyncCall()",
            "kept_async",
            "dropped_async",
            "every(3, later)",
            "curried(3)(later)",
            "torch.no_grad()(later)",
        ]
    }
    assert flags == {
        "log": (False, False),
        "later": (True, False),
        "stream": (False, True),
        "partial(later)": (True, False),
        "AsyncCall()": (True, False),
        "kept_async": (True, False),
        "dropped_async": (True, False),
        "every(3, later)": (True, False),
        "curried(3)(later)": (True, False),
        "torch.no_grad()(later)": (True, False),
    }


SAME = [
    ("log", "alias"),
    ("far", "other.far"),
    ("FAR", "other.FAR"),
    ("OBJ.method", "BOUND"),
    ("OBJ.method", "OBJ.method"),
    ("Every.static", "Child.static"),
    ("Every.static", "OBJ.static"),
    ("Every.made", "OBJ.made"),
    ("Every.made", "MADE"),
    ("Child.made", "MADE_BELOW"),
    ("PART", "PART"),
    ("OBJ", "OBJ"),
    ("lam", "lam"),
    ("by_name(log)", "log"),
    ("registered", "registered"),
    ("kept", "kept"),
    ("made_object", "made_object"),
]
UNLIKE = [
    ("lambda self: 1", "lambda self: 1"),
    ("Every(3)", "Every(3)"),
    ("partial(two)", "partial(two)"),
    ("every(3, log)", "every(3, log)"),
    ("plain(3)", "plain(3)"),
    ("OBJ.method", "CHILD.method"),
    ("OBJ.method", "Every(3).method"),
    ("Every.made", "Child.made"),
    ("Every.made", "MADE_BELOW"),
    ("log", "two"),
    ("every(3, log)", "log"),
    ("keeps(log)", "log"),
]


@pytest.mark.parametrize("one, other", SAME)
def test_R16_the_same_callable(one, other):
    sources = Sources(f"{HEAD}X = {one}\nY = {other}\n", other=OTHER)
    assert sources.callable("X").identity == sources.callable("Y").identity


@pytest.mark.parametrize("one, other", UNLIKE)
def test_R16_another_callable(one, other):
    sources = Sources(f"{HEAD}X = {one}\nY = {other}\n", other=OTHER)
    assert sources.callable("X").identity != sources.callable("Y").identity


def test_R16_definitions_of_one_name():
    sources = Sources(
        """
        import sys
        def f(self): ...
        OLD = f
        def f(self): ...
        class T:
            callbacks = [("x", OLD), ("x", f)]
        """
    )
    old, new = (one.callable for one in sources.own("T").entries)
    assert old.identity != new.identity
    assert old.reachable == ("m", "OLD")
    assert new.reachable == ("m", "f")


def test_R16_objects_of_one_comprehension_are_different():
    sources = Sources(
        """
        def make(n): return lambda self: n
        class T:
            callbacks = [("x", make(n)) for n in (1, 2)]
            callbacks = callbacks + callbacks + [("y", lambda self: n) for n in ("a", "b")]
        """
    )
    entries = sources.own("T").entries
    identities = [one.callable.identity for one in entries]
    assert identities[0] != identities[1]
    assert identities[:2] == identities[2:4]
    assert identities[4] != identities[5]
    # It reads the variable of the comprehension, so its text cannot be used elsewhere.
    assert entries[4].callable.entity is None


REACHABLE = {
    "log": ("m", "log"),
    "alias": ("m", "log"),
    "far": ("other", "far"),
    "lam": ("m", "lam"),
    "lambda self: 1": ("m", "X"),
    "Every.static": ("m", "Every.static"),
    "Outer.Inner.f": ("m", "Outer.Inner.f"),
    "Child.made": ("m", "Child.made"),
    "OBJ": ("m", "OBJ"),
    "FAR": ("other", "FAR"),
    "Outer.OBJ": ("m", "Outer.OBJ"),
    "OBJ.method": ("m", "OBJ.method"),
    "Outer.OBJ.method": ("m", "Outer.OBJ.method"),
    "PART": ("m", "PART"),
    "kept": ("m", "kept"),
    "made_object": ("m", "made_object"),
    "by_name(log)": ("m", "log"),
    "Every(3)": None,
    "Every(3).method": None,
    "partial(two)": None,
    "plain(3)": None,
    "keeps(log)": None,
    "torch.no_grad()(log)": None,
}


@pytest.mark.parametrize("expr", REACHABLE)
def test_how_a_callable_is_reached(expr):
    text = f"{HEAD}class T:\n    callbacks = [('x', {expr})]\n"
    (entry,) = Sources(text, other=OTHER).own("T").entries
    wanted = None if expr.startswith("lambda") else REACHABLE[expr]
    assert entry.callable.reachable == wanted


def test_a_lambda_as_such_is_told_from_one_behind_a_call():
    text = f"""{HEAD}
class T:
    callbacks = [("x", lambda self: 1), ("x", lam), ("x", by_lambda(1)), ("x", partial(lam))]
"""
    entities = [one.callable.entity for one in Sources(text, other=OTHER).own("T").entries]
    assert [entity is not None for entity in entities] == [True, True, False, False]
    assert entities[0].qualname == "T.<lambda>"
    assert entities[1].qualname == "<lambda>"


def test_place_and_definition_are_of_the_innermost_def():
    value = read("every(10, log)")
    line = HEAD.split("\n").index("def log(self, value=None): ...")
    assert (value.place.span.line, value.place.span.column) == (line, 5)
    assert value.definition.name == "log"
    assert value.installed is False


def test_R7_the_signature_that_callers_of_a_method_see():
    text = f"""{HEAD}
class T:
    @keeps
    def a(self, batch): ...
    @drops
    def b(self, batch): ...
    @torch.no_grad()
    @abc.abstractmethod
    def c(self, batch): ...
    @nowhere
    def d(self, batch): ...
    @Decorator
    def e(self, batch): ...
    @functools.singledispatchmethod
    def f(self, batch): ...
    @typed
    async def g(self, batch): ...
"""
    sources = Sources(text, other=OTHER)
    seen = {name: sources.decorated(f"T.{name}") for name in "abcdefg"}
    assert [name for name in seen if isinstance(seen[name], Unknown)] == ["d", "e", "f"]
    assert [shape(seen[name]) for name in "abcg"] == [
        "self, batch",
        "trainer",
        "self, batch",
        "self, batch",
    ]
    assert seen["a"].definition.name == "a"
    assert seen["b"].definition.qualname == "drops.<locals>.inner"
    assert seen["g"].is_async
    assert "nowhere" in seen["d"].reason


@pytest.mark.skipif(find_spec("arctic_training") is None, reason="needs arctic-training")
def test_R7_the_wrapper_of_arctic_training_keeps_the_signature():
    sources = Sources(
        """
        from arctic_training.callback.mixin import callback_wrapper
        class T:
            @callback_wrapper("loss")
            def loss(self, batch, *, scale=1.0): ...
        """
    )
    seen = sources.decorated("T.loss")
    assert shape(seen) == "self, batch, *, scale="


def test_R36_what_was_read_for_a_callable_is_written_down():
    sources = Sources(
        """
        import other
        class T:
            callbacks = [("x", other.make(3)), *other.Far.callbacks]
        """,
        other=OTHER,
    )
    with sources.names.queries.record() as node:
        sources.own("T")
    reads = behind([node]).reads
    assert {("other", "make", True), ("other", "()", False), ("m", "other", False)} <= {
        (read.module, read.name, read.body) for read in reads
    }
