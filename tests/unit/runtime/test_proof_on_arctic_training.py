"""The proof at import on ArcticTraining's mixin, whose lists are not observed (R48).

The mixin is a stub of the same name: importing the real one takes seconds.
"""

from __future__ import annotations

import sys
import types

import pytest

from arctic_codegen import CallbacksDifferError
from arctic_codegen.runtime.proof import prove_again
from tests.unit.runtime.proofs import programs, read

COMPILED = "generated.proof_main"
MIXIN = "arctic_training.callback.mixin"
MAIN = f"""
from {MIXIN} import CallbackMixin
def e(self): ...
def f(self): ...
class Base(CallbackMixin):
    callbacks = [("pre-load", e)]
    def load(self): ...
class A(Base): ...
class B(Base): ...
"""
APPEND = "A.callbacks.append(('post-load', f))\n"


@pytest.fixture
def program(tmp_path, monkeypatch):
    module = types.ModuleType(MIXIN)
    module.CallbackMixin = type("CallbackMixin", (), {"__module__": MIXIN, "callbacks": []})
    monkeypatch.setitem(sys.modules, MIXIN, module)
    with programs(tmp_path, monkeypatch) as made:
        yield made


def run(program, built, runs=None):
    program.write("proof_main", MAIN + (built if runs is None else runs))
    program.load("proof_main")
    return program.differences(
        read({"proof_main": MAIN + built, MIXIN: "class CallbackMixin:\n    callbacks = []\n"})
    )


@pytest.mark.parametrize("built", ["", APPEND, "A.callbacks += [('post-load', f)]\n"])
def test_R48_what_was_read_is_proved(program, built):
    assert run(program, built) == []


def test_R48_what_another_class_gives_to_a_shared_list_may_be_missing(program):
    assert run(program, APPEND, "") == []


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (APPEND.replace("post", "pre"), "its list has ('pre-load', proof_main.f)"),
        ("Base.callbacks.pop()\n", "proof_main.Base: the build read 'pre-load proof_main:e(self)'"),
        (f"{APPEND}{APPEND}", "proof_main.Base: its list has ('post-load', proof_main.f)"),
        ("setattr(B, 'pre_' + 'load_callback', f)\n", "proof_main.B: 'pre_load_callback'"),
        ("CallbackMixin.callbacks.append(('post-load', f))\n", f"{MIXIN}.CallbackMixin: its list"),
    ],
)
def test_R48_what_was_not_read_is_a_difference(program, runs, told):
    assert told in "\n".join(run(program, APPEND, runs))


def test_R48_the_comparison_is_repeated_once_at_the_first_object(program):
    assert run(program, "") == []
    main = sys.modules["proof_main"]
    main.Base.callbacks.append(("post-load", main.f))
    for _ in range(2):
        with pytest.raises(CallbacksDifferError, match=r"its list has \('post-load', proof_main"):
            prove_again(COMPILED)
    main.Base.callbacks.pop()
    prove_again(COMPILED)
    main.Base.callbacks.append(("post-load", main.f))
    prove_again(COMPILED)


def test_R48_a_module_that_was_not_proved_is_not_compared_again(program):
    prove_again("unknown")


COLLECTED = """
class proof_main:Base
    pre-load proof_main:e(self)
    def post_load_callback(self)
compiled Base runtime as follows = Base
    pre-load proof_main:e(self)
    post-load proof_main:f(self)
    def load(self)
"""


@pytest.mark.parametrize(
    ("collected", "told"),
    [
        ("('pre-load', e), ('post-load', f)", None),
        ("('pre-load', e), ('post-load', Base.post_load_callback), ('post-load', f)", None),
        ("('post-load', f), ('pre-load', e)", "its list is in a different order"),
        ("('pre-load', e)", "the build read 'post-load proof_main:f(self)'"),
        ("('pre-load', e), ('post-load', f), ('pre-load', f)", "its list has ('pre-load', proof"),
    ],
)
def test_R48_with_runtime_semantics_what_arctic_training_collects_is_compared(
    program, collected, told
):
    """Not the lists themselves, nor the methods that it appends at construction."""
    runs = (
        "def post_load_callback(self): ...\n"
        "Base.post_load_callback = post_load_callback\n"
        f"Base._class_callbacks = [{collected}]\n"
        "Base.callbacks = []\n"
    )
    program.write("proof_main", MAIN + runs)
    program.load("proof_main")
    found = program.differences(COLLECTED)
    assert (told or "nothing") in ("\n".join(found) or "nothing")


def test_R48_what_the_classes_of_another_output_put_into_a_shared_list_is_no_difference(program):
    """ArcticTraining's lists are shared by all projects of a process."""
    mixin = {MIXIN: "class CallbackMixin:\n    callbacks = []\n"}
    other = f"""
from {MIXIN} import CallbackMixin
def g(self): ...
class Other(CallbackMixin):
    def load(self): ...
Other.callbacks.append(("post-load", g))
"""
    assert run(program, "") == []
    program.write("proof_other", other)
    program.load("proof_other")
    text = read({"proof_main": MAIN, **mixin})
    assert len(program.differences(text)) == 1
    assert (
        program.differences(read({"proof_other": other, **mixin}, "proof_other"), "proof_other")
        == []
    )
    assert program.differences(text) == []
