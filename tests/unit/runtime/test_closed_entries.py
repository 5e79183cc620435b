"""R34: the closed list of a compiled class is filled from the classes of its source."""

from __future__ import annotations

import pytest

from arctic_codegen import CallbackMixin, ClosedCallbacksError
from arctic_codegen.runtime import closed
from arctic_codegen.runtime.closed_entries import unread


class Recorder:
    def record(self, obj): ...


RECORDER = Recorder()


def log(self): ...
def other(self): ...


def entries(cls):
    return [(event, fn.__name__) for event, fn in closed(cls)]


class Base(CallbackMixin):
    callbacks = [("pre-step", log), ("pre-step", log)]


def test_R15_the_lists_of_all_classes_root_first():
    class Plain:
        callbacks = (("post-step", other),)

    class Left(Base):
        callbacks = [("post-load", log)]

    class Both(Plain, Left):
        callbacks = [("post-save", log)]

    assert entries(Both) == [
        ("pre-step", "log"), ("pre-step", "log"), ("post-load", "log"), ("post-step", "other"),
        ("post-save", "log"),
    ]  # fmt: skip
    assert closed(Both)[-1] is Both.callbacks[-1]


def test_R34_without_entries_it_is_empty():
    class Bare(CallbackMixin): ...

    assert entries(Bare) == []


def test_R16_what_another_class_has_is_not_repeated():
    class Child(Base):
        callbacks = [*Base.callbacks, ("post-step", log), ("pre-step", other), ("pre-step", log)]

    assert entries(Child) == [
        ("pre-step", "log"), ("pre-step", "log"), ("post-step", "log"), ("pre-step", "other"),
    ]  # fmt: skip


def test_R16_a_bound_method_is_the_same_for_one_object():
    class Parent(CallbackMixin):
        callbacks = [("post-step", RECORDER.record)]

    class Child(Parent):
        callbacks = [("post-step", RECORDER.record), ("post-step", Recorder().record)]

    assert [fn.__self__ is RECORDER for _, fn in closed(Child)] == [True, False]


def test_R34_it_refuses_changes():
    class Compiled(Base):
        __arctic_source__ = Base
        callbacks = closed(Base)

    Compiled.callbacks.append(("pre-step", log))
    with pytest.raises(ClosedCallbacksError, match="Compiled are fixed at build time"):
        Compiled.callbacks.append(("pre-step", other))


def test_R48_what_no_build_has_read_is_left_out(monkeypatch):
    entry = Base.callbacks[0]
    monkeypatch.setitem(unread, id(entry), entry)
    assert entries(Base) == [("pre-step", "log")]
