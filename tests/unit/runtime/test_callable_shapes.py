"""The properties of callables, and how the text of the proof describes them (R48)."""

from __future__ import annotations

import functools
import sys
import types

import pytest

from arctic_codegen.runtime.callable_shapes import (
    aliases_of,
    has_name,
    layers,
    place,
)
from arctic_codegen.runtime.module_names import is_file, is_module, is_unfinished, module_of
from arctic_codegen.runtime.proof_text import parse
from arctic_codegen.runtime.wrapping import name_of

HERE = __name__


def plain(self, batch, *, loss=None): ...


def positional(self, batch, /, loss): ...


async def later(self): ...


def variadic(self, *args): ...


def keywords(self, **options): ...


def around(function):
    @functools.wraps(function)
    def wrapper(self, item):
        return function(self, item)

    return wrapper


class Recorder:
    def __call__(self, obj, batch): ...
    def record(self, obj): ...

    @staticmethod
    def static(obj): ...

    @classmethod
    def of_class(cls, obj): ...


class CalledStatic:
    @staticmethod
    def __call__(obj, batch): ...


class CalledOfClass:
    @classmethod
    def __call__(cls, obj, batch): ...


class CalledOfClassBelow(CalledOfClass): ...


class Later:
    async def __call__(self, obj): ...


SHAPES = {
    "a function": (plain, [("self", "batch", "loss")]),
    "positional-only": (positional, [("self", "batch", "loss")]),
    "a lambda": (lambda self, x=1: x, [("self", "x")]),
    "a coroutine": (later, [("self",)]),
    "with *args": (variadic, [None]),
    "with **options": (keywords, [None]),
    "a partial by keyword": (functools.partial(plain, batch=1), [("self", "loss")]),
    "a partial by position": (functools.partial(plain, 1), [("batch", "loss")]),
    "a partial of a partial": (
        functools.partial(functools.partial(plain, loss=1), batch=2),
        [("self",)],
    ),
    "an object whose '__call__' is a static method": (CalledStatic(), [("obj", "batch")]),
    "an object whose '__call__' is a class method": (CalledOfClassBelow(), [("obj", "batch")]),
    "a bound method": (Recorder().record, [("obj",)]),
    "a partial of a bound method": (functools.partial(Recorder().record, obj=1), [()]),
    "a function of a class": (Recorder.record, [("self", "obj")]),
    "a static method": (Recorder.static, [("obj",)]),
    "a static method as the class has it": (vars(Recorder)["static"], [("obj",)]),
    "a class method": (Recorder.of_class, [("obj",)]),
    "an instance": (Recorder(), [("obj", "batch")]),
    "a decorated function": (around(plain), [("self", "item"), ("self", "batch", "loss")]),
    "a builtin": (print, [None]),
    "a class": (Recorder, [None]),
    "nothing": (None, []),
    "no callable": (3, [None]),
}


@pytest.mark.parametrize("case", SHAPES)
def test_R48_the_parameters_that_a_caller_may_pass(case):
    fn, wanted = SHAPES[case]
    assert [layer.params() for layer in layers(fn)] == wanted


@pytest.mark.parametrize(
    ("fn", "wanted"),
    [(later, [True]), (plain, [False]), (Later(), [True]), (print, [False]),
     (around(later), [False, True]), (functools.partial(later), [True])],
)  # fmt: skip
def test_R48_whether_something_is_async(fn, wanted):
    assert [layer.is_async() for layer in layers(fn)] == wanted


def test_layers_that_stand_around_each_other_end():
    def one(self): ...

    def other(self): ...

    one.__wrapped__, other.__wrapped__ = other, one
    assert len(list(layers(one))) == 2


NAMES = {
    "plain": plain,
    "around.<locals>.wrapper": around(plain),
    "Recorder.record": Recorder().record,
    "Recorder.__call__": Recorder(),
    "Recorder.static": Recorder.static,
    "later": functools.partial(later),
}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code has no name before Python 3.11")
@pytest.mark.parametrize("name", NAMES)
def test_R48_a_callable_has_the_names_of_its_definitions(name):
    assert has_name(NAMES[name], f"{HERE}.{name}")
    assert not has_name(NAMES[name], f"{HERE}.other")
    assert not has_name(NAMES[name], f"other.{name}")


def test_R48_a_decorated_function_has_the_name_that_it_carries():
    assert has_name(around(plain), f"{HERE}.plain")
    assert name_of(around(plain)) == f"{HERE}.plain"


def test_R48_names_of_callables_without_a_definition():
    assert name_of(print) == "builtins.print"
    assert name_of(functools.partial(plain)) == f"{HERE}.plain"


def test_R48_an_instance_is_shown_with_its_module():
    assert name_of(Recorder()) == f"{HERE}.Recorder.__call__"


def test_R48_comprehensions_do_not_count_in_names():
    """Before Python 3.12 they are separate functions."""
    (made,) = [lambda self: None for _ in "a"]
    assert has_name(made, f"{HERE}.test_R48_comprehensions_do_not_count_in_names.<locals>.<lambda>")


def test_R48_the_place_is_that_of_the_innermost_definition():
    line = plain.__code__.co_firstlineno
    assert place(around(plain)) == f" ({__file__}:{line})"
    assert place(functools.partial(plain)) == f" ({__file__}:{line})"
    assert place(Recorder()) == f" ({__file__}:{Recorder.__call__.__code__.co_firstlineno})"
    assert place(print) == ""


def test_R48_classes_in_functions_have_the_names_of_classes_at_module_level():
    class Local: ...

    start = "test_R48_classes_in_functions_have_the_names_of_classes_at_module_level.<locals>."
    assert (f"{HERE}.{start}", f"{HERE}.") in aliases_of(Local, HERE)
    assert list(aliases_of(Recorder, HERE)) == []
    assert list(aliases_of(Recorder, "app.main")) == [(f"{HERE}.", "app.main.")]


TEXT = """
class app.base:Trainer
    pre-loss app.callbacks:crop(self, batch)
    post-loss app.callbacks:LOGS[0][1](self, loss)
    post-loss app.callbacks.clip.<locals>.limit(self, loss) in every(10), optional
    post-loss async app.base.Trainer.<lambda>#2(self)
    [app.more] post-create_model app.more:log
    [app.main?] pre-loss app.main:log()
    def post_epoch_callback(self)
    post_step_callback = None
    async def pre_save_callback
class app.base:Other assigned in app.more
    pre-loss app.base:crop(self)
class app.third:Trainer in part
compiled TrainerB = app.base:Trainer, Other
    def loss(self, batch)
    async def save
compiled Outer.Inner runtime as follows = Other
    pre-loss app.base:lay(self)
compiled Same runtime = app.base:Trainer, Other
compiled Empty =
"""


def test_R48_the_text_of_the_proof():
    contributions, (first, second, same, third) = parse(TEXT, "app.base")
    assert list(contributions) == ["app.base:Trainer", "app.base:Other", "app.third:Trainer"]
    trainer, other, part = contributions.values()
    assert [one.event for one in trainer.entries] == [
        "pre-loss", "post-loss", "post-loss", "post-loss", "post-create_model", "pre-loss"
    ]  # fmt: skip
    assert [one.params for one in trainer.entries] == [
        ("self", "batch"), ("self", "loss"), ("self", "loss"), ("self",), None, ()
    ]  # fmt: skip
    assert [one.wrappers for one in trainer.entries[1:3]] == [(), ("every(10)", "optional")]
    assert [one.is_async for one in trainer.entries] == [False] * 3 + [True] + [False] * 2
    assert [one.lambda_number for one in trainer.entries] == [0, 0, 0, 2, 0, 0]
    assert [(one.module, one.maybe) for one in trainer.entries[3:]] == [
        (None, False), ("app.more", False), ("app.main", True)
    ]  # fmt: skip
    assert trainer.entries[2].name == "app.callbacks.clip.<locals>.limit"
    assert trainer.entries[2].shown == TEXT.splitlines()[4].strip()
    assert list(trainer.methods) == [
        "post_epoch_callback", "post_step_callback", "pre_save_callback"
    ]  # fmt: skip
    assert trainer.methods["post_epoch_callback"].params == ("self",)
    assert trainer.methods["post_step_callback"] is None
    assert trainer.methods["pre_save_callback"].params is None
    assert trainer.methods["pre_save_callback"].is_async
    assert (trainer.assigned, other.assigned, part.assigned) == (None, "app.more", None)
    assert (trainer.partial, other.partial, part.partial) == (False, False, True)
    assert first.source == "app.base:TrainerB"
    assert first.contributors == ["app.base:Trainer", "app.base:Other"]
    assert [(one.params, one.is_async) for one in first.events.values()] == [
        (("self", "batch"), False), (None, True)
    ]  # fmt: skip
    assert first.collected is None
    assert second.source == "app.base:Outer.Inner"
    assert [one.name for one in second.collected] == ["app.base.lay"]
    assert same.collected == [*trainer.entries, *other.entries]
    assert (third.source, third.contributors) == ("app.base:Empty", [])


def test_R48_a_text_without_anything():
    assert parse("", "app.base") == ({}, [])


def test_R48_which_module_is_meant(monkeypatch, tmp_path):
    assert module_of({"__name__": "app.train"}) == "app.train"
    assert module_of({"__name__": "__main__", "__spec__": None}) == "__main__"
    spec = types.SimpleNamespace(name="app.train")
    assert module_of({"__name__": "__main__", "__spec__": spec}) == "app.train"
    assert module_of({}) == ""
    main = types.ModuleType("__main__")
    main.__file__ = str(tmp_path / "app" / "train.py")
    main.__spec__ = None
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert is_module("app.train", "app.train")
    assert is_module("__main__", "app.train")
    assert is_module("__main__", "train")
    assert is_module("__main__", "__main__")
    assert not is_module("__main__", "app.other")
    assert not is_module("app.other", "app.train")
    assert not is_module(None, "app.train")
    assert is_unfinished("app.train"), "it is the main program"
    main.__spec__ = types.SimpleNamespace(name="app.main")
    assert is_module("app.main", "__main__")
    assert is_unfinished("app.main")
    assert is_unfinished("app.nowhere")
    assert not is_unfinished("sys")


def test_R48_a_package_that_runs_as_the_main_program_is_its_main_module(monkeypatch, tmp_path):
    main = types.ModuleType("__main__")
    main.__file__ = str(tmp_path / "app" / "__main__.py")
    main.__spec__ = None
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert is_module("__main__", "app.__main__")
    assert not is_module("__main__", "app")


def test_R48_files_are_known_by_their_tail(tmp_path):
    path = str(tmp_path / "app" / "train.py")
    assert is_file(path, "app/train.py")
    assert is_file(path, "../app\\train.py")
    assert not is_file(path, "other/train.py")
    assert not is_file(path, "rain.py")
    assert not is_file(None, "app/train.py")
