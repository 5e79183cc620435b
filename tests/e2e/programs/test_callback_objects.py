"""An object with callbacks for several events (R66)."""

from __future__ import annotations

import sys

import pytest

from tests.harness import CONFIG

TIMER = """
from __future__ import annotations
from arctic_codegen import CallbackMixin
from arctic_codegen.callbacks import Callback

class Timer(Callback):
    def __init__(self, name: str) -> None:
        self.name = name
    def pre_step(self, trainer: Base) -> None:
        print("pre", self.name)
    def post_step(self, trainer: Base, result: int) -> int:
        print("post", self.name)
        return result + 1
    def _post_run(self) -> None: ...
    def post_mortem(self) -> str: ...
    post_mortem = None  # type: ignore[assignment]

class Base(CallbackMixin):
    def step(self) -> int:
        return 1
    def run(self) -> int:
        return self.step()
"""
MAIN = """
import json
from generated.app.main import Trainer
trainer = Trainer()
print(trainer.run())
print([event for event, _ in Trainer.callbacks])
"""


def test_R66_an_object_gives_an_entry_for_each_method(project):
    p = project(
        TIMER
        + """
def double(trainer: Base, result: int) -> int:
    return result * 2

shared = Timer("shared")

class Trainer(Base):
    callbacks = [*Timer("own"), ("post-step", double), *shared]
"""
    ).built()
    assert p.python(MAIN).splitlines() == [
        *("pre own", "pre shared", "post own", "post shared"),
        "5",
        "['pre-step', 'post-step', 'post-step', 'pre-step', 'post-step']",
    ]
    shown = p.cli("explain", "app.main:Trainer.step").stdout
    assert shown.count('Timer("own").post_step') == 1
    assert shown.count('Timer("shared").post_step') == 1


def test_R66_the_order_is_that_of_python(project):
    """Base classes first; an override has the position of the overridden method, ``None`` drops
    it."""
    text = (
        TIMER
        + """
class Longer(Timer):
    def post_run(self, trainer: Base, total: int) -> int:
        print("run", self.name)
        return total
    def post_step(self, trainer: Base, result: int) -> int:
        print("longer", self.name)
        return super().post_step(trainer, result)
    pre_step = None  # type: ignore[assignment]
    def pre_run(self, trainer: Base) -> None:
        print("begin")

class Trainer(Base):
    callbacks = [*Longer("a")]

if __name__ == "__main__":
    print([event for event, _ in Trainer.callbacks])
"""
    )
    p = project(text).built()
    told = p.python(MAIN).splitlines()
    assert told[:-1] == ["begin", "longer a", "post a", "run a", "2"]
    assert [told[-1]] == p.run(sys.executable, "-m", "app.main").splitlines()
    assert told[-1] == "['post-step', 'post-run', 'pre-run']"


def test_R66_an_inherited_method_is_called_after_the_class_of_its_object(project):
    text = """
class Quiet(Timer): ...

class Trainer(Base):
    callbacks = [*Timer("a"), *Quiet("b")]
"""
    output = project(TIMER + text).built().generated("app/main.py")
    assert "_timer_post_step(self" in output
    assert "_quiet_post_step(self" in output


def test_R66_an_object_that_is_inherited_is_not_repeated(project):
    p = project(
        TIMER
        + """
shared = Timer("shared")

class Parent(Base):
    callbacks = [*shared]

class Trainer(Parent):
    callbacks = [*shared, *Timer("own")]
"""
    ).built()
    assert p.python(MAIN).splitlines()[:5] == [
        "pre shared",
        "pre own",
        "post shared",
        "post own",
        "3",
    ]


def test_R66_data_of_an_object_is_no_entry(project):
    p = project(
        TIMER
        + """
from dataclasses import dataclass

@dataclass
class Norm(Callback):
    post_scale: int = 3
    pre_names: tuple = ()
    def post_step(self, trainer: Base, result: int) -> int:
        return result * self.post_scale

class Trainer(Base):
    callbacks = [*Norm()]
"""
    ).built()
    assert p.python(MAIN).splitlines() == ["3", "['post-step']"]


@pytest.mark.parametrize("made", ["list(Timer('a'))", "[*Timer('a')] + [e for e in Timer('b')]"])
def test_R66_it_may_be_iterated_over_in_other_ways(project, made):
    p = project(TIMER + f"\nclass Trainer(Base):\n    callbacks = {made}\n").built()
    assert "pre a" in p.python(MAIN)


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("callbacks = [*object()]", "AC205", "object"),
        ("callbacks = [*Plain()]", "AC205", "an object of 'Plain'"),
        ("callbacks = [*Own()]", "AC205", "Own()"),
        ("callbacks = [Timer('a')]", "AC204", "is a Callback object"),
        ("callbacks = [*Wrong()]", "AC201", "'post-stepp'"),
        ("callbacks = [*Misfit()]", "AC401", "batch"),
        ("callbacks = [*Sets()]", "AC205", "'Sets' sets 'post_step' on its objects"),
        ("callbacks = [*Field()]", "AC205", "'Field' sets 'post_step' on its objects"),
    ],
)
def test_R66_what_is_wrong_is_reported(project, statement, code, words):
    p = project(
        TIMER
        + f"""
from dataclasses import dataclass
class Plain: ...
class Own(Callback):
    def __iter__(self): return iter([])
class Wrong(Callback):
    def post_stepp(self, trainer: Base) -> None: ...
class Sets(Callback):
    def __init__(self) -> None:
        self.names, self.post_step = 1, None
    def post_step(self, trainer: Base, result: int) -> int:
        return result
@dataclass
class Field(Callback):
    post_step: object = None
class Misfit(Callback):
    def pre_step(self, trainer: Base, batch: int) -> int:
        return batch
class Trainer(Base):
    {statement}
"""
    )
    found = p.build().findings
    assert code in {one.code for one in found}, found
    assert any(words in one.message for one in found), found


def test_R66_an_object_of_another_class_gets_advice(project):
    plain = "\nclass Plain:\n    def on_step_end(self): ...\n"
    p = project(TIMER + plain + "class Trainer(Base):\n    callbacks = [Plain()]\n")
    shown = p.cli("build").stdout
    assert "but 'Plain()' is an object of 'Plain'" in shown
    assert "derive its class from 'arctic_codegen.callbacks.Callback'" in shown


def test_R66_a_build_after_an_edit_sees_what_a_method_sets(project):
    text = (
        TIMER
        + """
class Sets(Callback):
    def __init__(self) -> None:
        self.other = None
    def post_step(self, trainer: Base, result: int) -> int:
        return result

class Wrong(Callback):
    def post_stepp(self, trainer: Base) -> None: ...
"""
    )
    trainer = "from app.main import *\n\nclass Trainer(Base):\n    callbacks = [*Sets()]\n"
    files = {"app/__init__.py": "", "app/main.py": text, "app/trainer.py": trainer}
    p = project(files).built()
    p.write({"app/main.py": text.replace("self.other", "self.post_step")})
    assert p.build().codes == [("app/trainer.py", 4, "AC205")]
    p.write({"app/main.py": text, "app/trainer.py": trainer.replace("Sets", "Wrong")})
    shown = p.cli("build").stdout  # the place of the method is shown, with the right signature
    assert "the method 'Wrong.post_stepp' of the callback object" in shown
    assert "did you mean 'post_step'?" in shown


def test_R66_all_events_that_an_object_lacks_are_one_finding(project):
    files = {
        "app/__init__.py": "",
        "app/main.py": (
            "from arctic_codegen import CallbackMixin\n"
            "from arctic_codegen.callbacks import Throughput\n\n\n"
            "class T(CallbackMixin):\n"
            "    callbacks = [*Throughput()]\n\n"
            "    def train(self) -> None: ...\n"
        ),
    }
    p = project(files)
    assert p.build().codes == [("app/main.py", 6, "AC201")]
    shown = p.cli("build").stdout
    assert "'Throughput' has callbacks for 'checkpoint', 'evaluate', 'step', which are" in shown


@pytest.mark.parametrize(
    ("method", "code", "help"),
    [
        ("def pre_step(self): ...", "AC404", "def pre_step(self, trainer)"),
        ("@rank_zero\n    def pre_step(self, trainer: Base): ...", "AC705", '("pre-step", ...)'),
    ],
)
def test_R66_the_help_for_a_method_is_about_the_method(project, method, code, help):
    text = TIMER.replace("import CallbackMixin", "import CallbackMixin, rank_zero")
    p = project(
        f"{text}\nclass Odd(Callback):\n    {method}\n\n"
        "class Trainer(Base):\n    callbacks = [*Odd()]\n"
    )
    shown = p.cli("build").stdout
    assert shown.count(f"error[{code}]") == shown.count("error[") == 1, shown
    told = shown.partition("\nhelp: ")[2].partition("\n")[0]
    assert help in told
    assert "Odd()" not in told


@pytest.mark.long
def test_R66_check_types_them(project):
    pytest.importorskip("mypy")
    p = project(
        TIMER
        + """
class Untyped(Callback):
    def post_step(self, trainer: Base, result: str) -> str:
        return result

class Trainer(Base):
    callbacks = [*Untyped()]
"""
    ).built()
    told = p.cli("check", "--format", "concise")
    assert told.code == 1
    assert any(one.line == 24 for one in told.findings), told.stdout


GENERIC = """
from __future__ import annotations
from functools import partial
from typing import Any, Generic, TypeVar
from arctic_codegen import CallbackMixin
from arctic_codegen.callbacks import Callback

V = TypeVar("V")

class Keep(Callback, Generic[V]):
    def __init__(self, value: V) -> None:
        self.value = value
    def post_step(self, trainer: Any, result: V) -> V:
        return self.value
    def __call__(self, trainer: Any, result: V) -> V:
        return self.value
    def listed(self, trainer: Any, result: V) -> list[V]:
        return [self.value]

class OfText(Keep[str]): ...

def tagged(trainer: Any, result: V, tag: str) -> list[V]:
    return [result]

def made(value: V) -> Keep[V]:
    return Keep[V](value)

class Trainer(CallbackMixin):
    callbacks = [ENTRY]
    def step(self) -> Any:
        return "a"
"""


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ('*Keep[str]("text")', "[[Any, str], str]"),
        ('("post-step", Keep[str]("text"))', "[[Any, str], str]"),
        ('("post-step", Keep[dict[str, int]]({}).listed)', "[[Any, dict[str, int]], list["),
        ('("post-step", Keep["Trainer"](None).listed)', "[[Any, Any], list[Any]]"),
        ('*OfText("text")', "[[Any, str], str]"),
        ('*Keep("text")', "[..., Any]"),
        ('("post-step", Keep("text").listed)', "[[Any, Any], list[Any]]"),
        ('*made("text")', "[..., Any]"),
        ('("post-step", partial(tagged, tag="a"))', "[[Any, Any], list[Any]]"),
    ],
)
def test_R29_R32_type_arguments_of_objects_are_kept_and_no_variable_is_left(project, entry, wanted):
    text = project(GENERIC.replace("ENTRY", entry)).built().generated("app/main.py")
    text = " ".join(text.split()).replace("[ ", "[").replace(" ]", "]")
    assert f": Callable{wanted}" in text
    assert "V" not in text.partition("from app.main import")[2].split()


def test_R29_R32_type_arguments_in_brackets_of_the_class(project):
    p = project(
        """
from typing import Any
from arctic_codegen import CallbackMixin
from arctic_codegen.callbacks import Callback

class Ema[V](Callback):
    def post_step(self, trainer: Any, result: V) -> list[V]:
        return [result]
    def pre_step[W](self, trainer: Any, batch: W) -> W:
        return batch

class Longer[W](Ema[W]): ...

class Trainer(CallbackMixin):
    callbacks = [*Ema(), *Ema[int](), *Longer[str]()]
    def step(self, batch: int) -> Any:
        return batch
""",
        CONFIG + 'python-version = "3.12"\n',
    )
    text = p.built().generated("app/main.py")
    types = [line.partition(": Callable")[2] for line in text.splitlines() if ": Callable[" in line]
    assert sorted(one.removesuffix(" = listed(") for one in types) == [
        "[..., Any]",
        "[..., Any]",
        "[..., Any]",
        "[[Any, Any], list[Any]]",
        "[[Any, int], list[int]]",
        "[[Any, str], list[str]]",
    ]


def test_R66_a_name_that_is_nearly_right_is_proposed(project):
    p = project(
        "from arctic_codegen import CallbackMixin\n"
        "from arctic_codegen.callbacks import NanGuard\n\n"
        "class T(CallbackMixin):\n"
        "    callbacks = [*NanGuard()]\n"
        "    def train(self) -> None: ...\n"
    )
    assert p.build().codes == [("app/main.py", 5, "AC103")]
    assert "did you mean 'NaNGuard'?" in p.cli("build").stdout
