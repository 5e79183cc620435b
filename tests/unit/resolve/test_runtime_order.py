"""R45: the callbacks that ArcticTraining 0.8 gives a class after later changes of lists.

The expected results are those of ``_get_all_callbacks`` of arctic-training 0.8 for these modules,
with ``n`` imported last.
"""

from __future__ import annotations

import functools

import pytest

from tests.unit.resolve.hosts_support import resolved

TEXTS = {
    "base": """
from arctic_training.data.factory import DataFactory
def one(self): ...
def two(self): ...
def three(self): ...
def four(self): ...
def five(self): ...
class Zeta(DataFactory):
    name = "zeta"
    callbacks = [("pre-load", one)]
class Without(DataFactory):
    name = "without"
class Early(Zeta):
    name = "early"
Zeta.callbacks.append(("pre-load", two))
Without.callbacks = [("pre-load", two)]
class Late(Zeta):
    name = "late"
class Given(Without):
    name = "given"
Given.callbacks = [("pre-load", three)]
Late.callbacks = [("pre-load", three)]
class Last(Late):
    name = "last"
class Zwart(Given):
    name = "zwart"
""",
    "n": """
from base import *
class Grows(Zeta):
    name = "grows"
class Sees(Grows):
    name = "sees"
Grows.callbacks.extend([("pre-load", four), ("pre-load", five)])
class Knows(Grows):
    name = "knows"
Grows.callbacks = []
class Forgets(Grows):
    name = "forgets"
""",
    "m": """
from base import *
class Alpha(Zeta):
    name = "alpha"
class Beta(Without):
    name = "beta"
class Method(DataFactory):
    name = "method"
    def pre_load_callback(self): ...
class Listed(Method):
    name = "listed"
    callbacks = [("pre-load", Method.pre_load_callback), ("pre-load", one)]
class Again(Listed):
    name = "again"
    callbacks = [("pre-load", one)]
class Renamed(Listed):
    name = "renamed"
    callbacks = [("post-load", Method.pre_load_callback)]
""",
}
WANTED = {
    ("base", "Zeta"): ["one"],
    ("base", "Without"): [],
    ("base", "Early"): ["one"],
    ("base", "Late"): ["one", "two"],
    ("base", "Given"): ["two"],
    ("base", "Last"): ["one", "two", "three"],
    ("base", "Zwart"): ["two", "three"],
    ("n", "Grows"): ["one", "two"],
    ("n", "Sees"): ["one", "two"],
    ("n", "Knows"): ["one", "two", "four", "five"],
    ("n", "Forgets"): ["one", "two"],
    ("m", "Alpha"): ["one", "two"],
    ("m", "Beta"): ["two"],
    ("m", "Method"): ["Method.pre_load_callback"],
    ("m", "Listed"): ["Method.pre_load_callback", "one"],
    ("m", "Again"): ["Method.pre_load_callback", "one"],
    ("m", "Renamed"): ["Method.pre_load_callback", "one"],
}


@functools.cache
def got(*more: tuple[str, str]):
    return resolved({**TEXTS, **dict(more)})


def pre_load(result, module, name):
    events = [event for event in result.host(name, module).events if event.label == "load"]
    return result.runtime(name, "pre-load", module) if events else []


@pytest.mark.parametrize("module, name", WANTED)
def test_R45_a_class_has_what_its_parents_lists_held_when_it_was_made(module, name):
    assert pre_load(got(), module, name) == WANTED[module, name]


def test_R45_events_are_compared_as_they_are_spelled():
    """Those of methods have dashes, so ArcticTraining runs one of these twice, and the other
    once."""
    result = resolved(
        """
from arctic_training.data.factory import DataFactory
class M(DataFactory):
    name = "m"
    def pre_create_dataloader_callback(self, dataset): return dataset
    def pre_load_callback(self): ...
class L(M):
    name = "l"
    callbacks = [
        ("pre-create_dataloader", M.pre_create_dataloader_callback),
        ("pre-load", M.pre_load_callback),
    ]
"""
    )
    assert result.runtime("L", "pre-create-dataloader") == ["M.pre_create_dataloader_callback"] * 2
    assert pre_load(result, "m", "L") == ["M.pre_load_callback"]


def test_R45_a_list_that_is_assigned_later_hides_no_inherited_one():
    result = resolved(
        """
from arctic_training.data.factory import DataFactory
def one(self): ...
def two(self): ...
class A(DataFactory):
    name = "a"
class Z(DataFactory):
    name = "z"
    callbacks = [("pre-load", one)]
class Both(A, Z):
    name = "both"
A.callbacks = [("pre-load", two)]
class Again(A, Z):
    name = "again"
"""
    )
    assert pre_load(result, "m", "Both") == ["one"]
    assert pre_load(result, "m", "Again") == ["two"]


def test_R45_what_is_added_to_an_inherited_list_is_not_seen_by_strangers():
    """ArcticTraining applies it to every class that inherits the same list."""
    result = resolved(
        """
from arctic_training.data.factory import DataFactory
def one(self): ...
class Without(DataFactory):
    name = "without"
Without.callbacks.append(("pre-load", one))
class Child(Without):
    name = "child"
class Stranger(DataFactory):
    name = "stranger"
"""
    )
    assert pre_load(result, "m", "Without") == []
    assert pre_load(result, "m", "Child") == ["one"]
    assert pre_load(result, "m", "Stranger") == []


@pytest.mark.parametrize("other", ["another", "later", "z"])
def test_R45_a_statement_of_a_third_module_comes_too_late(other):
    """But not for its subclasses."""
    text = """
from base import DataFactory, Zeta, three
class Before(Zeta):
    name = "before"
Zeta.callbacks.append(("pre-load", three))
class Behind(Zeta):
    name = "behind"
"""
    result = got((other, text))
    for module, name in WANTED:
        assert pre_load(result, module, name) == WANTED[module, name]
    assert pre_load(result, other, "Before") == ["one", "two"]
    assert pre_load(result, other, "Behind") == ["one", "two", "three"]


def test_R45_why_each_stands_where_it_stands():
    event = next(one for one in got().host("Listed", "m").events if one.label == "load")
    assert [(one.name, one.reason) for one in event.runtime_pre] == [
        ("m.Method.pre_load_callback", "an entry of the list that Listed declares"),
        ("base.one", "an entry of the list that Listed declares"),
    ]
    result = resolved(
        """
from arctic_training.data.factory import DataFactory
class A(DataFactory):
    name = "a"
    def post_load_callback(self, data): return data
class B(A):
    name = "b"
    def pre_load_callback(self): ...
class AA(B):
    name = "aa"
    def pre_load_callback(self): ...
class A0(AA):
    name = "a0"
"""
    )
    told = {}
    for name in ("B", "AA", "A0"):
        event = next(one for one in result.host(name).events if one.label == "load")
        told[name] = [one.reason for one in event.runtime_pre + event.runtime_post]
    inherited = "a callback method that is inherited from {}, in alphabetical order"
    assert told == {
        "B": ["a callback method of B, in alphabetical order", inherited.format("A")],
        "AA": ["a callback method of AA, in alphabetical order", inherited.format("A")],
        "A0": [inherited.format("AA"), inherited.format("A")],
    }


def test_R45_an_abstract_method_is_left_out_and_those_behind_it_are_not():
    result = resolved(
        """
import abc
from arctic_training.data.factory import DataFactory
class A(DataFactory):
    name = "a"
    load_path = None
    @abc.abstractmethod
    def post_load_callback(self, data): ...
    def post_process_callback(self, data): return data
    post_split_callback = None
    def pre_load_callback(self): ...
    def unrelated(self): ...
class B(A):
    name = "b"
    post_process_callback = None
"""
    )
    assert result.runtime("A", "pre-load") == ["A.pre_load_callback"]
    assert result.runtime("A", "post-load") == []
    assert result.runtime("A", "post-process") == ["A.post_process_callback"]
    assert result.runtime("B", "pre-load") == ["A.pre_load_callback"]
    assert [e.label for e in result.host("B").events if e.runtime_pre or e.runtime_post] == [
        "init",
        "load",
    ]


def test_R45_each_callback_says_why_it_stands_where_it_stands():
    result = resolved(
        """
from arctic_training.data.factory import DataFactory
def one(self): ...
class A(DataFactory):
    name = "a"
    callbacks = [("pre-load", one)]
    def pre_load_callback(self): ...
class B(A):
    name = "b"
    def pre_load_b_callback(self): ...
    def post_load_callback(self, dataset): return dataset
"""
    )
    (event,) = (one for one in result.host("B").events if one.label == "load")
    assert [one.reason for one in event.runtime_pre] == [
        "an entry of the list that A declares",
        "a callback method that is inherited from A, in alphabetical order",
    ]
    assert [one.reason for one in event.runtime_post] == [
        "a callback method of B, in alphabetical order"
    ]
