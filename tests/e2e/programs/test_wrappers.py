"""R47: rank_zero, every and optional become an `if` or a `try` around the call of the callback."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.harness import Project

FILES = {
    "app/__init__.py": "",
    "app/again.py": "from arctic_codegen import every as each, optional, rank_zero\n",
    "app/tools.py": """
import functools

from app.again import each, optional, rank_zero


def _log(trainer: object) -> None:
    print("log")


log = rank_zero(_log)


@each(2)
def note(trainer: object, value: float) -> float:
    print("note", value)
    return value + 10


def guarded(n: int):
    return lambda fn: each(n, optional(fn))


class Noter:
    def __init__(self, word: str) -> None:
        self.word = word

    def __call__(self, trainer: object) -> None:
        print(self.word)

    def say(self, trainer: object) -> None:
        print("say", self.word)

    @staticmethod
    @each(2)
    def plain(trainer: object) -> None:
        print("plain")


NOTER = Noter("noted")


def tagged(trainer: object, tag: str) -> None:
    print(tag)


def wrapping(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        print("around")
        return fn(*args, **kwargs)

    return inner
""",
    "app/main.py": """
import functools

import arctic_codegen
from arctic_codegen import CallbackMixin, every, optional, rank_zero, replaces_inherited

from . import tools
from .tools import NOTER, Noter, _log, log, note, tagged, wrapping

N = 3
FOURTH = every(4)


def fails(trainer: "Trainer", batch: int, rate: float) -> tuple[int, float]:
    batch, rate = batch + 1, rate + 1
    raise ValueError("no")


@wrapping
@every(2)
def within(trainer: "Trainer") -> None:
    print("within")


class Trainer(CallbackMixin):
    callbacks = [
        ("pre-step", optional(fails)),
        ("post-step", log),
        ("post-step", every(N, _log)),
        ("post-step", every(2, NOTER.say)),
        ("post-step", every(2, rank_zero(NOTER))),
        ("post-step", optional(every(2, functools.partial(tagged, tag="x")))),
        ("post-step", arctic_codegen.every(n=2, fn=Noter("two"))),
        ("post-step", FOURTH(_log)),
        ("post-step", tools.guarded(2)(lambda self: print("twice"))),
        ("post-step", Noter.plain),
        ("post-step", within),
        ("post-step", every(2, every(2, lambda self: print("fourth")))),
        ("post-loss", note),
        ("post-init", rank_zero(lambda self: print("init"))),
        *[("post-many", every(n, lambda self: print("every", n))) for n in (1, 2)],
    ]

    def step(self, batch: int, rate: float = 0.5) -> None:
        print("step", batch, rate)

    def loss(self) -> float:
        return 1.0

    def many(self) -> None: ...

    @rank_zero
    def post_many_callback(self) -> None:
        print("method")

    @every(2)
    @optional
    def post_loss_callback(self, value: float) -> float:
        if value > 100:
            raise ZeroDivisionError
        return value + 1


class Child(Trainer):
    post_step_callback = every(2, tools._log)

    @replaces_inherited
    @rank_zero
    def post_many_callback(self) -> None:
        print("of the child")

    def post_loss_callback(self, value: float) -> float:
        return super().post_loss_callback(value)
""",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("wrappers"), FILES).built()


def test_R47_the_calls_stand_inside_an_if_or_a_try(built):
    text = built.generated("app/main.py")
    body = text[text.index("\n    def step(") : text.index("class Child")]
    assert (
        """        try:
            batch, rate = fails(self, batch, rate)  # app.main.fails
        except Exception:
            log_failure("app.main.fails")
        _Trainer.step(self, batch, rate)  # app.main.Trainer.step
        if is_rank_zero():
            _log(self)  # app.tools._log
        self._arctic_post_step_log_calls += 1
        if self._arctic_post_step_log_calls % 3 == 0:
            _log(self)  # app.tools._log
"""
        in body
    )
    assert re.search(r"app\.tools\.Noter\.__call__\(\w+\) in every\(2\), rank_zero\n", text)
    # Each is called directly, or was unwrapped once.
    assert "listed(" not in body
    assert "unwrapped(" not in body


def test_R47_every_counts_calls_of_an_event_on_an_object(built):
    out = built.python(
        """
        from generated.app.main import Trainer
        one, other = Trainer(), Trainer()
        for number in range(1, 5):
            one.step(number)
        other.step(5)
        """,
        env={"RANK": "0"},
    )
    twice = ["say noted", "noted", "x", "two"]
    assert out.splitlines() == [
        *("init", "init"),
        *("step 1 0.5", "log", "around"),
        *("step 2 0.5", "log", *twice, "twice", "plain", "around", "within"),
        *("step 3 0.5", "log", "log", "around"),
        *("step 4 0.5", "log", *twice, "log", "twice", "plain", "around", "within", "fourth"),
        *("step 5 0.5", "log", "around"),
    ]


def test_R47_what_is_skipped_leaves_values_as_they_are(built):
    out = built.python(
        """
        from generated.app.main import Child, Trainer
        for cls in (Trainer, Child):
            made = cls()
            print([made.loss() for _ in range(4)])
            made.many()
        """,
        env={"RANK": "1"},
    )
    assert out.splitlines() == [
        *("note 1.0", "note 1.0", "[1.0, 12.0, 1.0, 12.0]", "every 2"),
        *("note 1.0", "note 1.0", "[1.0, 12.0, 1.0, 12.0]", "every 2"),
    ]


def test_R47_replaced_and_inherited_ones(built):
    out = built.python(
        "from generated.app.main import Child\nmade = Child()\nmade.many()\nmade.many()",
        env={"RANK": "0"},
    )
    # The lambda sees the last value of the comprehension's variable, as always in Python.
    of_each = ["every 2", "of the child", "every 2", "every 2", "of the child"]
    assert out.splitlines() == ["init", *of_each]


def test_R47_a_failure_is_logged_once_per_kind_with_its_traceback(built):
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "from generated.app.main import Trainer\nmade = Trainer()\n"
            "for _ in range(3): made.step(1)\n"
            "made.loss = lambda: 1.0\nmade.callbacks",
        ],
        cwd=built.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr.count("The optional callback app.main.fails failed") == 1
    assert 'app/main.py", line 15, in fails' in told.stderr.replace("\\", "/")
    assert "ValueError: no" in told.stderr


def test_R47_reports_show_what_stands_around(built):
    document = json.loads(built.cli("list", "app.main:Trainer", "--format", "json").stdout)
    (cls,) = document["classes"]
    of_loss = [one for one in cls["events"] if one["event"] == "post-loss"]
    assert [(one["name"], one["wrappers"]) for one in of_loss[0]["callbacks"]] == [
        ("app.tools.note", ["every(2)"]),
        ("app.main.Trainer.post_loss_callback", ["every(2)", "optional"]),
    ]
    (within,) = [
        one
        for event in cls["events"]
        for one in event["callbacks"]
        if one["name"] == "app.main.within"
    ]
    assert "wrappers" not in within  # a custom decorator encloses them
    shown = built.cli("explain", "app.main:Trainer.loss").stdout
    assert "2. post  every(2, note)" in shown
    assert "3. post  every(2, optional(Trainer.post_loss_callback))" in shown


def test_R36_a_number_elsewhere_makes_output_stale(project):
    files = {
        "app/__init__.py": "",
        "app/numbers.py": "SELDOM = 2\nOTHER = 3\n",
        "app/main.py": """
from arctic_codegen import CallbackMixin, every
from app import numbers

class T(CallbackMixin):
    callbacks = [("post-step", every(numbers.SELDOM, lambda self: print("step")))]
    def step(self) -> None: ...
""",
    }
    p = project(files).built()
    p.write({"app/numbers.py": "SELDOM = 2\nOTHER = 4  # of no concern\n"})
    assert p.build("--check").code == 0
    p.python("from generated.app.main import T; T().step()")
    p.write({"app/numbers.py": "SELDOM = 3\nOTHER = 3\n"})
    assert p.build("--check").code == 1
    assert "StaleOutputError" in p.python("import generated.app.main", ok=False)
    assert "% 3 == 0" in p.built().generated("app/main.py")


def test_R47_the_count_goes_with_copies_and_pickles(built):
    out = built.python(
        """
        import copy, pickle
        from generated.app.main import Trainer
        made = Trainer()
        made.many(); made.step(0); made.loss()
        for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
            print(other.loss(), other.loss(), other.loss())
        print(made.loss(), type(made).loss is type(other).loss)

        class Derived(type(made)):
            pass

        derived = Derived()
        print(derived.loss(), derived.loss())
        """,
        env={"RANK": "1"},
    )
    values = [line for line in out.splitlines() if line[0].isdigit()]
    assert values == ["12.0 1.0 12.0"] * 3 + ["12.0 True", "1.0 12.0"]


def test_R47_awaited_and_at_init(project):
    p = project(
        """
import asyncio, functools
from arctic_codegen import CallbackMixin, every, optional, rank_zero

async def later(self, value: int) -> int:
    await asyncio.sleep(0)
    print("later", value)
    return value

async def fails(self, value: int) -> int:
    await asyncio.sleep(0)
    raise KeyError(value)

def stops(self, value: int) -> int:
    if value > 3:
        raise KeyboardInterrupt
    return value

class T(CallbackMixin):
    callbacks = [
        ("post-step", rank_zero(later)),
        ("post-step", optional(fails)),
        ("post-step", every(2, functools.partial(later))),
        ("post-step", optional(stops)),
        ("pre-init", optional(lambda self, error: 1 // 0)),
        ("post-init", rank_zero(every(1, lambda self: print("made")))),
    ]
    def __init__(self, error: int) -> None:
        self.error = error
    async def step(self, error: int) -> int:
        return error
"""
    ).built()
    out = p.python(
        """
        import asyncio
        from generated.app.main import T
        made = T(7)
        print(made.error)
        print(asyncio.run(made.step(1)), asyncio.run(made.step(2)))
        try:
            asyncio.run(made.step(4))
        except KeyboardInterrupt:
            print("stopped")
        """,
        env={"RANK": "0"},
    )
    assert out.splitlines() == [
        *("made", "7", "later 1", "later 2", "later 2", "1 2"),
        *("later 4", "stopped"),
    ]


def test_R34_R47_entries_with_wrappers_are_known_again(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/main.py": """
from arctic_codegen import CallbackMixin

class T(CallbackMixin):
    def step(self) -> None: ...
""",
            "app/more.py": """
from arctic_codegen import every, rank_zero
from app.main import T

def log(self):
    print("log")

T.callbacks.append(("post-step", every(2, log)))
T.callbacks.append(("post-step", rank_zero(log)))
""",
            "app/train.py": """
from arctic_codegen import every, optional, rank_zero
from app.more import log
from generated.app.main import T

def late(self):
    print("late")

seldom = every(3, late)

@optional
def broken(self):
    raise ValueError

trainer = T()
trainer.callbacks.append(("post-step", seldom))
trainer.callbacks.append(("post-step", broken))

if __name__ == "__main__":
    for number in range(3):
        print(number)
        trainer.step()

trainer.callbacks.append(("post-step", optional(every(4, late))))
""",
        }
    )
    ran = p.build()
    assert {f.code for f in ran.findings if f.severity == "error"} == set(), ran.stdout
    told = subprocess.run(
        [sys.executable, "-m", "app.train"], cwd=p.root, capture_output=True, text=True
    )
    assert told.stdout.splitlines() == [
        *("0", "log", "1", "log", "log", "2", "log", "late"),
    ], told.stderr
    assert told.stderr.count("The optional callback app.train.broken failed") == 1
    out = p.python(
        """
        from arctic_codegen import every, optional, rank_zero
        from app.train import late, log, trainer
        for given in (
            *(every(3, late), optional(every(4, late)), rank_zero(log)),
            *(every(2, late), every(4, late), rank_zero(late), late, optional(late)),
        ):
            try:
                trainer.callbacks.append(("post-step", given))
                print("known")
            except Exception as error:
                print(type(error).__name__)
        """
    )
    assert out.splitlines() == ["known"] * 3 + ["ClosedCallbacksError"] * 5


def test_R47_a_function_that_comes_to_wait_is_told_by_the_next_build(project):
    """Its body is not an input of the output, but every build checks it."""
    p = project(
        {
            "app/__init__.py": "",
            "app/helpers.py": "def helper() -> None:\n    print(1)\n",
            "app/main.py": """
from arctic_codegen import CallbackMixin, rank_zero
from app.helpers import helper

def log(self: object) -> None:
    helper()

class T(CallbackMixin):
    callbacks = [("post-step", rank_zero(log))]
    def step(self) -> None: ...
""",
        }
    ).built()
    waiting = "import torch.distributed as dist\ndef helper() -> None:\n    dist.barrier()\n"
    p.write({"app/helpers.py": waiting})
    assert p.build().codes == [("app/main.py", 5, "AC702")]
    p.write({"app/helpers.py": "def helper() -> None:\n    print(2)\n"})
    assert p.build("--check").code == 0
    p.python("import generated.app.main")


def test_R47_objects_that_take_no_plain_attributes(project):
    p = project(
        """
from dataclasses import dataclass
from arctic_codegen import CallbackMixin, every

def log(self):
    print("log")

class Host(CallbackMixin):
    callbacks = [("post-step", every(2, log)), ("post-step", every(2, log))]
    def step(self) -> None: ...

@dataclass(frozen=True)
class Frozen(Host):
    number: int = 1

class Telling(Host):
    def __setattr__(self, name, value):
        raise AttributeError(name)

class Slots(CallbackMixin):
    __slots__ = ("number",)
    callbacks = Host.callbacks
    def step(self) -> None: ...

class Weak(Slots):
    __slots__ = ("__weakref__",)

class Loose(Slots): ...
"""
    ).built()
    text = p.generated("app/main.py")
    assert text.count('if due(self, "_arctic_post_step_log_calls", 2):') == 4
    assert text.count("self._arctic_post_step_log_calls += 1") == 2
    out = p.python(
        """
        import copy
        from generated.app import main
        for name in ("Host", "Frozen", "Telling", "Slots", "Weak", "Loose"):
            made = getattr(main, name)()
            print(name)
            made.step()
            print(made == copy.copy(made), repr(made)[:12])
            made.step()
            made.step()
        """
    )
    lines = out.splitlines()
    assert lines.count("log") == 12
    for name in ("Host", "Frozen", "Telling", "Slots", "Weak", "Loose"):
        at = lines.index(name)
        assert lines[at + 2 : at + 4] == ["log", "log"]
    assert "True Frozen(numbe" in out
