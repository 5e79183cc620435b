"""What each class itself declares: R9 to R12 and R19, including the places of findings."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from arctic_codegen.model.hosts import ClassId, ListedReach
from arctic_codegen.model.wrappers import FunctionReach, ScriptReach
from arctic_codegen.resolve.hosts.declarations import Declaration
from tests.unit.resolve.hosts_support import resolved

HEAD = """
from functools import partialmethod, singledispatchmethod
from arctic_codegen import CallbackMixin, replaces_inherited, rank_zero
class Trainer(CallbackMixin):
    def epoch(self) -> None: ...
    def step(self, batch: int) -> int: return batch
"""


def test_R12_statements_change_the_list_as_python_changes_lists():
    """Random statements, also executed on a real list."""
    pick = random.Random(3)
    functions = [f"f{number}" for number in range(30)]
    moved = 0
    for _ in range(60):
        rest = iter(functions)
        want = [next(rest) for _ in range(pick.randrange(4))]
        written = ", ".join(f"('pre-epoch', {name})" for name in want)
        lines = []
        for _ in range(pick.randrange(1, 6)):
            new = [next(rest) for _ in range(pick.randrange(3))]
            shown = ", ".join(f"('pre-epoch', {name})" for name in new)
            match pick.choice(["append", "insert", "insert", "extend", "+=", "="]):
                case "append":
                    want.append(name := next(rest))
                    lines.append(f"T.callbacks.append(('pre-epoch', {name}))")
                case "insert":
                    at = pick.randrange(-6, 7)
                    moved += 0 < at < len(want) or -len(want) < at < 0
                    want.insert(at, name := next(rest))
                    lines.append(f"T.callbacks.insert({at}, ('pre-epoch', {name}))")
                case "extend":
                    want += new
                    lines.append(f"T.callbacks.extend([{shown}])")
                case "+=":
                    want += new
                    lines.append(f"T.callbacks += [{shown}]")
                case "=":
                    want = new
                    lines.append(f"T.callbacks = [{shown}]")
        text = "\n".join(
            [
                HEAD,
                *(f"def {name}(self) -> None: ..." for name in functions),
                f"class T(Trainer):\n    callbacks = [{written}]",
                "    def pre_epoch_callback(self) -> None: ...",
                *lines,
            ]
        )
        got = resolved(text)
        assert got.findings == [], text
        assert got.order("T", "pre-epoch") == [*want, "T.pre_epoch_callback"], text
    assert moved > 5


def test_R13_an_entry_that_is_wrong_keeps_its_place():
    """Objects are found by event and name in the list (R48), with a number: it does not count."""
    got = resolved(
        HEAD
        + """
def ok(self) -> None: ...
class T(Trainer):
    callbacks = [("epoch", ok), ("pre-epoch", nope), ("pre-epoch", lambda self: None), ("x", ok)]
T.callbacks.insert(2, ("pre-epoch", ok))
T.callbacks.append(("epoch", ok))
T.callbacks.append(("pre-epoch", lambda self: None))
"""
    )
    assert got.codes == [("AC203", 9, 19), ("AC103", 9, 47), ("AC203", 9, 89), ("AC203", 11, 21)]
    assert [one.reach for one in got.callbacks("T", "pre-epoch")] == [
        FunctionReach("m", "ok"),
        ListedReach(ClassId("m", "T"), "pre-epoch", "m.T.<lambda>"),
        ListedReach(ClassId("m", "T"), "pre-epoch", "m.<lambda>"),
    ]


def test_R11_R19_methods_after_one_that_is_dropped_or_wrong_count():
    got = resolved(
        HEAD
        + """
class A(Trainer):
    def pre_epoch_callback(self) -> None: ...
    def pre_step_callback(self) -> None: ...
class B(A):
    pre_epoch_callback = None
    helper = None
    @property
    def post_epoch_callback(self) -> None: ...
    def pre_step_callback(self) -> None: ...
    def post_step_callback(self, value: int) -> int: return value
"""
    )
    assert got.codes == [("AC209", 14, 9)]
    assert got.order("B", "pre-step") == ["A.pre_step_callback", "B.pre_step_callback"]
    assert got.order("B", "post-step") == ["B.post_step_callback"]
    assert [event.label for event in got.host("B").events if event.pre or event.post] == ["step"]


@pytest.mark.parametrize(
    "binding, line, what",
    [
        ("@property\n    def post_step_callback(self): ...", 8, "a property"),
        ("@staticmethod\n    def post_step_callback(x): ...", 8, "a static method"),
        ("@classmethod\n    def post_step_callback(cls): ...", 8, "a class method"),
        ("class post_step_callback: ...", 7, "a class"),
        ("post_step_callback = partialmethod(print, 1)", 7, "a partialmethod"),
        ("post_step_callback = property(print)", 7, "a property"),
        ("post_step_callback = staticmethod(print)", 7, "a static method"),
        ("post_step_callback = classmethod(print)", 7, "a class method"),
        ("post_step_callback = singledispatchmethod(print)", 7, "a singledispatchmethod"),
        ("post_step_callback = 3", 7, "bound to no function"),
        ("x = post_step_callback = [1]", 7, "bound to no function"),
        ("x, post_step_callback = 1, 2", 7, "bound to no function"),
    ],
)
def test_R11_what_is_no_method_is_told_as_what_it_is(binding, line, what):
    text = f"{HEAD.strip()}\nclass T(Trainer):\n    {binding}\n"
    got = resolved(text)
    (finding,) = [one for one in got.findings if one.code == "AC209"]
    assert finding.message == f"the callback method 'post_step_callback' is {what}"
    assert finding.place.span.line == line
    shown = text.splitlines()[line - 1][finding.place.span.column - 1 :]
    assert shown.startswith("post_step_callback")


def related(finding):
    return [(one.place.span.line, one.place.span.column) for one in finding.related]


@pytest.mark.parametrize(
    "text, place, entry",
    [
        ('class T(Trainer):\n    callbacks = [("epoch", ok)]', (8, 19), []),
        ('cb = ("epoch", ok)\nclass T(Trainer):\n    callbacks = [cb]', (7, 7), [(9, 18)]),
        ('E = "epoch"\nclass T(Trainer):\n    callbacks = [(E, ok)]', (9, 19), []),
        ('class T(Trainer):\n    callbacks = [(\n"epoch",\nok,\n)]', (9, 1), []),
        ('class T(Trainer):\n    callbacks = [(\n\n"epoch", ok)]', (10, 1), []),
    ],
)
def test_AC203_shows_the_event_and_the_entry_that_stands_elsewhere(text, place, entry):
    got = resolved(f"{HEAD}def ok(self) -> None: ...\n{text}\n")
    (finding,) = got.findings
    assert (finding.code, finding.place.span.line, finding.place.span.column) == ("AC203", *place)
    assert related(finding) == entry


def test_AC203_says_what_may_be_meant():
    got = resolved(
        HEAD
        + """
def ok(self) -> None: ...
class T(Trainer):
    callbacks = [("pre_epoch", ok), ("epoch", ok)]
"""
    )
    assert [one.hint for one in got.findings] == [
        "write 'pre-epoch'",
        "write 'pre-' or 'post-' and the method's name",
    ]


def test_AC207_shows_where_the_trail_of_a_callback_method_ends():
    got = resolved(
        HEAD
        + """
from nowhere import gone
def ok(self) -> None: ...
def number(n): return 3
class T(Trainer):
    pre_epoch_callback = gone
    post_epoch_callback = number(1)
    if gone: pre_step_callback = ok
    def post_step_callback(self) -> None: ...
"""
    )
    found = [(one.code, one.place.span.line, related(one)) for one in got.findings]
    assert found[:3] == [
        ("AC207", 11, [(7, 21)]),
        ("AC207", 12, [(12, 27)]),
        ("AC207", 13, [(13, 14)]),
    ]


def test_R7_R11_findings_stand_where_a_class_binds_the_callback_of_another():
    got = resolved(
        HEAD
        + """
class Other:
    def log(self, x): return x
class T(Trainer):
    a, pre_epoch_callback = 1, Other.log
    post_epoch_callback = Other.log
"""
    )
    assert [(one.code, related(one)[0]) for one in got.findings] == [
        ("AC405", (11, 5)),
        ("AC401", (10, 8)),
    ]


ON_ARCTIC_TRAINING = """
from functools import partial
from arctic_training.data.factory import DataFactory
def f(self): ...
def g(self): ...
"""


def test_R10_entries_of_a_plain_list_are_known_by_what_they_show():
    """The lists of ArcticTraining are not observed: an entry is the n-th of those that look
    alike."""
    got = resolved(
        {
            "m": ON_ARCTIC_TRAINING
            + """
class T(DataFactory):
    name = "t"
    callbacks = [
        ("pre-load", lambda self: None),
        ("pre-load", f),
        ("post-load", lambda self, data: data),
        ("pre-load", lambda self: print()),
        ("pre-load", partial(f)),
    ]
T.callbacks.append(("pre-load", lambda self: None))
class U(T):
    name = "u"
    callbacks = [("pre-load", lambda self: None)]
""",
            "a": "from m import T\nT.callbacks.insert(0, ('pre-load', lambda self: None))\n",
            "z": "from m import T\nT.callbacks.append(('post-load', lambda self, data: data))\n",
        }
    )
    owner = ClassId("m", "T")
    reaches = [one.reach for one in got.callbacks("U", "pre-load")]
    assert reaches == [
        ListedReach(owner, "pre-load", "a.<lambda>", 0, 1, None, ("a",)),
        ListedReach(owner, "pre-load", "m.T.<lambda>", 0, 2, None, ()),
        FunctionReach("m", "f"),
        ListedReach(owner, "pre-load", "m.T.<lambda>", 1, 2, None, ()),
        ListedReach(owner, "pre-load", "m.f", 1, 2, None, ()),
        ListedReach(owner, "pre-load", "m.<lambda>", 0, 1, None, ()),
        ListedReach(ClassId("m", "U"), "pre-load", "m.U.<lambda>", 0, 1, None, ()),
    ]
    assert [one.reach for one in got.callbacks("T", "post-load")] == [
        ListedReach(owner, "post-load", "m.T.<lambda>", 0, 1, None, ()),
        ListedReach(owner, "post-load", "z.<lambda>", 0, 1, None, ("z",)),
    ]


def test_R10_what_a_list_of_lists_holds_is_known_by_the_list_of_the_class():
    """Its position in another list may belong to another entry by then, as may a wrapped
    callback."""
    got = resolved(
        HEAD
        + """
def f(self) -> None: ...
ENTRY = ("pre-epoch", lambda self: None)
LISTED = [("pre-epoch", lambda self: None)]
class T(Trainer):
    callbacks = [ENTRY, LISTED[0], ("pre-epoch", rank_zero(f))]
"""
    )
    plain, listed, wrapped = (one.reach for one in got.callbacks("T", "pre-epoch"))
    assert plain == FunctionReach("m", "ENTRY", (1,))
    assert isinstance(listed, ListedReach)
    assert isinstance(wrapped, ListedReach)


@pytest.mark.parametrize("function", ["m", "script", "zoo"])
def test_R12_what_a_script_imports_is_not_looked_up_in_it(function):
    got = resolved(
        {
            "m": HEAD + "def shared(self) -> None: ...\n",
            "a_far": "def shared(self) -> None: ...\n",
            "zoo": "def shared(self) -> None: ...\n",
            "script": """
import a_far, m, zoo
from arctic_codegen import rank_zero
from generated.m import Trainer
def shared(self) -> None: ...
Trainer.callbacks.append(("pre-epoch", a_far.shared))
Trainer.callbacks.append(("pre-epoch", m.shared))
Trainer.callbacks.append(("pre-epoch", zoo.shared))
Trainer.callbacks.append(("pre-epoch", shared))
Trainer.callbacks.append(("post-epoch", rank_zero(zoo.shared)))
Trainer.callbacks.append(("post-epoch", rank_zero(shared)))
""",
        }
    )
    assert [one.reach for one in got.callbacks("Trainer", "pre-epoch")] == [
        FunctionReach("a_far", "shared"),
        FunctionReach("m", "shared"),
        FunctionReach("zoo", "shared"),
        ScriptReach("script", "shared"),
    ]
    assert [one.reach for one in got.callbacks("Trainer", "post-epoch")] == [
        FunctionReach("zoo", "shared"),
        ScriptReach("script", "shared"),
    ]


def test_findings_name_entries_by_their_function_and_methods_by_their_name():
    got = resolved(
        HEAD
        + """
def halves(self, loss: int) -> int: return loss // 2
class T(Trainer):
    callbacks = [("post-step", rank_zero(halves))]
    @rank_zero
    def post_step_callback(self, loss: int) -> int: return loss // 2
"""
    )
    found = [one.message for one in got.findings if one.code == "AC701"]
    assert sorted(one.partition("changes")[0] for one in found) == [
        "the callback 'halves' ",
        "the callback 'post_step_callback' ",
    ]


def test_R47_a_callback_method_is_followed_through_super():
    got = resolved(
        HEAD
        + """
from torch import distributed as dist
class Syncs(Trainer):
    def sync(self) -> None: dist.barrier()
class T(Syncs):
    def sync(self) -> None: ...
    @rank_zero
    def post_epoch_callback(self) -> None: super().sync()
class Below(T):
    def sync(self) -> None: ...
"""
    )
    assert [code for code, _, _ in got.codes] == ["AC702"]


def test_R9_only_a_stub_of_a_protocol_is_never_run():
    got = resolved(
        HEAD
        + """
from typing import Protocol
class Stops(Protocol):
    def post_epoch_callback(self) -> None: ...
    def pre_epoch_callback(self) -> None: print("starts")
class T(Trainer, Stops): ...
"""
    )
    (event,) = (one for one in got.host("T").events if one.label == "epoch")
    assert [one.name for one in event.all_callbacks] == ["m.Stops.pre_epoch_callback"]


def test_only_a_method_has_an_owner_and_is_named_with_it():
    owner = SimpleNamespace(id=ClassId("m", "T"))
    value = SimpleNamespace(short="log")
    rest = dict.fromkeys(("declared_at", "event_place", "reach", "inner"))
    entry = Declaration("pre", "step", "entry", owner, callable=value, **rest)
    assert (entry.method_owner, entry.named) == (None, "log")
    method = Declaration("pre", "step", "method", owner, callable=value, method="m", **rest)
    assert (method.method_owner, method.named) == (owner, "T.m")
