"""Host classes themselves, access to their callbacks, and properties of whole classes."""

from __future__ import annotations

import inspect
import random
from collections import Counter

from arctic_codegen.model.hosts import ClassId, ListedReach, MethodReach
from arctic_codegen.model.text import Ref
from arctic_codegen.model.wrappers import FunctionReach, ScriptReach
from tests.unit.resolve.hosts_support import resolved

HEAD = """
import abc
from typing import Generic, Optional, Protocol, TypeVar, Union
from arctic_codegen import CallbackMixin
from helpers import imported

def ok(self) -> None: ...
NAMED = 3
class Trainer(CallbackMixin):
    def step(self, batch: int) -> int: return batch
"""
HELPERS = {"helpers": "def imported(): ...\n"}


def test_a_class_that_only_looks_like_a_host_is_none():
    got = resolved(
        """
class CallbackMixin: ...
class T(CallbackMixin):
    callbacks = [1, 2]
"""
    )
    assert got.resolution.hosts == ()
    assert got.resolution.findings == ()


def test_hosts_are_sorted_and_parents_in_other_modules_are_not_requested():
    got = resolved(
        {"base": HEAD, "m": "from base import Trainer\nclass T(Trainer): ...\n", **HELPERS}, "m"
    )
    assert [(host.id, host.requested) for host in got.resolution.hosts] == [
        (ClassId("base", "Trainer"), False),
        (ClassId("m", "T"), True),
    ]
    assert [one.module for one in got.resolution.reads] == ["m"]
    assert "base" in {read.module for read in got.resolution.reads[0].reads}


def test_abstract_and_protocol_classes_are_not_compiled():
    got = resolved(
        {
            "m": HEAD
            + """
class A(Trainer, abc.ABC):
    @property
    @abc.abstractmethod
    def p(self) -> int: ...
class B(A):
    p = 3
class C(Trainer):
    @abc.abstractmethod
    def q(self) -> None: ...
class D(A): ...
class Taken(Trainer):
    p = A.p
class E(Taken, B): ...
class F(Taken, D): ...
""",
            **HELPERS,
        }
    )
    compiled = {host.id.name: host.compiled for host in got.resolution.hosts}
    abstract = {name for name, is_compiled in compiled.items() if not is_compiled}
    assert abstract == {"A", "D", "F"}


def test_classes_are_abstract_where_python_says_so():
    """Also if plain classes implement abstract methods. Random classes, also created by Python."""
    pick, seen = random.Random(5), Counter()
    for _ in range(80):
        lines = ["class T0(Trainer, abc.ABC):", "    @abc.abstractmethod", "    def m(self): ..."]
        lines.append("class T1(Trainer): m = T0.m")
        for number in range(2, 9):
            bases = pick.sample(range(number), k=pick.choice([1, 2, 2]))
            lines.append(f"class T{number}({', '.join(f'T{one}' for one in bases)}):")
            match pick.choice(["abstract", "concrete", "taken", "taken", "nothing"]):
                case "abstract":
                    lines += ["    @abc.abstractmethod", "    def m(self): ..."]
                case "concrete":
                    lines.append("    def m(self): return 1")
                case "taken":
                    lines.append("    m = T0.m")
                case "nothing":
                    lines.append("    x = 1")
        text = "import abc\nfrom arctic_codegen import CallbackMixin\n"
        text += "class Trainer(CallbackMixin): ...\n" + "\n".join(lines) + "\n"
        made: dict[str, object] = {"__name__": "m"}
        try:
            exec(compile(text, "m.py", "exec"), made)
        except TypeError:
            continue  # no order of the bases
        compiled = {host.id.name: host.compiled for host in resolved(text).resolution.hosts}
        for name, is_compiled in compiled.items():
            assert is_compiled != inspect.isabstract(made[name]), f"{name} of\n{text}"
            seen[is_compiled] += 1
    assert min(seen.values()) > 20, seen


def test_R10_how_each_callable_is_reached():
    got = resolved(
        {
            "m": HEAD
            + """
from functools import partial
cb = ("pre-step", lambda self: imported())
class T(Trainer):
    callbacks = [
        ("pre-step", ok),
        ("pre-step", partial(ok)),
        cb,
    ]
    def pre_step_callback(self) -> None: ...
T.callbacks.append(("pre-step", lambda self: imported()))
""",
            **HELPERS,
        }
    )
    assert got.findings == []
    reaches = [one.reach for one in got.callbacks("T", "pre-step")]
    assert reaches == [
        FunctionReach("m", "ok"),
        ListedReach(ClassId("m", "T"), "pre-step", "m.ok", 1, 2),
        FunctionReach("m", "cb", (1,)),
        ListedReach(ClassId("m", "T"), "pre-step", "m.<lambda>", 1, 2, None, ()),
        MethodReach(ClassId("m", "T"), "pre_step_callback"),
    ]


def test_R29_which_lambdas_are_lifted():
    got = resolved(
        {
            "m": HEAD
            + """
class T(Trainer):
    callbacks = [
        ("pre-step", lambda self: print(NAMED)),
        ("pre-step", lambda self: imported()),
        ("pre-step", lambda self, batch=1: batch),
        ("pre-step", lambda self: ok(self) or len([x for x in ()])),
        ("pre-step", lambda self: print(vars())),
        ("pre-step", lambda self: print(__class__)),
        ("pre-step", lambda self: eval("self")),
    ]
""",
            **HELPERS,
        }
    )
    lifted = [one.lifted for one in got.callbacks("T", "pre-step")]
    assert lifted[0].body.parts == (
        Ref("builtins", "print", builtin=True),
        "(",
        Ref("m", ""),
        ".NAMED",
        ")",
    )
    assert lifted[1] is None
    assert lifted[2] is None
    assert lifted[3] is not None
    # These have another meaning in another function.
    assert lifted[4:] == [None, None, None]


def test_R30_attributes_that_name_host_classes():
    got = resolved(
        {
            "m": HEAD
            + """
class Factory(CallbackMixin): ...
class Other(CallbackMixin): ...
class Plain: ...
Either = Union[Factory, Other]
class T(Trainer):
    factory = Factory
    plain = Plain
    one: Factory
    both: Union[Factory, "Other"]
    maybe: Optional[Other] = None
    bar: "Factory | Other"
    alias: Either
    hidden: Optional[Plain]
class U(T):
    factory = Plain
""",
            **HELPERS,
        }
    )
    found = [(a.name, a.form, [c.name for c in a.classes]) for a in got.host("T").attributes]
    assert found == [
        ("alias", "annotation", ["Factory", "Other"]),
        ("both", "annotation", ["Factory", "Other"]),
        ("factory", "value", ["Factory"]),
        ("maybe", "annotation", ["Other"]),
        ("one", "annotation", ["Factory"]),
    ]
    assert [a.name for a in got.host("U").attributes] == ["alias", "both", "maybe", "one"]


def test_R14_a_class_in_a_function_is_a_warning_if_it_has_callbacks():
    """R14: a class that cannot be imported is not compiled, which is reported."""
    got = resolved(
        {
            "m": HEAD
            + """
def make():
    class L(Trainer):
        callbacks = [("pre-step", ok)]
    class Quiet(Trainer): ...
    return L
""",
            **HELPERS,
        }
    )
    (finding,) = got.findings
    assert (finding.code, finding.severity.value) == ("AC214", "warning")
    assert "'L'" in finding.message
    assert "compiled(L)" in finding.hint


def test_AC102_callbacks_without_a_mixin_in_sight():
    got = resolved(
        """
from nowhere_at_all import X
class T(X):
    callbacks = [("pre-step", print)]
class Quiet(X): ...
"""
    )
    assert [(one.code, one.severity.value) for one in got.findings] == [("AC102", "warning")]


def test_AC102_a_misspelt_mixin():
    got = resolved(
        """
from arctic_codegen import CallBackMixin
class T(CallBackMixin):
    callbacks = [("pre-step", print)]
"""
    )
    assert [one.hint for one in got.findings] == ["did you mean 'CallbackMixin'?"]


def test_AC216_two_classes_of_one_kind_with_one_name():
    got = resolved(
        {
            "m": HEAD
            + """
class A(Trainer):
    name = "x"
class B(Trainer):
    name = "x"
class DataFactory(CallbackMixin): ...
class C(DataFactory):
    name = "x"
class D(A): ...
""",
            **HELPERS,
        }
    )
    (finding,) = got.findings
    assert (finding.code, finding.place.span.line) == ("AC216", 14)
    assert got.host("D").registered_name is None


def test_AC303_a_compiled_class_as_a_base():
    got = resolved(
        {
            "base": HEAD,
            "generated.base": "from base import Trainer as _T\nclass Trainer(_T): ...\n",
            "m": "from generated.base import Trainer\nclass T(Trainer): ...\n",
            **HELPERS,
        },
        "m",
        "base",
    )
    assert got.codes == [("AC303", 2, 9)]


def test_one_wrong_class_does_not_hide_another():
    got = resolved(
        {
            "m": HEAD
            + """
class A(Trainer):
    callbacks = [("pre-step", nope), ("pre-stp", ok)]
class B(Trainer, Missing):
    callbacks = [("pre-what", ok), ("bad", ok)]
    def pre_step_callback(self, other: int) -> int: return other
class C(Trainer, A): ...
""",
            **HELPERS,
        }
    )
    assert [code for code, _, _ in got.codes] == [
        "AC103",
        "AC201",
        "AC101",
        "AC203",
        "AC401",
        "AC301",
    ]


def test_class_keywords_and_slots():
    got = resolved(
        {
            "m": HEAD
            + """
class T(Trainer, metaclass=abc.ABCMeta, tag="x", size=-1, kinds=(1, NAMED)):
    __slots__ = ()
""",
            **HELPERS,
        }
    )
    host = got.host("T")
    assert host.slots
    keywords = {name: text.parts for name, text in host.keywords}
    assert keywords["tag"] == ("'x'",)
    assert keywords["size"] == ("-1",)
    assert Ref("m", "NAMED") in keywords["kinds"]


def test_AC302_is_told_at_each_class_of_the_circle():
    got = resolved(
        {
            "m": "import other\nfrom arctic_codegen import CallbackMixin\n"
            "class T(other.Other, CallbackMixin): ...\n",
            "other": "import m\nclass Other(m.T): ...\nclass Below(Other): ...\n",
        }
    )
    assert [(one.code, one.place.path, one.place.span.line) for one in got.findings] == [
        ("AC302", "/project/m.py", 3),
        ("AC302", "/project/other.py", 2),
    ]


def test_R14_a_class_under_the_main_guard_cannot_be_imported_either():
    got = resolved(
        {
            "m": HEAD
            + """
if __name__ == "__main__":
    class L(Trainer):
        def pre_step_callback(self) -> None: ...
""",
            **HELPERS,
        }
    )
    assert [one.code for one in got.findings] == ["AC214"]
    assert [host.id.name for host in got.resolution.hosts] == ["Trainer"]


def test_R12_a_callback_of_a_script_is_looked_up_in_it():
    got = resolved(
        {
            "m": HEAD,
            "script": """
from generated.m import Trainer
def cb(self) -> None: ...
init_cb = ("pre-step", lambda self: None)
trainer = Trainer()
trainer.callbacks.append(("pre-step", cb))
trainer.callbacks.append(init_cb)
""",
            **HELPERS,
        }
    )
    assert {(one.code, one.severity.value) for one in got.findings} == {("AC211", "warning")}
    assert [one.reach for one in got.callbacks("Trainer", "pre-step")] == [
        ScriptReach("script", "cb"),
        ScriptReach("script", "init_cb", (1,)),
    ]
    assert {one.reason for one in got.callbacks("Trainer", "pre-step")} == {
        "an entry that script adds to Trainer's list"
    }
