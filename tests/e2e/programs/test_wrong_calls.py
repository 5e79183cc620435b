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


LOOKING = """
import functools
from typing import Any, Callable, ParamSpec, TypeVar, cast
from arctic_codegen import CallbackMixin

SEEN: list[Any] = []
P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

def forwards(fn: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(fn)
    def w(*args: P.args, **kwargs: P.kwargs) -> R:
        SEEN.append("in")
        try:
            return fn(*args, **kwargs)
        finally:
            SEEN.append("out")
    return w

def looks(fn: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(fn)
    def w(*args: P.args, **kwargs: P.kwargs) -> R:
        SEEN.append((args[1:], kwargs))
        return fn(*args, **kwargs)
    return w

def session(fn: Callable[..., R]) -> Callable[..., R]:
    @functools.wraps(fn)
    def w(self: Any, *args: Any, **kwargs: Any) -> R:
        SEEN.append("session" in kwargs)
        return fn(self, *args, **kwargs)
    return w

def logs(fn: F) -> F:
    @functools.wraps(fn)
    def w(*args: Any, **kwargs: Any) -> Any:
        print_to(SEEN, *args[1:], **kwargs)
        return fn(*args, **kwargs)
    return cast(F, w)

def print_to(seen: list[Any], *args: Any, **kwargs: Any) -> None:
    seen.append((args, sorted(kwargs)))

def own(fn: Callable[..., R]) -> Callable[..., R]:
    @functools.wraps(fn)
    def w(self: Any, a: int, b: int = 7) -> R:
        return fn(self, a, b)
    return w

def injects(fn: Callable[..., R]) -> Callable[..., R]:
    @functools.wraps(fn)
    def w(self: Any, *args: Any, **kwargs: Any) -> R:
        return fn(self, 42, *args, **kwargs)
    return w

def from_env(fn: F) -> F:
    @functools.wraps(fn)
    def insert(self: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs.update(zip(["a", "b"], args))
        SEEN.append(dict(kwargs))
        return fn(self, **kwargs)
    return cast(F, insert)

def renamed(old: str, new: str) -> Callable[[F], F]:
    def deco(fn: F) -> F:
        @functools.wraps(fn)
        def w(*args: Any, **kwargs: Any) -> Any:
            if old in kwargs:
                kwargs[new] = kwargs.pop(old)
            return fn(*args, **kwargs)
        return cast(F, w)
    return deco

def updated(fn: F) -> F:
    def w(*args: Any, **kwargs: Any) -> Any:
        SEEN.append(len(args))
        return fn(*args, **kwargs)
    return cast(F, functools.update_wrapper(w, fn))

def by_lambda(fn: F) -> F:
    return cast(F, functools.wraps(fn)(lambda *args, **kwargs: fn(*args, **kwargs)))

class T(CallbackMixin):
    callbacks = [
        (f"pre-{name}", lambda self: SEEN.append("pre"))
        for name in ("forwarded", "looked", "asked", "logged", "injected", "old", "counted", "both")
    ]
    @from_env
    def __init__(self, a: int = 1, b: int = 2) -> None:
        self.ab = (a, b)
    def post_init_callback(self) -> None:
        SEEN.append("init")
    @forwards
    def forwarded(self, a: int, b: int = 1, *, c: int = 2) -> int:
        return a + b + c
    @looks
    def looked(self, a: int, b: int = 1, *, c: int = 2) -> int:
        return a + b + c
    @session
    def asked(self, a: int, session: object = None) -> int:
        return a
    @logs
    def logged(self, a: int, b: int = 3) -> int:
        return a + b
    @own
    def named(self, a: int, b: int = 1) -> int:
        return a + b
    def pre_named_callback(self, b: int) -> int:
        return b + 100
    @injects
    def injected(self, context: int, a: int = 0) -> tuple[int, int]:
        return context, a
    @renamed("tokenizer", "processing")
    def old(self, processing: int = 1) -> int:
        return processing
    @updated
    def counted(self, a: int, b: int = 1) -> int:
        return a + b
    @forwards
    @looks
    def both(self, a: int = 1) -> int:
        return a
    @by_lambda
    def short(self, a: int, b: int = 1) -> int:
        return a + b
    def pre_short_callback(self, b: int) -> int:
        return b + 100
"""


def test_R7_a_wrapper_that_looks_at_its_arguments_gets_what_the_caller_gave(project):
    p = project(LOOKING).built()
    out = p.python(
        """
from app.main import SEEN
from generated.app.main import T

def show(call):
    SEEN.clear()
    print(call(), SEEN)
    return call
def made(*args, **kwargs):
    return T(*args, **kwargs).ab
t = T()
show(lambda: made()), show(lambda: made(3)), show(lambda: made(b=3))
show(lambda: t.forwarded(1, c=5))
show(lambda: t.looked(1)), show(lambda: t.looked(a=1, c=3))
show(lambda: t.asked(1)), show(lambda: t.asked(1, session=None))
show(lambda: t.logged(1)), show(lambda: t.logged(b=1, a=2))
show(lambda: t.named(1)), show(lambda: t.named(1, b=2))
show(lambda: t.injected()), show(lambda: t.injected(a=3))
show(lambda: t.old(tokenizer=4)), show(lambda: t.old())
show(lambda: t.counted(1)), show(lambda: t.counted(a=1))
show(lambda: t.both()), show(lambda: t.short(1))
"""
    )
    assert out.splitlines() == [
        "(1, 2) [{}, 'init']",
        "(3, 2) [{'a': 3}, 'init']",
        "(1, 3) [{'b': 3}, 'init']",
        "7 ['pre', 'in', 'out']",
        "4 ['pre', ((1,), {})]",
        "5 ['pre', ((), {'a': 1, 'c': 3})]",
        "1 ['pre', False]",
        "1 ['pre', True]",
        "4 ['pre', ((1,), [])]",
        "3 ['pre', ((), ['a', 'b'])]",
        "108 []",
        "103 []",
        "(42, 0) ['pre']",
        "(42, 3) ['pre']",
        "4 ['pre']",
        "1 ['pre']",
        "2 ['pre', 2]",
        "2 ['pre', 1]",
        "1 ['pre', 'in', ((), {}), 'out']",
        "102 []",
    ]
    text = p.generated("app/main.py")
    assert "def forwarded(self, a: int, b: int = 1, *, c: int = 2) -> int:" in text
    for command in (["mypy", "--strict"], ["pyright", "--pythonpath", sys.executable]):
        done = subprocess.run(
            [sys.executable, "-m", *command, "app", "generated"],
            cwd=p.root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


AWAITED = """
import asyncio
import functools
from arctic_codegen import CallbackMixin

def run(fn):
    @functools.wraps(fn)
    def w(*a, **k):
        return asyncio.run(fn(*a, **k))
    return w
def on_a_loop(fn):
    @functools.wraps(fn)
    def w(*a, **k):
        loop = asyncio.new_event_loop()
        try:
            result = loop.run_until_complete(fn(*a, **k))
        finally:
            loop.close()
        return result
    return w
def through_a_name(fn):
    @functools.wraps(fn)
    def w(*a, **k):
        result = fn(*a, **k)
        return result
    return w
def unlike(fn):
    def w(self, a):
        return fn(self, a)
    return w
def listed(fn):
    @functools.wraps(fn)
    def w(*a, **k):
        return list(fn(*a, **k))
    return w
def threaded(fn):
    @functools.wraps(fn)
    def w(*a, **k):
        return asyncio.to_thread(fn, *a, **k)
    return w
def call(fn, *a):
    return fn(*a)
def helped(fn):
    @functools.wraps(fn)
    def w(*a):
        return call(fn, *a)
    return w
def limited(fn):
    @functools.wraps(fn)
    def w(*a, **k):
        return asyncio.wait_for(fn(*a, **k), 5)
    return w
def awaits(fn):
    @functools.wraps(fn)
    async def w(*a, **k):
        return await fn(*a, **k)
    return w
def now_and_then(fn):
    @functools.wraps(fn)
    def w(self, a):
        if a < 0:
            return None
        return fn(self, a)
    return w

class T(CallbackMixin):
    callbacks = [
        (f"post-{name}", lambda self, value: ("post", value))
        for name in ("run", "loop", "name", "unlike", "listed", "thread", "helped", "limit",
                     "awaits", "now")
    ]
    @run
    async def run(self, a): return a
    @on_a_loop
    async def loop(self, a): return a
    @through_a_name
    async def name(self, a): return a
    @unlike
    async def unlike(self, a): return a
    @listed
    def listed(self, a): yield a
    @threaded
    def thread(self, a): return a
    @helped
    async def helped(self, a): return a
    @limited
    async def limit(self, a): return a
    @awaits
    async def awaits(self, a): return a
    @now_and_then
    async def now(self, a): return a
"""


def test_R24_whether_an_event_is_awaited_is_what_its_callers_get(project):
    p = project(AWAITED).built()
    out = p.python(
        """
import asyncio, inspect
import app.main
from generated.app.main import T
t = T()
for name in ("run", "loop", "name", "unlike", "listed", "thread", "helped", "limit", "awaits", "now"):
    value = getattr(t, name)(1)
    awaited = inspect.isawaitable(value)
    print(name, awaited, asyncio.run(value) if awaited else value)
"""
    )
    assert out.splitlines() == [
        "run False ('post', 1)",
        "loop False ('post', 1)",
        "name True ('post', 1)",
        "unlike True ('post', 1)",
        "listed False ('post', [1])",
        "thread True ('post', 1)",
        "helped True ('post', 1)",
        "limit True ('post', 1)",
        "awaits True ('post', 1)",
        "now True ('post', 1)",
    ]


def test_R24_what_cannot_be_known_of_a_wrapper_is_reported(project):
    p = project(
        """
import functools
from arctic_codegen import CallbackMixin
import somewhere

def unknown(fn):
    @functools.wraps(fn)
    def w(*args, **kwargs):
        return somewhere.call(fn, *args, **kwargs)
    return w

class T(CallbackMixin):
    callbacks = [("post-go", lambda self, v: v), ("post-plain", lambda self, v: v)]
    @unknown
    async def go(self): return 1
    @unknown
    def plain(self): return 1
"""
    )
    ran = p.build()
    assert ran.codes == [("app/main.py", 12, "AC202")], ran.stdout
    assert "whether 'w' returns a coroutine" in ran.stdout


def test_R54_on_arctic_training_a_plain_method_is_an_error(project):
    pytest.importorskip("arctic_training", reason="needs arctic-training")
    p = project(
        {
            "app/__init__.py": "",
            "app/main.py": """
from arctic_training import SFTTrainer


class Mine(SFTTrainer):
    name = "mine"
    callbacks = [("post-epoch", SFTTrainer.evaluate), ("post-evaluate", lambda self: None)]

    def helper(self):
        SFTTrainer.evaluate(self)
        super().evaluate()
        self.evaluate()
        super().epoch()
""",
        },
        config="""
[tool.arctic-codegen]
sources = ["app"]
semantics = "documented"
""",
    )
    ran = p.build()
    found = [(f.line, f.severity, f.code) for f in ran.findings if f.severity != "note"]
    assert found == [(line, "error", "AC304") for line in (6, 9, 10, 12)], ran.stdout


def test_R54_what_a_called_function_reaches_counts_in_an_incremental_build(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/tools.py": """
def again(trainer):
    trainer.step()
""",
            "app/main.py": """
from arctic_codegen import CallbackMixin
from app.tools import again
class T(CallbackMixin):
    callbacks = [("pre-step", lambda self: None), ("post-epoch", again)]
    def step(self) -> None: ...
    def epoch(self) -> None: ...
""",
        }
    ).built()
    p.write(
        {
            "app/tools.py": """
def again(trainer):
    import app.main
    app.main.T.step(trainer)
"""
        }
    )
    assert p.build().codes == [("app/tools.py", 3, "AC304")]
    assert p.build("--no-cache").codes == [("app/tools.py", 3, "AC304")]


MADE = """
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple
import attrs
from typing_extensions import dataclass_transform
from arctic_codegen import CallbackMixin

LOG = []

def before(self):
    LOG.append("pre")
def after(self):
    LOG.append("post")

@dataclass_transform()
def model(cls):
    return dataclass(cls)

@dataclass_transform()
class Meta(type):
    def __new__(mcs, name, bases, namespace, **kw):
        return dataclass(super().__new__(mcs, name, bases, namespace, **kw))

class Point(NamedTuple):
    x: int
    y: int = 2

class Host(CallbackMixin):
    callbacks = [("pre-init", before), ("post-init", after)]

class New(Host):
    def __new__(cls, a, *, b=2):
        self = super().__new__(cls)
        self.got = a, b
        return self
class Tuple(Host, Point):
    @property
    def got(self): return tuple(self)
class Int(Host, int):
    @property
    def got(self): return int(self)
class Date(Host, datetime):
    @property
    def got(self): return self.year, self.month, self.day
class Path(Host, PurePosixPath):
    @property
    def got(self): return str(self)
class Dict(Host, dict):
    @property
    def got(self): return dict(self)
@model
class Model(Host):
    a: int
    b: int = 2
    @property
    def got(self): return self.a, self.b
class FromMeta(Host, metaclass=Meta):
    a: int = 1
    @property
    def got(self): return self.a
@attrs.frozen
class Frozen(Host):
    a: int
    @property
    def got(self): return self.a
"""


def test_R26_objects_are_made_with_what_their_class_takes(project):
    p = project(MADE).built()
    out = p.python(
        """
from app.main import LOG
from generated.app.main import *
for call in (
    lambda: New(1), lambda: New(1, b=3), lambda: Tuple(1), lambda: Tuple(x=1, y=3), lambda: Int(4),
    lambda: Date(2020, 1, day=5), lambda: Path("a", "b"), lambda: Dict(a=1),
    lambda: Model(1, b=5), lambda: FromMeta(7), lambda: FromMeta(), lambda: Frozen(1),
):
    LOG.clear()
    made = call()
    print(type(made).__name__, made.got, *LOG)
try:
    New()
except TypeError as error:
    print("missing" in str(error))
"""
    )
    assert out.splitlines() == [
        "New (1, 2) pre post",
        "New (1, 3) pre post",
        "Tuple (1, 2) pre post",
        "Tuple (1, 3) pre post",
        "Int 4 pre post",
        "Date (2020, 1, 5) pre post",
        "Path a/b pre post",
        "Dict {'a': 1} pre post",
        "Model (1, 5) pre post",
        "FromMeta 7 pre post",
        "FromMeta 1 pre post",
        "Frozen 1 pre post",
        "True",
    ]


def test_R26_what_an_unread_init_takes_cannot_be_named(project):
    p = project(
        """
import attrs
from arctic_codegen import CallbackMixin

@attrs.define
class T(CallbackMixin):
    a: int
    def pre_init_callback(self, a):
        return a
"""
    )
    ran = p.build()
    assert ran.codes == [("app/main.py", 7, "AC414")], ran.stdout


def test_R28_a_class_is_not_given_to_its_own_init_subclass(project):
    p = project(
        """
from typing import Any
from arctic_codegen import CallbackMixin

KIND = "x"
class Base(CallbackMixin):
    kind = "none"
    def __init_subclass__(cls, *, kind: str, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        cls.kind = kind
    def step(self) -> str:
        return self.kind
    def pre_step_callback(self) -> None: ...
class X(Base, kind=KIND): ...
KIND = "y"
class Y(X, kind="y"):
    def __init_subclass__(cls, *, more: int, **kw: Any) -> None:
        super().__init_subclass__(**kw)
class Z(Y, kind=KIND + "z", more=3): ...
"""
    ).built()
    out = p.python(
        "from generated.app.main import *; print(*(cls().step() for cls in (Base, X, Y, Z)))"
    )
    assert out == "none x y yz\n"
    for command in (["mypy", "--strict"], ["pyright", "--pythonpath", sys.executable]):
        done = subprocess.run(
            [sys.executable, "-m", *command, "generated"],
            cwd=p.root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_R29_a_builtin_that_is_replaced_in_the_source_module_is_seen_by_lambdas(project):
    p = project(
        """
from arctic_codegen import CallbackMixin, every

named = lambda self: print("named")
class T(CallbackMixin):
    callbacks = [
        ("pre-step", lambda self: print("pre")),
        ("pre-step", lambda self, a: a + 1),
        ("post-step", every(2, lambda self, value: max(value, 5))),
        ("post-step", named),
    ]
    def step(self, a: int):
        return a
class S(T): ...
S.callbacks.append(("post-step", lambda self: print("late")))
"""
    ).built()
    out = p.python(
        """
import app.main
from generated.app.main import S
made = S()
print(made.step(1))
app.main.print = lambda *args: print("patched", *args)
app.main.max = lambda *args: 7
print(made.step(1))
del app.main.print
print(made.step(1))
"""
    )
    assert out.splitlines() == [
        "pre", "named", "late", "2",
        "patched pre", "patched named", "patched late", "7",
        "pre", "named", "late", "2",
    ]  # fmt: skip


def test_R36_what_a_wrapper_does_with_its_arguments_is_read(project):
    files = {
        "app/__init__.py": "",
        "app/tools.py": """
import functools
def tool(fn):
    @functools.wraps(fn)
    def w(*args, **kwargs):
        return fn(*args, **kwargs)
    return w
""",
        "app/main.py": """
from arctic_codegen import CallbackMixin
from app.tools import tool
class T(CallbackMixin):
    callbacks = [("pre-step", lambda self: None)]
    @tool
    def step(self, batch, scale=1):
        return batch
""",
    }
    p = project(files).built()
    assert "def step(self, batch: Any, scale: Any = 1)" in p.generated("app/main.py")
    looks = files["app/tools.py"].replace("return fn(", "print(kwargs)\n        return fn(")
    p.write({"app/tools.py": looks})
    error = p.python("import generated.app.main", ok=False)
    assert "app/tools.py" in error or "StaleOutputError" in error
    p.built()
    incremental = p.generated("app/main.py")
    assert "**kwargs: Any" in incremental
    assert p.build("--no-cache").code == 0
    assert p.generated("app/main.py") == incremental
