"""Callbacks that run only under a condition (R56)."""

from __future__ import annotations

import json
import sys

import pytest

from tests.harness import Project

FILES = {
    "app/__init__.py": "",
    "app/main.py": """
import functools
from dataclasses import dataclass

from arctic_codegen import CallbackMixin, every, optional, unless, when

LIMIT = 3


@dataclass
class Config:
    trace: bool = False
    verbose: int = 0


def is_due(trainer: "Trainer") -> bool:
    return trainer.number > 2


def over(n: int, trainer: "Trainer") -> bool:
    return trainer.number > n


class Over:
    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, trainer: "Trainer") -> bool:
        return trainer.number > self.n

    @staticmethod
    def zero(trainer: "Trainer") -> bool:
        return trainer.number == 0


def tell(word: str):
    def told(trainer: "Trainer") -> None:
        print(word)

    return told


def broken(trainer: "Trainer") -> bool:
    raise ValueError("broken")


ready = lambda t: t.number == 1
in_mind = when("config.trace")


class Trainer(CallbackMixin):
    callbacks = [
        ("post-step", when("config.trace", tell("path"))),
        ("post-step", when(lambda self: self.number > LIMIT, tell("above limit"))),
        ("post-step", unless(lambda t: t.number > 1 or t.config.trace, tell("neither"))),
        ("post-step", when(lambda t: len(t.name) > 1, tell("long name"))),
        ("post-step", when(lambda t: any(self for self in t.name), tell("any"))),
        ("post-step", when(is_due, tell("due"))),
        ("post-step", when(Over.zero, tell("zero"))),
        ("post-step", when(functools.partial(over, 3), tell("partial"))),
        ("post-step", when(Over(3), tell("object"))),
        ("post-step", when(ready, tell("ready"))),
        ("post-step", in_mind(tell("in mind"))),
        *[("post-step", when(lambda t, n=n: t.number > n, tell(f"over {n}"))) for n in (1, 2)],
        ("post-loss", optional(when(broken, lambda self, loss: loss + 1))),
        ("post-loss", every(2, when("config.trace", lambda self, loss: loss * 10))),
        ("post-loss", unless("config.trace", every(2, lambda self, loss: -loss))),
    ]

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.name = ""
        self.config = Config()

    def step(self) -> None:
        print("step")

    def loss(self) -> float:
        return 1.0

    @when("config.verbose")
    def pre_step_callback(self) -> None:
        print("pre")

    @unless(lambda self: self.number > 1)
    def post_step_callback(self) -> None:
        print("method")
""",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("conditions"), FILES).built()


def test_R56_a_path_and_a_lambda_are_text_in_the_if(built):
    text = built.generated("app/main.py")
    assert "        if self.config.trace:\n            _told" in text
    assert "        if self.number > _source.LIMIT:\n" in text
    assert "        if not (self.number > 1 or self.config.trace):\n" in text
    assert "        if is_due(self):\n" in text
    assert "        if self.number == 1:\n" in text
    assert "when(" not in text.partition('"""\n\nfrom')[2].partition("class Trainer(")[2]


def test_R56_conditions_are_read_at_each_visit(built):
    out = built.python(
        """
        import app.main
        from generated.app.main import Trainer
        made = Trainer()
        made.step()
        made.config.trace, made.config.verbose, made.number, made.name = True, 1, 1, "xx"
        made.step()
        made.number = 4
        made.step()
        app.main.LIMIT = made.number
        made.config.trace = False
        made.step()
        """
    )
    assert out.splitlines() == [
        *("step", "neither", "zero", "method"),
        *("pre", "step", "path", "long name", "any", "ready", "in mind", "method"),
        *("pre", "step", "path", "above limit", "long name", "any", "due", "partial", "object"),
        *("in mind", "over 1", "over 2"),
        *("pre", "step", "long name", "any", "due", "partial", "object", "over 1", "over 2"),
    ]


def test_R56_what_is_skipped_leaves_values_and_is_not_counted_by_an_inner_every(built):
    out = built.python(
        """
        from generated.app.main import Trainer
        made = Trainer()
        print([made.loss() for _ in range(2)])
        made.config.trace = True
        print([made.loss() for _ in range(3)])
        made.config.trace = False
        print([made.loss() for _ in range(2)])
        """
    )
    # `broken` fails inside `optional`; the outer `every` counts all calls, the inner one its own.
    assert out.splitlines() == ["[1.0, -1.0]", "[1.0, 10.0, 1.0]", "[1.0, -1.0]"]


def test_R34_R48_conditions_are_arguments_that_the_import_compares(project):
    files = dict(FILES)
    files["app/change.py"] = (
        "from app.main import Trainer, is_due, tell\nfrom arctic_codegen import when\n"
        "Trainer.callbacks.append(('post-step', when(CONDITION, tell('more'))))\n"
    ).replace("CONDITION", "is_due")
    p = project(files).built()
    out = p.python(
        """
        from generated.app.main import Trainer
        from app.main import LIMIT, Trainer as Source, broken, is_due, tell
        from arctic_codegen import unless, when
        made = Trainer()
        fn = Source.callbacks[-1][1].__wrapped__
        for given in (when(is_due, fn), when(broken, fn), when("is_due", fn), unless(is_due, fn)):
            try:
                made.callbacks.append(("post-step", given))
                print("known")
            except Exception as error:
                print(type(error).__name__)
        """
    )
    assert out.splitlines() == ["known"] + ["ClosedCallbacksError"] * 3
    text = p.generated("app/main.py")
    assert 'app.main.tell.<locals>.told(trainer) in when("config.trace")' in text


@pytest.mark.parametrize("other", ['"config.verbose"', "over", "lambda t: t.number"])
def test_R48_another_condition_than_the_one_that_was_read(project, other):
    p = project(
        f"""
from arctic_codegen import CallbackMixin, when

def log(self): ...
def due(self): return True
def over(self): return False

class T(CallbackMixin):
    callbacks = [("post-step", when(due, log))]
    def step(self) -> None: ...

exec('''T.callbacks[0] = ("post-step", when({other}, log))''')
"""
    ).built()
    said = p.python("import generated.app.main", ok=False)
    assert "CallbacksDifferError" in said
    assert "app.main.log in when(" in said


def test_R48_lambdas_that_are_conditions_have_changed_places(project):
    p = project(
        """
from arctic_codegen import CallbackMixin, when

def log(self): ...

class T(CallbackMixin):
    callbacks = [
        ("post-step", when(lambda self: self.first, log)),
        ("post-step", when(lambda self: self.second, log)),
    ]
    first = second = True
    def step(self) -> None: ...

exec("T.callbacks.reverse()")
"""
    ).built()
    assert "in when(app.main.T.<lambda>#2)" in p.generated("app/main.py")
    said = p.python("import generated.app.main", ok=False)
    assert "have swapped places since the build read them" in said


def test_R56_conditions_of_scripts(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/main.py": """
from arctic_codegen import CallbackMixin

class T(CallbackMixin):
    number = 0
    def step(self) -> None: ...
""",
            "app/train.py": """
from arctic_codegen import unless, when
from generated.app.main import T

def late(self):
    print("late")

def is_two(self):
    return self.number == 2

whole = when(lambda self: self.number == 3, late)
T.callbacks.append(("post-step", when(is_two, late)))
T.callbacks.append(("post-step", unless(lambda self: self.number != 1, late)))
T.callbacks.append(("post-step", when("number", lambda self: print("number"))))
T.callbacks.append(("post-step", whole))

if __name__ == "__main__":
    trainer = T()
    for trainer.number in range(4):
        print(trainer.number)
        trainer.step()
""",
        }
    ).built()
    out = p.run(sys.executable, "-m", "app.train")
    numbers = ["0", "1", "late", "number", "2", "late", "number", "3", "number", "late"]
    assert out.splitlines() == numbers


def test_R56_reports_show_conditions(built):
    shown = built.cli("explain", "app.main:Trainer.loss").stdout
    assert '3. post  every(2, when("config.trace", Trainer.<lambda>))' in shown
    document = json.loads(built.cli("list", "app.main:Trainer", "--format", "json").stdout)
    wrappers = [
        one.get("wrappers")
        for event in document["classes"][0]["events"]
        for one in event["callbacks"]
        if event["event"] == "post-loss"
    ]
    assert wrappers == [
        ["optional", "when(broken)"],
        ["every(2)", 'when("config.trace")'],
        ['unless("config.trace")', "every(2)"],
    ]


def test_R56_a_misspelt_field_is_reported_where_it_is_written(project):
    p = project(
        """
from __future__ import annotations

from arctic_codegen import CallbackMixin, every, when

class Config:
    trace: bool = False

def log(trainer: Trainer) -> None: ...
def number(trainer: Trainer, more: int) -> bool: ...
def other(trainer: Config) -> bool:
    return trainer.trace

class Trainer(CallbackMixin):
    callbacks = [
        ("post-step", when("config.trace", log)),
        ("post-step", when("config.trce", log)),
        ("post-step", every(2, when(lambda t: t.confg.trace, log))),
        ("post-step", when(lambda t: len(t.cnfig) > 1, log)),
        ("post-step", when(other, log)),
    ]
    config = Config()
    def step(self) -> None: ...

    @when("config.tace")
    def post_step_callback(self) -> None: ...
"""
    ).built()
    found = p.cli("check", "--format", "json")
    lines = {(one["line"], one["code"]) for one in json.loads(found.stdout)["findings"]}
    assert lines == {(line, "AC501") for line in (16, 17, 18, 19, 24)}, found.stdout


def test_R56_private_names_and_builtins_stay_those_of_the_source(project):
    p = project(
        """
from arctic_codegen import CallbackMixin, when

class Mode:
    __on = True
    _on = 1

MODE = Mode()

def log(self): print("log")
def private(self): print("private")

private_on = lambda self: self.__own

class T(CallbackMixin):
    callbacks = [
        ("post-step", when(lambda self: max(1, 2) == 0, log)),
        ("post-step", when(lambda self: getattr(MODE, "_Mode__on"), private)),
    ]
    __own = False
    callbacks += [("post-step", when(lambda self: self.__own, log))]
    def step(self) -> None: ...
"""
    ).built()
    out = p.python(
        """
        import app.main
        from generated.app.main import T
        T().step()
        app.main.max = lambda *numbers: 0
        made = T()
        made._T__own = True
        made.step()
        """
    )
    assert out.splitlines() == ["private", "log", "private", "log"]


def test_R56_annotate_and_diff_know_conditions(project):
    p = project(
        """
from arctic_codegen import CallbackMixin, unless, when

def log(trainer):
    print("log")

def is_due(trainer):
    return True

class T(CallbackMixin):
    callbacks = [("post-step", when(is_due, log)), ("post-step", unless("on", log))]
    on = False
    def step(self) -> None: ...
"""
    )
    notes = [f for f in p.build("--strict").findings if f.code == "AC413"]
    assert [(f.line, f.message.split("'")[1]) for f in notes] == [(3, "log"), (6, "is_due")]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        p.run("git", "-c", "user.name=n", "-c", "user.email=e@x", *command)
    assert p.cli("annotate").code == 0
    text = (p.root / "app/main.py").read_text()
    assert 'def is_due(trainer: "T") -> bool:' in text
    p.write({"app/main.py": text.replace('unless("on"', 'unless("off"')})
    shown = p.cli("diff").stdout
    assert 'unless("on", ...)' in shown
    assert 'unless("off", ...)' in shown


def test_R46_compiled_in_memory(project):
    p = project(
        """
from arctic_codegen import CallbackMixin, always, every, on_error, when
from arctic_codegen.testing import compiled

def make(limit):
    def over(self):
        return self.number > limit

    class T(CallbackMixin):
        number = 0
        callbacks = [
            ("post-step", when(over, lambda self: print("over"))),
            ("post-step", when(lambda self: self.number == limit, lambda self: print("equal"))),
            ("post-step", every(2, lambda self: print("even"), by="number")),
            ("post-step", on_error(lambda self, error: print("failed", error))),
            ("post-step", always(lambda self: print("end"))),
        ]
        def step(self) -> None:
            self.number += 1
            if self.number == 4:
                raise ValueError(4)
    return compiled(T)

made = make(2)()
try:
    while True:
        made.step()
except ValueError:
    print("out")
"""
    )
    said = p.python("import app.main").splitlines()
    assert said == ["end", "equal", "even", "end", "over", "end", "failed 4", "end", "out"]


def test_R56_R58_names_that_a_method_takes_and_texts_of_several_lines(project):
    p = project(
        '''
from __future__ import annotations
from arctic_codegen import CallbackMixin, always, every, on_error, unless, when

index = 5
def quotient(self: T) -> bool:
    return self.number > index
def raised(self: T, error: BaseException) -> None:
    print("raised", error)
def log(self: T, value: object) -> object:
    print("log", value)
    return value

class T(CallbackMixin):
    number = 1
    callbacks = [
        ("post-step", every(2, log, by="number")),
        ("post-step", unless(quotient, log)),
        ("post-step", when(lambda self: (
            self.number  # a remark
            and """one
two""" in self.text
        ), log)),
        ("post-step", on_error(raised)),
        ("post-step", always(lambda this: print("end"))),
    ]
    text = """one
two"""
    def step(self, int: object, BaseException: object, quotient: object = 0) -> object:
        self.number += 1
        if self.number == 7:
            raise ValueError(self.number)
        return int
'''
    ).built()
    assert p.cli("check", "--sources").code == 0
    out = p.python(
        """
        from generated.app.main import T
        made = T()
        made.step(1, 2)
        made.number = 6
        made.text = ""
        try:
            made.step("a", "b", "c")
        except ValueError:
            print("out")
        made.step(3, 4, quotient=5)
        """
    )
    assert out.splitlines() == [
        *("log 1", "log 1", "log 1", "end"),
        *("raised 7", "end", "out"),
        *("log 3", "end"),
    ]


@pytest.mark.parametrize("wrapped", ['when("__on", cb)', 'every(2, cb, by="config.__count")'])
def test_R56_a_private_name_is_no_path(project, wrapped):
    """Python mangles it differently in each class."""
    text = f"""
from arctic_codegen import CallbackMixin, every, when
def cb(t): ...
class T(CallbackMixin):
    callbacks = [("post-step", {wrapped})]
    def step(self): ...
"""
    p = project(text)
    assert [code for *_, code in p.build().codes] == ["AC706"]
    assert "ValueError" in p.python("import app.main", ok=False)
