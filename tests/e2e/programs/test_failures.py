"""Callbacks that run when an event fails, and callbacks that always run (R58), row by row."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap

import pytest

from tests.harness import Project

FILES = {
    "app/__init__.py": "",
    "app/main.py": """
from __future__ import annotations

import asyncio

from arctic_codegen import CallbackMixin, always, every, on_error, optional, rank_zero, when


def tell(word: str):
    def told(trainer: Base) -> None:
        print(word, end=" ")

    return told


def tell_error(word: str):
    def told(trainer: Base, *, error: BaseException) -> int:
        print(word, type(error).__name__, end=" ")
        return 3

    return told


def fail(trainer: Base) -> None:
    raise trainer.failure


def fail_again(trainer: Base, error: BaseException) -> None:
    raise OSError("again")


class Base(CallbackMixin):
    callbacks = [
        ("post-step", always(tell("always base"))),
        ("post-step", on_error(tell_error("error base"))),
        ("post-step", tell("post base")),
    ]
    failure: BaseException = ValueError("no")
    failing = ""
    on = True

    def step(self) -> None:
        print("step", end=" ")
        if self.failing == "step":
            raise self.failure


class Trainer(Base):
    callbacks = [
        ("pre-step", when(lambda self: self.failing == "pre", fail)),
        ("post-step", when(lambda self: self.failing == "post", fail)),
        ("post-step", optional(when(lambda self: self.failing == "optional", fail))),
        ("post-loss", always(tell("always"))),
        ("post-loss", on_error(lambda self, error: print("lambda", end=" "))),
    ]

    def step(self) -> None:
        super().step()
        print("own step", end=" ")

    def loss(self, error: float = 1.0) -> float:
        if self.failing == "loss":
            raise self.failure
        return error

    @on_error
    def post_step_callback(self, error: BaseException) -> None:
        print("error own", end=" ")


class Filtered(Base):
    callbacks = [
        ("post-loss", on_error(rank_zero(tell_error("rank")))),
        ("post-loss", rank_zero(always(tell("rank")))),
        ("post-loss", when("on", every(2, on_error(tell_error("second"))))),
        ("post-loss", every(2, on_error(when("on", tell_error("each second"))))),
        ("post-loss", optional(always(when("missing", tell("never"))))),
        ("post-loss", always(optional(when("missing", tell("never"))))),
        ("post-loss", every(2, always(tell("by two")))),
        ("post-loss", every(3, on_error(tell_error("by three")), by="number")),
    ]
    number = 0

    def loss(self) -> float:
        self.number += 1
        if self.failing:
            raise self.failure
        return 1.0


class Raising(Base):
    callbacks = [
        ("post-loss", on_error(tell_error("first"))),
        ("post-loss", on_error(fail_again)),
        ("post-loss", on_error(tell_error("skipped"))),
        ("post-loss", always(when("on", fail))),
        ("post-loss", always(tell("second"))),
        ("post-loss", always(fail)),
        ("post-loss", always(tell("last"))),
    ]

    def loss(self) -> float:
        if self.failing:
            raise KeyError("first")
        return 1.0


class Made(Base):
    callbacks = [
        ("pre-init", tell("pre")),
        ("post-init", always(lambda self: print(sorted(vars(self)), end=" "))),
        ("post-init", on_error(tell_error("half made"))),
    ]

    def __init__(self, fails: bool) -> None:
        self.first = 1
        if fails:
            raise RuntimeError("half")
        self.second = 2


async def waits(trainer: Base, error: BaseException) -> None:
    await asyncio.sleep(0)
    print("waited", type(error).__name__, end=" ")


class Later(Base):
    callbacks = [("post-run", on_error(waits)), ("post-run", always(tell("end")))]

    async def run(self, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "done"
""",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("failures"), FILES).built()


def test_R58_an_event_is_a_try_with_its_callbacks_in_except_and_finally(built):
    text = plain(built.generated("app/main.py"))
    body = text.partition("class Raising(")[2]
    body = body[body.index("    def loss(") :].partition("\n\n")[0]
    assert body.rstrip() == textwrap.indent(RAISING, "    ").rstrip()


RAISING = """\
def loss(self) -> float:
    try:
        return _Raising.loss(self)
    except BaseException as raised:
        _told(self, error=raised)
        fail_again(self, raised)
        _told(self, error=raised)
        raise
    finally:
        try:
            if self.on:
                fail(self)
        finally:
            try:
                _told(self)
            finally:
                try:
                    fail(self)
                finally:
                    _told(self)
"""


def plain(text: str) -> str:
    """The text without comments, and without what distinguishes objects of the same name."""
    return re.sub(r"\w*told\w*\(", "_told(", re.sub(r"\n *#.*|  #.*", "", text))


def ran(built: Project, code: str) -> list[str]:
    head = "from generated.app.main import *\nfrom generated.app import main\n"
    head += (
        "def attempt(call):\n"
        "    try:\n"
        "        print('->', call())\n"
        "    except BaseException as error:\n"
        "        context = error.__context__\n"
        "        print('raised', repr(error), repr(context))\n"
    )
    return built.python(head + textwrap.dedent(code), env={"RANK": "0"}).splitlines()


def test_R58_what_triggers_and_in_which_order(built):
    out = ran(
        built,
        """
        made = main.Trainer()
        for made.failing in ("", "pre", "step", "post", "optional"): attempt(made.step)
        """,
    )
    no = "raised ValueError('no') None"
    error = "error base ValueError error own always base"
    assert out == [
        "step own step post base always base -> None",
        f"{error} {no}",
        f"step {error} {no}",
        f"step own step post base {error} {no}",
        "step own step post base always base -> None",
    ]


@pytest.mark.parametrize("kind", ["KeyboardInterrupt", "SystemExit", "GeneratorExit"])
def test_R58_any_exception_triggers(built, kind):
    out = ran(
        built,
        f"""
        made = main.Trainer()
        made.failure = {kind}(1)
        made.failing = "step"
        attempt(made.step)
        """,
    )
    assert out == [f"step error base {kind} error own always base raised {kind}(1) None"]


def test_R58_results_are_ignored_and_values_never_rewritten(built):
    out = ran(
        built,
        """
        made = main.Trainer()
        attempt(lambda: made.loss(2.5))
        made.failing = "loss"
        attempt(made.loss)
        """,
    )
    assert out == ["always -> 2.5", "lambda always raised ValueError('no') None"]


def test_R58_filters_around_or_inside(built):
    out = ran(
        built,
        """
        made = main.Filtered()
        for made.failing, made.on in (("x", True), ("x", False), ("x", True), ("", True)):
            attempt(made.loss)
        """,
    )
    raised = "raised ValueError('no') None"
    # `when` around `every`: the second that is on; `every` around `when`: each second failure.
    assert out == [
        f"rank ValueError rank {raised}",
        f"rank ValueError rank by two {raised}",
        f"rank ValueError second ValueError by three ValueError rank {raised}",
        "rank by two -> 1.0",
    ]


def test_R58_where_it_stands_in_the_nest_makes_no_difference(built):
    text = plain(built.generated("app/main.py"))
    nest = """\
try:
    if self.missing:
        _told(self)
except Exception:
    log_failure("app.main.tell.<locals>.told")
"""
    lines = [line.strip() for line in text.partition("class Filtered(")[2].splitlines()]
    assert "\n".join(lines).count("\n".join(map(str.strip, nest.splitlines()))) == 2


@pytest.mark.parametrize("fails", [False, True])
def test_R58_one_of_them_raises(built, fails):
    out = ran(
        built,
        f"""
        made = main.Raising()
        made.failing = {"'x'" if fails else "''"}
        made.on = False
        try:
            made.loss()
        except BaseException as error:
            while error is not None:
                print(repr(error), end=" ")
                error = error.__context__
        """,
    )
    if fails:
        first = "first KeyError second last ValueError('no') OSError('again') KeyError('first')"
    else:
        first = "second last ValueError('no')"
    assert [line.strip() for line in out] == [first]


def test_R58_each_always_runs_whatever_the_one_before_raises(built):
    out = ran(
        built,
        """
        made = main.Raising()
        attempt(made.loss)
        """,
    )
    assert out == ["second last raised ValueError('no') None"]


def test_R58_post_init_surrounds_a_half_made_object(built):
    out = ran(
        built,
        """
        attempt(lambda: main.Made(False).second)
        attempt(lambda: main.Made(True))
        """,
    )
    assert out == [
        "pre ['first', 'second'] -> 2",
        "pre half made RuntimeError ['first'] raised RuntimeError('half') None",
    ]


def test_R58_awaited_inside_the_try_and_at_a_cancellation(built):
    out = ran(
        built,
        """
        import asyncio
        made = main.Later()
        print(asyncio.run(made.run(0)))
        attempt(lambda: asyncio.run(asyncio.wait_for(made.run(5), 0.01)))
        """,
    )
    assert out[0] == "end done"
    assert out[1].startswith("waited CancelledError end raised TimeoutError(")


def test_R25_the_traceback_ends_where_it_was_raised(built):
    code = "from generated.app.main import Trainer\nmade = Trainer()\nmade.failing = 'step'\nmade.step()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=built.root, capture_output=True, text=True
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("  File")]
    assert len(lines) == 4
    assert lines[-1].endswith("in step")
    assert done.stderr.rstrip().endswith("ValueError: no")


def test_R58_they_need_the_compiler(project):
    p = project(
        """
import inspect
from arctic_codegen import CallbackMixin, UncompiledClassError, always, on_error

def log(self): ...
def report(self, error): ...

for callback in (always(log), on_error(report)):
    for use in (lambda: callback(1), lambda: inspect.signature(callback)):
        try:
            use()
        except UncompiledClassError as error:
            print(error)
    assert callback.__name__ in ("log", "report")
"""
    )
    said = p.python("import app.main").splitlines()
    assert len(said) == 4
    assert said[0].startswith("always(app.main.log) needs the compiler")
    assert said[3].startswith("on_error(app.main.report) needs the compiler")


def test_R58_reports_and_types(project):
    p = project(
        """
from arctic_codegen import CallbackMixin, always, on_error

def bare(self, error):
    print(error)

def narrow(trainer: "T", error: ValueError) -> None:
    print(error)

def end(self):
    print("end")

class T(CallbackMixin):
    callbacks = [
        ("post-step", always(end)),
        ("post-step", on_error(bare)),
        ("post-step", lambda self, value: value),
        ("post-step", on_error(narrow)),
    ]
    def step(self) -> int:
        return 1
"""
    ).built()
    document = json.loads(p.cli("list", "--format", "json").stdout)
    (step,) = [e for e in document["classes"][0]["events"] if e["event"] == "post-step"]
    shown = [one["shown"] for one in step["callbacks"]]
    assert shown == ["T.<lambda>", "on_error(bare)", "on_error(narrow)", "always(end)"]
    found = json.loads(p.cli("check", "--format", "json").stdout)["findings"]
    narrow = [one for one in found if one["code"] == "AC501" and one["line"] == 6]
    assert [one["message"] for one in narrow] == [
        "the callback 'narrow' on post-step takes \"ValueError\" as the exception, but is given "
        '"BaseException" [mypy: arg-type]'
    ]
    assert p.cli("annotate").code == 0
    text = (p.root / "app/main.py").read_text()
    assert 'def bare(self: "T", error: BaseException) -> None:' in text
    assert 'def end(self: "T") -> None:' in text
