"""Objects without a name are found in their list by event and name (R10, R48)."""

from __future__ import annotations

import functools

import pytest

from arctic_codegen import CallbackMixin, CallbacksDifferError, every, optional, rank_zero
from arctic_codegen.runtime import listed
from arctic_codegen.runtime.wrapping import unwrapped

HERE = __name__


def log(self, batch): ...


def make(n):
    def inner(self):
        return n

    return inner


def around(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


class Recorder:
    def __call__(self, obj): ...
    def record(self, obj): ...


FIRST, SECOND, OTHER = make(1), make(2), make(3)
CALLED, BOUND = Recorder(), Recorder().record
PARTIAL = functools.partial(log, batch=3)
TWICE = functools.partial(functools.partial(make(4)))
EVERY, NESTED = every(10, make(5)), rank_zero(optional(make(6)))
DECORATED = around(make(7))
LAMBDA, ANOTHER = lambda self: 1, lambda self: 2


class Trainer(CallbackMixin):
    callbacks = [
        ("post-step", FIRST),
        ("post-step", log),
        ("pre-step", OTHER),
        ("post-step", LAMBDA),
        ("post-step", SECOND),
        ("post-step", CALLED),
        ("post-step", BOUND),
        ("post-step", PARTIAL),
        ("post-step", ANOTHER),
        ("pre-epoch", TWICE),
        ("post-epoch", EVERY),
        ("pre-save", NESTED),
        ("post-save", DECORATED),
        ("post-create_model", LAMBDA),
    ]


FOUND = {
    "the first closure": ("post-step", "make.<locals>.inner", 0, 2, FIRST),
    "the second closure": ("post-step", "make.<locals>.inner", 1, 2, SECOND),
    "a closure on another event": ("pre-step", "make.<locals>.inner", 0, 1, OTHER),
    "an instance": ("post-step", "Recorder.__call__", 0, 1, CALLED),
    "a bound method": ("post-step", "Recorder.record", 0, 1, BOUND),
    "a partial beside its function": ("post-step", "log", 1, 2, PARTIAL),
    "a partial of a partial": ("pre-epoch", "make.<locals>.inner", 0, 1, TWICE),
    "one in a wrapper": ("post-epoch", "make.<locals>.inner", 0, 1, EVERY),
    "one in two wrappers": ("pre-save", "make.<locals>.inner", 0, 1, NESTED),
    "a decorated one": ("post-save", "make.<locals>.inner", 0, 1, DECORATED),
    "the second lambda": ("post-step", "<lambda>", 1, 2, ANOTHER),
    "an event in its other spelling": ("post-create-model", "<lambda>", 0, 1, LAMBDA),
}


@pytest.mark.parametrize("case", FOUND)
def test_R48_the_nth_of_a_name_is_found(case):
    event, name, nth, count, wanted = FOUND[case]
    assert listed(Trainer, event, f"{HERE}.{name}", nth, of=count) is wanted


@pytest.mark.parametrize("case", FOUND)
def test_R10_what_stands_elsewhere_in_the_list_does_not_shift_it(case):
    event, name, nth, count, wanted = FOUND[case]
    others = [(event, print), ("pre-other", FIRST), (event, Recorder.record)]
    others = [one for one in others if not (name == "Recorder.record" and one[1] is not print)]

    class Other(CallbackMixin):
        callbacks = [*others, *Trainer.callbacks, *others]

    Other.callbacks.insert(0, ("pre-other", print))
    assert listed(Other, event, f"{HERE}.{name}", nth, of=count) is wanted


def test_R10_subclasses_share_the_object():
    class Child(Trainer): ...

    assert listed(Child, "post-step", f"{HERE}.make.<locals>.inner", 1, of=2) is SECOND
    assert unwrapped(listed(Child, "pre-save", f"{HERE}.make.<locals>.inner")).__name__ == "inner"


@pytest.mark.parametrize("count", [1, 3])
def test_R48_another_number_of_them_is_an_error(count):
    name = f"{HERE}.make.<locals>.inner"
    with pytest.raises(CallbacksDifferError) as told:
        listed(Trainer, "post-step", name, of=count)
    text = str(told.value)
    assert text.startswith(
        f"{HERE}.Trainer: its list has 2 entries of 'post-step' that could be {name}, but the"
        f" build read {count}. "
    )
    assert "'arctic-codegen build'" in text
    assert "name at module level" in text
    assert told.value.name == HERE


def test_R48_one_that_cannot_be_found_is_an_error_whatever_on_stale_says(monkeypatch):
    for wish in ("warn", "ignore"):
        monkeypatch.setenv("ARCTIC_CODEGEN_ON_STALE", wish)
        with pytest.raises(
            CallbacksDifferError, match=r"its list has 0 entries of 'post-step' that could be gone"
        ):
            listed(Trainer, "post-step", "gone.<lambda>")


def test_R48_an_object_of_another_name_is_not_taken_for_it():
    class Single(CallbackMixin):
        callbacks = [("post-step", log)]

    with pytest.raises(CallbacksDifferError):
        listed(Single, "post-step", f"{HERE}.make.<locals>.inner")


def test_R10_classes_in_functions_are_read_as_if_the_function_were_not_there():
    def local(self): ...

    class Local(CallbackMixin):
        callbacks = [("post-step", local), ("pre-step", lambda self: 1), ("pre-step", make(1))]

    assert listed(Local, "post-step", f"{HERE}.local") is local
    assert listed(Local, "pre-step", f"{HERE}.Local.<lambda>") is Local.callbacks[1][1]
    assert listed(Local, "pre-step", f"{HERE}.make.<locals>.inner") is Local.callbacks[2][1]


def test_R12_what_each_module_adds_is_counted_by_itself():
    class Own(CallbackMixin):
        callbacks = [("post-step", FIRST)]

    def change(module, function):
        exec(
            "Own.callbacks.insert(0, ('post-step', function))",
            {"__name__": module, "Own": Own, "function": function},
        )

    change("proof_a", SECOND)
    change("proof_b", OTHER)
    change(HERE, TWICE)
    name = f"{HERE}.make.<locals>.inner"
    assert listed(Own, "post-step", name, by="proof_a") is SECOND
    assert listed(Own, "post-step", name, by="proof_b") is OTHER
    assert listed(Own, "post-step", name, 0, of=2) is TWICE
    assert listed(Own, "post-step", name, 1, of=2) is FIRST


def test_R48_a_class_that_nobody_watches():
    class Plain:
        callbacks = [("post-step", FIRST), ["pre-step", SECOND]]

    class Child(Plain): ...

    class Bare: ...

    name = f"{HERE}.make.<locals>.inner"
    assert listed(Plain, "pre-step", name) is SECOND
    assert listed(Child, "post-step", name) is FIRST
    with pytest.raises(CallbacksDifferError, match="its list has 0 entries"):
        listed(Bare, "post-step", name)
