"""R15 to R20: the order of callbacks along the MRO."""

from __future__ import annotations

from arctic_codegen.model.hosts import ClassId
from tests.unit.resolve.hosts_support import resolved

BASE = """
from arctic_codegen import CallbackMixin, replaces_inherited

class Trainer(CallbackMixin):
    def epoch(self) -> None: ...
    def step(self, batch: int) -> int: return batch
"""


def test_R15_the_page_s_own_example():
    got = resolved(
        BASE
        + """
class TrainerA(Trainer):
    name = "trainer_a"
    def post_epoch_callback(self) -> None: print("A")

class TrainerB(TrainerA):
    name = "trainer_b"
    callbacks = [("post-epoch", lambda self: print("B 1"))]
    def post_epoch_callback(self) -> None: print("B 2")
"""
    )
    assert got.findings == []
    assert got.order("TrainerB", "post-epoch") == [
        "TrainerA.post_epoch_callback",
        "TrainerB.<lambda>",
        "TrainerB.post_epoch_callback",
    ]
    assert [one.reason for one in got.callbacks("TrainerB", "post-epoch")] == [
        "a callback method of TrainerA, inherited",
        "an entry of TrainerB's list",
        "a callback method of TrainerB",
    ]
    host = got.host("TrainerB")
    assert (host.kind, host.root.name, host.registered_name) == ("Trainer", "Trainer", "trainer_b")


def test_R15_a_class_of_a_diamond_counts_once_and_plain_mixins_count():
    got = resolved(
        BASE
        + """
class Plain:
    callbacks = [("pre-epoch", lambda self: print("plain"))]
    def pre_epoch_callback(self) -> None: ...
class A(Trainer):
    def pre_epoch_callback(self) -> None: ...
class B(A):
    def pre_epoch_callback(self) -> None: ...
class C(Plain, A):
    def pre_epoch_callback(self) -> None: ...
class D(B, C): ...
"""
    )
    assert got.findings == []
    assert got.order("D", "pre-epoch") == [
        "A.pre_epoch_callback",
        "Plain.<lambda>",
        "Plain.pre_epoch_callback",
        "C.pre_epoch_callback",
        "B.pre_epoch_callback",
    ]


def test_R15_own_methods_stand_in_source_order():
    got = resolved(
        BASE
        + """
class T(Trainer):
    def pre_step_callback(self) -> None: ...
    def pre_epoch_callback(self) -> None: ...
    def post_epoch_callback(self) -> None: ...
    callbacks = [("pre-epoch", lambda self: None)]
"""
    )
    assert got.order("T", "pre-epoch") == ["T.<lambda>", "T.pre_epoch_callback"]


def test_R16_an_entry_of_another_class_is_not_repeated_and_of_one_list_is():
    got = resolved(
        BASE
        + """
def f(self) -> None: ...
class A(Trainer):
    callbacks = [("pre-epoch", f), ("pre-epoch", f)]
class B(A):
    callbacks = [("pre-epoch", f), ("post-epoch", f), *A.callbacks]
"""
    )
    assert got.order("B", "pre-epoch") == ["f", "f"]
    assert got.order("B", "post-epoch") == ["f"]


def test_R16_a_method_of_the_class_may_stand_in_its_list_for_another_event():
    for listed, codes in (("pre-epoch", ["AC218"]), ("post-epoch", [])):
        got = resolved(
            BASE
            + f"""
def f(self) -> None: ...
class T(Trainer):
    def pre_epoch_callback(self) -> None: ...
    callbacks = [("pre-epoch", f), ("{listed}", pre_epoch_callback)]
"""
        )
        assert [one.code for one in got.resolution.findings] == codes
        assert "T.pre_epoch_callback" in got.order("T", listed)


def test_R16_one_function_may_stand_in_different_wrappers():
    for wrappers in (("every(2, f)", "rank_zero(f)"), ("rank_zero(f)", "every(2, f)")):
        entries = ", ".join(f'("pre-epoch", {one})' for one in wrappers)
        got = resolved(
            BASE
            + f"""
from arctic_codegen import every, rank_zero
def f(self) -> None: ...
class T(Trainer):
    callbacks = [{entries}]
"""
        )
        assert got.resolution.findings == ()
        assert got.order("T", "pre-epoch") == ["f", "f"]


def test_R16_two_lambdas_are_never_the_same_and_one_place_is():
    got = resolved(
        BASE
        + """
class A(Trainer):
    callbacks = [("pre-epoch", lambda self: None)]
class B(A):
    callbacks = A.callbacks + [("pre-epoch", lambda self: None)]
"""
    )
    assert got.order("B", "pre-epoch") == ["A.<lambda>", "B.<lambda>"]


def test_R18_super_chains_nest_along_the_mro_of_the_compiled_class():
    got = resolved(
        BASE
        + """
class A(Trainer):
    def pre_epoch_callback(self) -> None: ...
class B(A):
    def pre_epoch_callback(self) -> None:
        super().pre_epoch_callback()
class C(A):
    def pre_epoch_callback(self) -> None:
        if self: super().pre_epoch_callback()
class D(B, C):
    def pre_step_callback(self) -> None: ...
class E(D):
    def pre_epoch_callback(self) -> None:
        A.pre_epoch_callback(self)
"""
    )
    (d,) = got.callbacks("D", "pre-epoch")
    assert d.name == "m.B.pre_epoch_callback"
    assert d.nested == ("m.C.pre_epoch_callback", "m.A.pre_epoch_callback")
    assert got.callbacks("B", "pre-epoch")[0].nested == ("m.A.pre_epoch_callback",)
    (event,) = (one for one in got.host("D").events if one.label == "epoch")
    assert {(one.name, one.reason) for one in event.dropped} == {
        (f"m.{name}.pre_epoch_callback", "not run by itself: B.pre_epoch_callback runs it")
        for name in "AC"
    }
    first, second = got.callbacks("E", "pre-epoch")
    assert (first.name, second.nested) == ("m.B.pre_epoch_callback", ("m.A.pre_epoch_callback",))


def test_R18_a_call_of_another_callback_method_nests_nothing():
    """Regardless of alphabetical order; the call of its own name counts."""
    got = resolved(
        BASE
        + """
class A(Trainer):
    def pre_epoch_callback(self) -> None: ...
    def post_epoch_callback(self) -> None: ...
    def pre_step_callback(self) -> None: ...
class B(A):
    def pre_epoch_callback(self) -> None:
        super().post_epoch_callback()
        super().pre_step_callback()
class C(A):
    def pre_epoch_callback(self) -> None:
        super().post_epoch_callback()
        super().pre_epoch_callback()
        super().pre_step_callback()
"""
    )
    b = got.callbacks("B", "pre-epoch")
    assert [(one.name, one.nested) for one in b] == [
        ("m.A.pre_epoch_callback", ()),
        ("m.B.pre_epoch_callback", ()),
    ]
    c = got.callbacks("C", "pre-epoch")
    assert [(one.name, one.nested) for one in c] == [
        ("m.C.pre_epoch_callback", ("m.A.pre_epoch_callback",))
    ]
    assert got.order("C", "pre-step") == ["A.pre_step_callback"]


def test_R18_the_parents_method_is_found_among_others():
    got = resolved(
        BASE
        + """
class A(Trainer):
    def post_epoch_callback(self) -> None: ...
    def pre_step_callback(self) -> None: ...
    def pre_epoch_callback(self) -> None: ...
class B(A):
    def post_epoch_callback(self) -> None: ...
    def pre_epoch_callback(self) -> None:
        super().pre_epoch_callback()
"""
    )
    (only,) = got.callbacks("B", "pre-epoch")
    assert (only.name, only.nested) == ("m.B.pre_epoch_callback", ("m.A.pre_epoch_callback",))


def test_R18_what_is_nested_stands_in_the_order_of_the_calls():
    got = resolved(
        BASE
        + """
class A(Trainer):
    def pre_epoch_callback(self) -> None: ...
class B(A):
    def pre_epoch_callback(self) -> None:
        super().pre_epoch_callback()
class Aside(Trainer):
    def pre_epoch_callback(self) -> None: ...
class C(B, Aside):
    def pre_epoch_callback(self) -> None:
        B.pre_epoch_callback(self)
        Aside.pre_epoch_callback(self)
class D(C):
    def pre_epoch_callback(self) -> None:
        Aside.pre_epoch_callback(self)
        super().pre_epoch_callback()
"""
    )
    nested = {name: got.callbacks(name, "pre-epoch")[-1].nested for name in "CD"}
    of = {name: f"m.{name}.pre_epoch_callback" for name in ("A", "B", "C", "Aside")}
    assert got.host("C").mro[1:4] == tuple(ClassId("m", name) for name in ("B", "A", "Aside"))
    assert nested["C"] == (of["B"], of["A"], of["Aside"])
    assert nested["D"] == (of["Aside"], of["C"], of["B"], of["A"])


def test_R15_what_is_inherited_is_told_so_whatever_classes_are_called():
    got = resolved(
        BASE
        + """
class M(Trainer):
    callbacks = [("pre-epoch", lambda self: None)]
    def pre_epoch_callback(self) -> None: ...
class A(M): ...
class Z(M): ...
"""
    )
    own = ["an entry of M's list", "a callback method of M"]
    assert [one.reason for one in got.callbacks("M", "pre-epoch")] == own
    for name in "AZ":
        told = [one.reason for one in got.callbacks(name, "pre-epoch")]
        assert told == [f"{reason}, inherited" for reason in own]


def test_R18_a_borrowed_method_calls_the_parents_of_its_own_class():
    """The ``super()`` of a function is that of the class whose body contains it."""
    got = resolved(
        BASE
        + """
class A(Trainer):
    def pre_epoch_callback(self) -> None: ...
class B(A):
    def pre_epoch_callback(self) -> None:
        super().pre_epoch_callback()
class C(B):
    pre_epoch_callback = B.pre_epoch_callback
class Aside(Trainer):
    def pre_epoch_callback(self) -> None:
        super().pre_epoch_callback()
class D(A):
    pre_epoch_callback = Aside.pre_epoch_callback
"""
    )
    assert [(one.name, one.nested) for one in got.callbacks("C", "pre-epoch")] == [
        ("m.B.pre_epoch_callback", ("m.A.pre_epoch_callback",)),
        ("m.B.pre_epoch_callback", ("m.A.pre_epoch_callback",)),
    ]
    # That class is not an ancestor: Python raises an error, and the call runs nothing.
    assert [(one.name, one.nested) for one in got.callbacks("D", "pre-epoch")] == [
        ("m.A.pre_epoch_callback", ()),
        ("m.Aside.pre_epoch_callback", ()),
    ]


def test_R18_a_chain_stands_where_its_outermost_method_stands():
    got = resolved(
        BASE
        + """
class A(Trainer):
    def pre_epoch_callback(self) -> None: ...
class B(A):
    callbacks = [("pre-epoch", lambda self: None)]
    def pre_epoch_callback(self) -> None:
        super().pre_epoch_callback()
class C(B):
    callbacks = [("pre-epoch", lambda self: None)]
    def pre_epoch_callback(self) -> None:
        B.pre_epoch_callback(self)
        A.pre_epoch_callback(self)
class D(C):
    def pre_epoch_callback(self) -> None:
        Other.pre_epoch_callback(self)
        self.pre_epoch_callback
        unknown.pre_epoch_callback(self)
class Other: ...
"""
    )
    assert got.order("C", "pre-epoch") == ["B.<lambda>", "C.<lambda>", "C.pre_epoch_callback"]
    assert got.callbacks("C", "pre-epoch")[-1].nested == (
        "m.B.pre_epoch_callback",
        "m.A.pre_epoch_callback",
    )
    assert got.order("D", "pre-epoch")[-2:] == ["C.pre_epoch_callback", "D.pre_epoch_callback"]


def test_R18_a_class_that_drops_the_method_ends_the_chain():
    got = resolved(
        BASE
        + """
class A(Trainer):
    def pre_epoch_callback(self) -> None: ...
class B(A):
    pre_epoch_callback = None
class C(B):
    def pre_epoch_callback(self) -> None:
        super().pre_epoch_callback()
"""
    )
    (only,) = got.callbacks("C", "pre-epoch")
    assert (only.name, only.nested) == ("m.C.pre_epoch_callback", ())


def test_R19_what_each_callback_is_there_for_is_told():
    got = resolved(
        {
            "m": BASE
            + """
def f(self) -> None: ...
class A(Trainer):
    callbacks = [("pre-epoch", f)]
    def pre_epoch_callback(self) -> None: ...
class B(A):
    @replaces_inherited
    def pre_epoch_callback(self) -> None: ...
class C(B):
    callbacks = []
    @replaces_inherited
    def post_epoch_callback(self) -> None: ...
""",
            "z": "import m\ndef g(self) -> None: ...\nm.B.callbacks.append(('pre-epoch', g))\n",
        }
    )
    assert [(one.name, one.reason) for one in got.callbacks("B", "pre-epoch")] == [
        ("m.f", "an entry of A's list, inherited"),
        ("z.g", "an entry that z adds to B's list"),
        (
            "m.B.pre_epoch_callback",
            "a callback method of B that replaces the inherited ones",
        ),
    ]
    assert [(one.name, one.reason) for one in got.callbacks("C", "pre-epoch")] == [
        ("m.f", "an entry of A's list, inherited"),
        ("z.g", "an entry that z adds to B's list, inherited"),
        (
            "m.B.pre_epoch_callback",
            "a callback method of B that replaces the inherited ones, inherited",
        ),
    ]
    # There is nothing to replace.
    assert [one.reason for one in got.callbacks("C", "post-epoch")] == ["a callback method of C"]


def test_R19_none_and_replaces_inherited_drop_methods_but_no_entries():
    got = resolved(
        BASE
        + """
class A(Trainer):
    callbacks = [("post-epoch", lambda self: None)]
    def post_epoch_callback(self) -> None: ...
class B(A):
    post_epoch_callback = None
class C(A):
    callbacks = []
    @replaces_inherited
    def post_epoch_callback(self) -> None: ...
class D(B):
    def post_epoch_callback(self) -> None: ...
"""
    )
    assert got.order("B", "post-epoch") == ["A.<lambda>"]
    assert got.order("C", "post-epoch") == ["A.<lambda>", "C.post_epoch_callback"]
    assert got.order("D", "post-epoch") == ["A.<lambda>", "D.post_epoch_callback"]


def test_R12_changes_belong_to_the_class_they_name_and_reach_subclasses():
    got = resolved(
        BASE
        + """
def one(self) -> None: ...
def two(self) -> None: ...
def three(self) -> None: ...
class A(Trainer):
    callbacks = [("pre-epoch", one)]
class B(A):
    def pre_epoch_callback(self) -> None: ...
A.callbacks.append(("pre-epoch", two))
A.callbacks.insert(0, ("pre-epoch", three))
"""
    )
    assert got.findings == []
    assert got.order("A", "pre-epoch") == ["three", "one", "two"]
    assert got.order("B", "pre-epoch") == ["three", "one", "two", "B.pre_epoch_callback"]


def test_an_abstract_callback_method_is_not_run_by_itself():
    got = resolved(
        BASE
        + """
import abc
class A(Trainer, abc.ABC):
    @abc.abstractmethod
    def pre_step_callback(self, batch: int) -> int: ...
class B(A):
    def pre_step_callback(self, batch: int) -> int:
        return batch
"""
    )
    assert got.findings == []
    assert got.order("B", "pre-step") == ["B.pre_step_callback"]
    assert not got.host("A").compiled


def test_R20_super_of_another_event_is_a_warning_where_the_event_has_callbacks():
    got = resolved(
        BASE
        + """
class A(Trainer):
    callbacks = [("pre-step", lambda self: None)]
    def epoch(self) -> None:
        super().step(1)
        super().epoch()
        super().other()
"""
    )
    assert got.codes == [("AC304", 10, 9)]
