"""What the classes of an MRO declare, for the proof at import (R48)."""

from __future__ import annotations

from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.wrappers import FunctionReach, ScriptReach, Wrapper
from tests.unit.resolve.hosts_support import resolved

HEAD = """
from functools import partial
from arctic_codegen import CallbackMixin, every, optional
def f(self): ...
def g(self, *rest): ...
"""


def contributions(text, name="T", **others):
    got = resolved({"m": HEAD + text, **others})
    return got.host(name).contributions


def shown(found):
    """``class: events of entries / methods`` of each contribution."""
    return [
        f"{one.owner.name}: {' '.join(entry.event for entry in one.entries)} / "
        + " ".join(made if isinstance(made, str) else made.event for made in one.methods)
        for one in found
    ]


def test_R48_classes_that_declare_something_come_root_first():
    found = contributions(
        """
class Plain:
    callbacks = [("post-step", f)]
class Bare: ...
class Base(CallbackMixin):
    callbacks = [("pre-step", f)]
    def step(self): ...
    def pre_step_callback(self): ...
class Middle(Base): ...
class T(Bare, Middle, Plain):
    def post_step_callback(self): ...
"""
    )
    assert shown(found) == [
        "Plain: post-step / ",
        "Base: pre-step / pre_step_callback",
        "T:  / post_step_callback",
    ]


def test_R48_the_module_that_gives_a_class_its_list_is_told_and_no_other():
    found = contributions(
        "class T(CallbackMixin):\n    def step(self): ...\n    callbacks = [('pre-step', f)]\n",
        a="import m\nm.T.callbacks = [('post-step', m.f)]\n",
        b="import m\nm.T.callbacks.append(('post-step', m.g))\n",
    )
    assert [one.assigned_by for one in found] == ["a"]
    found = contributions(
        "class T(CallbackMixin):\n    def step(self): ...\n    callbacks = [('pre-step', f)]\n",
        a="import m\nm.T.callbacks.extend([('post-step', m.f)])\n",
    )
    assert [one.assigned_by for one in found] == [None]


def test_R48_methods_stand_in_the_order_of_the_body_and_none_is_told():
    found = contributions(
        """
class Base(CallbackMixin):
    def step(self): ...
    def post_step_callback(self): ...
class T(Base):
    async def run(self): ...
    async def pre_run_callback(self): ...
    helper = None
    post_step_callback = None
    pre_step_callback = f
    def pre_step_callback_helper(self): ...
    post_run_callback = g
"""
    )
    (_, own) = found
    assert [made if isinstance(made, str) else made.event for made in own.methods] == [
        "pre_run_callback",
        "post_step_callback",
        "pre_step_callback",
        "post_run_callback",
    ]
    assert own.methods[0].is_async
    assert own.methods[0].params == ("self",)
    assert own.methods[3].params is None, "with *args it does not say"


def test_R48_entries_tell_how_their_objects_are_named():
    (own,) = contributions(
        """
def make(): return lambda self: None
PAIR = ("pre-step", lambda self: None)
NAMED = make()
class T(CallbackMixin):
    callbacks = [
        ("pre-step", f), ("pre-step", partial(f)), PAIR, ("pre_" "step".join(["pre-", ""]), f),
        ("pre-step", make()), ("pre-step", NAMED), ("pre-step", every(3, optional(f))),
    ]
    def step(self): ...
""".replace(' ("pre_" "step".join(["pre-", ""]), f),', "")
    )
    assert [(one.name, one.reach) for one in own.entries] == [
        ("m.f", FunctionReach("m", "f")),
        ("m.f", None),
        ("m.<lambda>", FunctionReach("m", "PAIR", (1,))),
        ("m.make.<locals>.<lambda>", None),
        ("m.make.<locals>.<lambda>", FunctionReach("m", "NAMED")),
        ("m.f", None),
    ]
    assert own.entries[-1].inner == FunctionReach("m", "f")
    assert own.entries[-1].wrappers == (Wrapper("every", 3), Wrapper("optional"))


def test_R48_lambdas_of_one_scope_are_numbered_by_their_places():
    (own,) = contributions(
        """
A = lambda self: None
class T(CallbackMixin):
    callbacks = [
        ("pre-step", lambda self: 1), ("post-step", lambda self: 2),
        *[("pre-step", lambda self: 3) for _ in (1, 2)],
    ]
    def step(self): ...
T.callbacks.insert(0, ("pre-step", lambda self: 4))
"""
    )
    found = [(one.name, one.lambda_number) for one in own.entries]
    assert found == [
        ("m.<lambda>", 0),
        ("m.T.<lambda>", 1),
        ("m.T.<lambda>", 2),
        ("m.T.<lambda>", 3),
        ("m.T.<lambda>", 3),
    ]


def test_R12_entries_tell_which_module_adds_them():
    got = resolved(
        {
            "m": HEAD
            + """
class T(CallbackMixin):
    callbacks = [("pre-step", f)]
    def step(self): ...
T.callbacks.append(("post-step", f))
if __name__ == "__main__":
    T.callbacks.append(("post-step", g))
""",
            "a": "from m import T, f\nT.callbacks.insert(0, ('pre-step', f))\n",
            "script": "from generated.m import T\ndef h(self): ...\n"
            "T.callbacks.append(('pre-step', h))\nT.callbacks.append(('pre-step', lambda s: 1))\n",
            "generated.m": "class T: ...\n",
        }
    )
    (own,) = got.host("T").contributions
    told = [(one.event, one.name, one.added_by, one.may_be_missing) for one in own.entries]
    assert sorted(told, key=str) == sorted(
        [
            ("pre-step", "m.f", "a", False),
            ("pre-step", "m.f", None, False),
            ("post-step", "m.f", "m", False),
            ("post-step", "m.g", "m", True),
            ("pre-step", "script.h", "script", False),
            ("pre-step", "script.<lambda>", "script", False),
        ],
        key=str,
    )
    assert ScriptReach("script", "h") in [one.reach for one in own.entries]


def test_R12_an_assigned_list_is_that_of_the_module_that_assigns_it():
    (own,) = contributions(
        """
class T(CallbackMixin):
    callbacks = [("pre-step", f)]
    def step(self): ...
""",
        a="from m import T, f\nT.callbacks = [('post-step', f)]\n",
    )
    assert own.assigned_by == "a"
    assert [(one.event, one.added_by) for one in own.entries] == [("post-step", "a")]


def test_R48_a_class_with_findings_is_read_in_part():
    (own,) = contributions(
        """
class T(CallbackMixin):
    callbacks = [("pre-step", f), ("pre-step", {}["x"])]
    def step(self): ...
"""
    )
    assert own.partial
    assert [one.event for one in own.entries] == ["pre-step"]
    (clean,) = contributions("class T(CallbackMixin):\n    def pre_init_callback(self): ...\n")
    assert not clean.partial


ON_ARCTIC_TRAINING = """
from arctic_training.callback.mixin import CallbackMixin as Mixin
class Base(Mixin):
    callbacks = [("pre-load", f)]
    def load(self): ...
class T(Base): ...
class Listed(Base):
    callbacks = [("pre-load", f)]
T.callbacks.append(("post-load", f))
Listed.callbacks.append(("post-load", f))
"""


def test_R48_what_is_added_to_a_shared_list_may_be_missing():
    """On ArcticTraining, a class without its own list changes the one that it inherits."""
    got = resolved({"m": HEAD + ON_ARCTIC_TRAINING})

    def told(name):
        return {
            one.owner.name: [(e.event, e.added_by, e.may_be_missing) for e in one.entries]
            for one in got.host(name).contributions
            if one.owner.module == "m"
        }

    landed = [("pre-load", None, False), ("post-load", "m", True)]
    assert told("Base") == {"Base": landed}
    assert told("T")["Base"] == landed
    assert told("T")["T"] == [("post-load", "m", True)]
    assert told("Listed")["Listed"] == [("pre-load", None, False), ("post-load", "m", False)]


def test_R48_on_our_mixin_each_class_keeps_what_it_is_given():
    found = contributions(
        """
class Base(CallbackMixin):
    callbacks = [("pre-step", f)]
    def step(self): ...
class T(Base): ...
T.callbacks.append(("post-step", f))
"""
    )
    assert [one.owner for one in found] == [ClassId("m", "Base"), ClassId("m", "T")]
    assert shown(found) == ["Base: pre-step / ", "T: post-step / "]
    assert not found[1].entries[0].may_be_missing
