"""R5 to R8: events, and methods that are not events."""

from __future__ import annotations

import pytest

from arctic_codegen.resolve.hosts.events import (
    EventString,
    read_event,
    read_method_name,
    repaired_event,
)
from tests.unit.resolve.hosts_support import resolved

HEAD = """
import abc
from typing import final, overload
from functools import cached_property, partialmethod
from arctic_codegen import CallbackMixin

def ok(self) -> None: ...

class Other:
    def loss(self, batch: int) -> float: return 0.0

class Trainer(CallbackMixin):
    def step(self, batch: int) -> int: return batch
    def create_dataloader(self) -> None: ...
    async def fetch(self) -> None: ...
    def items(self):
        yield 1
    @property
    def prop(self) -> int: return 1
    @prop.setter
    def prop(self, value: int) -> None: ...
    @cached_property
    def cached(self) -> int: return 1
    @staticmethod
    def static() -> None: ...
    @classmethod
    def klass(cls) -> None: ...
    @final
    def sealed(self) -> None: ...
    class Inner: ...
    attr = 3
    half = partialmethod(step, 1)
    loss = Other.loss
    _Trainer__private = 3
    def outer(self) -> None:
        def inner(self) -> None: ...
    def __hidden(self) -> None: ...
    def pre_step_callback(self) -> None: ...
"""


def test_R5_event_strings():
    assert read_event("pre-create-model") == EventString("pre", "create_model")
    assert read_event("post-create_model") == EventString("post", "create_model")
    assert read_event("pre_step") is None
    assert read_event("post-") is None
    assert read_event("Pre-step") is None
    assert repaired_event("pre_step") == "pre-step"
    assert repaired_event("after step") == "post-step"
    assert repaired_event("on_train_end") == "post-train"
    assert repaired_event("on_step_begin") == "pre-step"
    assert repaired_event("on_log") == "post-log"
    assert repaired_event("step") is None


def test_R11_names_of_callback_methods():
    assert read_method_name("pre_create_model_callback") == EventString("pre", "create_model")
    for name in ("_pre_step_callback", "pre_step_callback_helper", "pre_callback"):
        assert read_method_name(name) is None


def test_R7_events_of_a_class():
    got = resolved(HEAD)
    assert got.findings == []
    assert [event.label for event in got.host("Trainer").events] == [
        "-Trainer--hidden",
        "create-dataloader",
        "fetch",
        "init",
        "items",
        "loss",
        "outer",
        "step",
    ]
    got = resolved(f"{HEAD}    callbacks = [('post-fetch', ok), ('pre-items', ok)]")
    assert got.method("Trainer", "fetch").is_async
    assert got.method("Trainer", "items").generator == "sync"


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("prop", "a property"),
        ("cached", "a property"),
        ("static", "a static method"),
        ("klass", "a class method"),
        ("sealed", "marked @final"),
        ("Inner", "a class"),
        ("attr", "a plain attribute"),
        ("half", "a partialmethod"),
        ("inner", "a function inside the method 'outer'"),
        ("__repr__", "a special method"),
        ("pre_step_callback", "a callback method"),
        ("callbacks", "a plain attribute"),
    ],
)
def test_R7_naming_what_is_no_method_says_what_it_is(event, what):
    got = resolved(HEAD + f"\nclass T(Trainer):\n    callbacks = [('post-{event}', ok)]\n")
    assert [(one.code, what in one.message) for one in got.findings] == [("AC202", True)]


def test_R8_an_unknown_event_names_the_closest_of_the_class():
    got = resolved(HEAD + "\nclass T(Trainer):\n    callbacks = [('pre-stp', ok)]\n")
    (finding,) = got.findings
    assert finding.code == "AC201"
    assert finding.hint == "did you mean 'pre-step'?"


def test_R8_one_finding_for_a_declaration_that_many_classes_inherit():
    got = resolved(
        HEAD
        + """
class T(Trainer):
    callbacks = [("pre-stp", ok)]
    def post_epch_callback(self) -> None: ...
class U(T): ...
class V(T):
    def stp(self) -> None: ...
"""
    )
    assert [(one.code, one.message) for one in got.findings] == [
        ("AC201", "'pre-stp' names no method of 'T'"),
        ("AC201", "'post-epch' names no method of 'T'"),
    ]


def test_R8_each_event_of_a_callback_object_is_looked_for():
    got = resolved(
        HEAD.replace("import", "from arctic_codegen.callbacks import Callback\nimport", 1)
        + """
class Show(Callback):
    def post_steps(self, t) -> None: ...
    def pre_stop(self, t) -> None: ...
class T(Trainer):
    callbacks = [*Show()]
class U(T): ...
"""
    )
    assert [one.message for one in got.findings] == [
        "'post-steps' names no method of 'T'",
        "'pre-stop' names no method of 'T'",
    ]


def test_R8_an_abstract_class_may_name_what_only_subclasses_define():
    text = (
        HEAD
        + """
class Base(CallbackMixin, abc.ABC):
    callbacks = [("pre-run", ok)]
    @abc.abstractmethod
    def other(self) -> None: ...
"""
    )
    assert resolved(text).findings == []
    good = "\nclass T(Base):\n    def other(self) -> None: ...\n    def run(self) -> None: ...\n"
    got = resolved(text + good)
    assert got.findings == []
    assert got.order("T", "pre-run") == ["ok"]
    bad = resolved(text + "\nclass T(Base):\n    def other(self) -> None: ...\n")
    assert [one.code for one in bad.findings] == ["AC201"]
    assert not bad.host("Base").compiled


def test_R7_a_name_bound_to_another_class_s_method_is_an_event():
    got = resolved(HEAD + "\nclass T(Trainer):\n    callbacks = [('pre-loss', ok)]\n")
    assert got.findings == []
    method = got.method("T", "loss")
    assert (method.name, method.defined_in.name) == ("loss", "Trainer")
    assert [param.name for param in method.params] == ["self", "batch"]


def test_final_class_with_callbacks():
    got = resolved(HEAD + "\n@final\nclass T(Trainer):\n    callbacks = [('pre-step', ok)]\n")
    assert [one.code for one in got.findings] == ["AC202"]
    assert not got.host("T").compiled


def test_R7_decorators_in_any_order_and_overloads():
    got = resolved(
        """
import abc
from typing import overload
import functools
from arctic_codegen import CallbackMixin

def noisy(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        return fn(*args, **kwargs)
    return inner

class T(CallbackMixin):
    callbacks = [("pre-run", lambda self: None), ("pre-over", lambda self: None)]
    @noisy
    def run(self, batch: int) -> int: return batch
    @overload
    def over(self, x: int) -> int: ...
    @overload
    def over(self, x: str) -> str: ...
    def over(self, x): return x
"""
    )
    assert got.findings == []
    assert [p.name for p in got.method("T", "run").params] == ["self", "batch"]
    assert len(got.method("T", "over").overloads) == 2


def test_R8_a_private_method_is_no_guess_for_a_misspelt_event():
    found = resolved(
        {
            "m": """
            from arctic_codegen import CallbackMixin
            class T(CallbackMixin):
                def evaluate(self) -> None: ...
                def _evaluation(self) -> None: ...
                def post_eavluate_callback(self) -> None: ...
            """
        }
    )
    (finding,) = [one for one in found.findings if one.code == "AC201"]
    assert finding.hint == "did you mean 'post_evaluate_callback'?"
