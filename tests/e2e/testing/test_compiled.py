"""Classes that are compiled in memory (R46)."""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import linecache
import os
import pickle
import subprocess
import sys
import textwrap
import traceback

import pytest

from arctic_codegen import CallbackMixin, UncompiledClassError, every, optional, rank_zero
from arctic_codegen.testing import CompileError, compiled

SEEN: list = []


def note(self):
    SEEN.append("note")


class Trainer(CallbackMixin):
    def __init__(self, scale: int = 2) -> None:
        self.scale = scale
        self.seen = []

    def step(self, batch: int) -> int:
        self.seen.append(("step", batch))
        return batch * self.scale

    def epoch(self) -> None:
        self.seen.append("epoch")


class Logged(Trainer):
    callbacks = [("post-epoch", note), ("pre-step", lambda self, batch: batch + 1)]

    def post_step_callback(self, value: int) -> int:
        return value + 100


class Outer:
    class Nested(Trainer):
        def post_epoch_callback(self) -> None:
            self.seen.append("nested")


class Later(Trainer):
    pass


Later.callbacks.append(("post-epoch", note))


class Named(Trainer):
    factory = Logged

    def post_epoch_callback(self) -> None:
        self.seen.append(self.factory().step(1))


class Wrong(Trainer):
    callbacks = [("post-stepp", note)]


def test_R46_a_class_of_a_module():
    cls = compiled(Logged)
    made = cls(3)
    assert made.step(1) == 2 * 3 + 100
    assert made.seen == [("step", 2)]
    assert isinstance(made, Logged)
    assert cls.__arctic_source__ is Logged
    assert cls.__name__ == "Logged"
    assert compiled(cls) is cls
    SEEN.clear()
    made.epoch()
    assert SEEN == ["note"]
    made.callbacks.append(("post-epoch", note))
    with pytest.raises(
        UncompiledClassError, match=r"arctic_codegen\.testing\.compiled\(.*Logged\)"
    ):
        Logged()


def test_R46_R47_wrappers_are_seen_through(monkeypatch):
    class Guarded(Trainer):
        callbacks = [
            ("post-epoch", rank_zero(note)),
            ("post-step", every(2, lambda self, value: value + 1000)),
        ]

        @optional
        def post_epoch_callback(self) -> None:
            raise ValueError

    made = compiled(Guarded)(3)
    assert [made.step(1) for _ in range(3)] == [3, 1003, 3]
    SEEN.clear()
    for rank in ("0", "1"):
        monkeypatch.setenv("RANK", rank)
        made.epoch()
    assert SEEN == ["note"]
    text = inspect.getsource(type(made).epoch)
    assert "if is_rank_zero():" in text
    assert "except Exception:" in text


def test_R46_a_class_in_a_class_and_a_later_change():
    made = compiled(Outer.Nested)()
    made.epoch()
    assert made.seen == ["epoch", "nested"]
    SEEN.clear()
    compiled(Later)().epoch()
    assert SEEN == ["note"]


def test_R30_classes_that_it_names_are_compiled_with_it():
    made = compiled(Named)()
    made.epoch()
    assert made.seen == ["epoch", 104]
    assert made.factory.__arctic_source__ is Logged


def test_R46_a_class_in_a_function():
    seen = []

    def log(self):
        seen.append("log")

    class Base(Trainer):
        callbacks = [("post-epoch", log)]

    class Local(Base):
        callbacks = [("post-epoch", lambda self: seen.append("lambda"))]

        def post_epoch_callback(self) -> None:
            seen.append("method")

    cls = compiled(Local)
    cls().epoch()
    assert seen == ["log", "lambda", "method"]
    Local.callbacks.append(("post-epoch", log))
    assert compiled(Base).__arctic_source__ is Base


@pytest.mark.parametrize("event", ["post-epoch", "pre-epoch"])
@pytest.mark.parametrize("text", ["one", "two"])
def test_R46_parameters_of_the_functions_around_it_that_are_constants(event, text):
    seen = []

    class Local(Trainer):
        callbacks = [(event, lambda self: seen.append(text))]

        def epoch(self) -> None:
            seen.append("epoch")

    compiled(Local)().epoch()
    expected = [text, "epoch"]
    assert seen == (expected if event == "pre-epoch" else expected[::-1])


class TestInAClass:
    def test_R46_a_method_of_a_test_class(self):
        class Local(Trainer):
            def post_epoch_callback(self) -> None:
                self.seen.append("local")

        made = compiled(Local)()
        made.epoch()
        assert made.seen == ["epoch", "local"]


def make(number):
    def inner(self):
        self.seen.append(number)

    class Made(Trainer):
        callbacks = [("post-epoch", inner)]

        def loss(self):
            return number

    return Made


def test_R46_what_a_class_closes_over_is_found_when_its_function_has_returned():
    first, second = make(1), make(2)
    for number, cls in enumerate((first, second), start=1):
        made = compiled(cls)()
        made.epoch()
        assert made.seen == ["epoch", number]


def test_R46_two_functions_with_classes_of_one_name():
    def one():
        class Same(Trainer):
            def post_epoch_callback(self) -> None:
                self.seen.append("one")

        return Same

    def two():
        class Same(Trainer):
            def post_epoch_callback(self) -> None:
                self.seen.append("two")

        return Same

    for name, cls in {"one": one(), "two": two()}.items():
        made = compiled(cls)()
        made.epoch()
        assert made.seen == ["epoch", name]


def decorate(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@decorate
@decorate
def test_R46_a_function_with_decorators_and_a_long_header(
    tmp_path,
    *,
    capsys,
) -> None:
    """With a docstring."""
    if not tmp_path:
        pass
    elif tmp_path.exists():
        try:

            class Local(Trainer):
                def pre_step_callback(self, batch: int) -> int:
                    return batch * 10
        finally:
            pass
    assert compiled(Local)().step(1) == 20


@pytest.mark.parametrize("where", [0, 1])
def test_R46_branches_and_loops_around_it(where, tmp_path):
    for _ in tmp_path.iterdir() if where else (1,):
        pass
    for _ in (1, 2):
        if where == 0 and tmp_path.is_dir():

            class Local(Trainer):
                def pre_step_callback(self, batch: int) -> int:
                    return batch * 10

        else:

            class Local(Trainer):
                def pre_step_callback(self, batch: int) -> int:
                    return batch * 20

    assert compiled(Local)().step(1) == (20 if where == 0 else 40)


def test_R46_errors_are_told_at_a_persons_own_lines():
    number = 1

    class Local(Trainer):
        callbacks = [("post-steps", note)]

    assert number
    with pytest.raises(CompileError, match=r"AC201.*post-steps") as caught:
        compiled(Local)
    finding = caught.value.findings[0]
    assert finding.place.path == os.path.abspath(__file__)
    assert '("post-steps", note)' in str(caught.value)
    assert "post-steps" in linecache.getline(__file__, finding.place.span.line)


@pytest.mark.parametrize("constant", [1])
def test_R46_lines_hold_where_constants_are_put_in(constant):
    class Local(Trainer):
        callbacks = [("post-stepz", note)]

    assert constant
    with pytest.raises(CompileError) as caught:
        compiled(Local)
    line = caught.value.findings[0].place.span.line
    assert "post-stepz" in linecache.getline(__file__, line)


def test_R46_another_class_of_the_module_with_an_error_is_no_concern():
    compiled(Logged)
    with pytest.raises(CompileError, match="post-stepp"):
        compiled(Wrong)


def test_R46_what_cannot_be_compiled_is_said():
    with pytest.raises(CompileError, match="mixin"):
        compiled(Outer)
    namespace = {"CallbackMixin": CallbackMixin, "__name__": "nowhere"}
    exec("class Gone(CallbackMixin):\n    callbacks = [('post-x', print)]", namespace)
    with pytest.raises(CompileError, match="source"):
        compiled(namespace["Gone"])
    with pytest.raises(CompileError, match="int"):
        compiled(int)
    with pytest.raises(CompileError, match=r"an object of \S*Trainer is given, not a class"):
        compiled(Trainer())
    Again = compiled(Logged)

    class Below(Again):
        pass

    with pytest.raises(CompileError, match=r"Below derives from '.*Logged', which is compiled"):
        compiled(Below)
    namespace = {"CallbackMixin": CallbackMixin, "__name__": __name__}
    exec("class Gone(CallbackMixin):\n    callbacks = [('post-x', print)]", namespace)
    with pytest.raises(CompileError, match="text"):
        compiled(namespace["Gone"])

    class Made([Trainer][0]): ...

    with pytest.raises(CompileError, match="Made has a base class that cannot be determined"):
        compiled(Made)


def test_R46_the_class_of_before_a_reload(tmp_path, monkeypatch):
    text = "import arctic_codegen\n\n\nclass Mine(arctic_codegen.CallbackMixin): ...\n"
    (tmp_path / "reloaded_r46.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("reloaded_r46")
    before = module.Mine
    importlib.reload(module)
    with pytest.raises(CompileError, match="reloaded, import the class again"):
        compiled(before)
    assert compiled(module.Mine).__arctic_source__ is module.Mine


def test_R46_objects_are_pickled_and_tracebacks_show_the_text():
    cls = compiled(Logged)
    made = pickle.loads(pickle.dumps(cls(4)))
    assert type(made) is cls
    assert copy.deepcopy(made).scale == 4
    with pytest.raises(TypeError) as caught:
        made.step("x")
    shown = "".join(traceback.format_exception(caught.value))
    assert "return batch + 1" in shown
    assert "arctic_codegen_compiled" in shown


def run(tmp_path, text, *args, **options):
    path = tmp_path / "script_r46.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return subprocess.run(
        [sys.executable, *(args or (str(path),))],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        **options,
    )


SCRIPT = """
from arctic_codegen import CallbackMixin
from arctic_codegen.testing import compiled

def log(self):
    print("log", __name__)

class Trainer(CallbackMixin):
    callbacks = [("post-epoch", log)]

    def epoch(self) -> None:
        print("epoch")

Trainer.callbacks.append(("pre-epoch", lambda self: print("later")))

if __name__ == "__main__":
    compiled(Trainer)().epoch()
"""


@pytest.mark.parametrize("args", [(), ("-m", "script_r46")])
def test_R46_a_script(tmp_path, args):
    done = run(tmp_path, SCRIPT, *args)
    assert done.stdout.splitlines() == ["later", "epoch", "log __main__"], done.stderr
    assert sorted({*os.listdir(tmp_path)} - {"__pycache__"}) == ["script_r46.py"]


def test_R46_a_notebook(monkeypatch):
    """The cells that were executed so far are the module's text."""
    import types

    cells = [
        "",
        "%matplotlib inline",
        "from arctic_codegen import CallbackMixin\nfrom arctic_codegen.testing import compiled",
        "def log(self): print('old')",
        "def log(self): self.seen = 'log'",
        "class T(CallbackMixin):\n    callbacks = [('post-epoch', log)]\n"
        "    def epoch(self) -> None: ...",
        "broken (",
        "made = compiled(T)()\nmade.epoch()",
    ]
    main = types.ModuleType("__main__")
    shell = types.SimpleNamespace(
        user_ns={"In": cells},
        input_transformer_manager=types.SimpleNamespace(
            transform_cell=lambda text: "get()\n" if text.startswith("%") else text + "\n"
        ),
    )
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    for cell in cells[2:6] + cells[7:]:
        exec(cell, main.__dict__)
    assert main.made.seen == "log"
    assert type(main.made).__arctic_source__ is main.T
