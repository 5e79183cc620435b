"""R15 to R20: which callbacks run, in which order, and that each runs once."""

from __future__ import annotations

BASE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    def epoch(self) -> None:
        print("epoch")
    def step(self, batch: int) -> int:
        print("step", batch)
        return batch
"""


def test_R15_the_pages_example(project):
    p = project(
        BASE
        + """
class TrainerA(Trainer):
    name = "trainer_a"

    def post_epoch_callback(self):
        print("Trainer A post epoch callback")

class TrainerB(TrainerA):
    name = "trainer_b"

    callbacks = [("post-epoch", lambda self: print("Trainer B post epoch callback 1"))]

    def post_epoch_callback(self):
        print("Trainer B post epoch callback 2")
"""
    ).built()
    out = p.python("from generated.app.main import TrainerB; TrainerB().epoch()")
    assert out.splitlines() == [
        "epoch",
        "Trainer A post epoch callback",
        "Trainer B post epoch callback 1",
        "Trainer B post epoch callback 2",
    ]


def test_R15_diamond_each_class_once(project):
    p = project(
        BASE
        + """
def f(name):
    def log(self):
        print(name)
    return log

class A(Trainer):
    callbacks = [("pre-epoch", f("a"))]
class B(A):
    callbacks = [("pre-epoch", f("b"))]
class C(A):
    callbacks = [("pre-epoch", f("c"))]
    def pre_epoch_callback(self): print("c method")
class D(B, C):
    callbacks = [("pre-epoch", f("d"))]
"""
    ).built()
    out = p.python("from generated.app.main import D; D().epoch()")
    assert out.split("\n") == ["a", "c", "c method", "b", "d", "epoch", ""]


def test_R15_plain_mixins_count(project):
    p = project(
        BASE
        + """
class Log:
    callbacks = [("pre-epoch", lambda self: print("log entry"))]
    def pre_epoch_callback(self): print("log method")
class T(Log, Trainer):
    def pre_epoch_callback(self): print("t")
"""
    ).built()
    out = p.python("from generated.app.main import T; T().epoch()")
    assert out.split() == ["log", "entry", "log", "method", "t", "epoch"]


def test_R15_the_mixins_own_list_comes_first(project):
    p = project(
        BASE
        + """
class T(Trainer):
    callbacks = [("pre-epoch", lambda self: print("T"))]
CallbackMixin.callbacks.append(("pre-epoch", lambda self: print("all")))
"""
    )
    ran = p.build()
    assert (ran.code, ran.codes) == (0, [("app/main.py", 12, "AC211")])
    out = p.python("from generated.app.main import T; T().epoch()")
    assert out.split() == ["all", "T", "epoch"]


def test_R16_shared_entries_run_once_and_twice_in_one_list_twice(project):
    p = project(
        BASE
        + """
from functools import partial

def hello(self): print("hello")
def tagged(tag, self): print(tag)
once = partial(tagged, "partial")
class A(Trainer):
    callbacks = [("pre-epoch", hello), ("pre-epoch", once)]
class B(A):
    callbacks = A.callbacks + [("pre-epoch", hello), ("pre-epoch", lambda self: print("own"))]
class C(Trainer):
    callbacks = [("pre-epoch", hello), ("pre-epoch", hello)]
class D(B):
    callbacks = [("pre_epoch".replace("_", "-"), hello)] if False else [("pre-epoch", once)]
"""
    ).built()
    out = p.python("from generated.app.main import B, C, D; B().epoch(); C().epoch(); D().epoch()")
    assert out.split() == [
        *("hello", "partial", "own", "epoch"),
        *("hello", "hello", "epoch"),
        *("hello", "partial", "own", "epoch"),
    ]


def test_R18_a_cooperative_callback_runs_the_parents_once(project):
    p = project(
        BASE
        + """
class A(Trainer):
    def post_step_callback(self, value):
        print("A", value)
        return value + 1
class B(A):
    def post_step_callback(self, value):
        value = super().post_step_callback(value)
        print("B", value)
        return value * 2
class C(B):
    def post_step_callback(self, value):
        print("C", value)
        return value
class X(A):
    def post_step_callback(self, value):
        if value > 100:
            return A.post_step_callback(self, value)
        return value
"""
    ).built()
    out = p.python(
        """
from generated.app.main import B, C, X
print(B().step(1)); print(C().step(1)); print(X().step(1))
"""
    )
    assert out.splitlines() == [
        *("step 1", "A 1", "B 2", "4"),
        *("step 1", "A 1", "B 2", "C 4", "4"),
        *("step 1", "1"),
    ]
    explained = p.cli("explain", "app.main:B").stdout
    assert "post_step_callback" in explained


PARENT_CALLS = {
    "keyword": "A.pre_epoch_callback(self=self)",
    "alias": "parent = super(); parent.pre_epoch_callback()",
    "old alias": "parent = super(T, self); parent.pre_epoch_callback()",
    "bound": "run = super().pre_epoch_callback; run()",
    "optional": "run = getattr(super(), 'pre_epoch_callback', None); run and run()",
    "asked": "if hasattr(super(), 'pre_epoch_callback'): super().pre_epoch_callback()",
    "asked only": "assert hasattr(super(), 'pre_epoch_callback')",
    "walrus": "(parent := super()).pre_epoch_callback()",
    "passed on": "list(map(lambda f: f(), [super().pre_epoch_callback]))",
}


def test_R18_other_ways_to_call_the_parent(project):
    classes = [
        f"""
class T{number}(A):
    def pre_epoch_callback(self):
        {call.replace("super(T,", f"super(T{number},")}
        print("T")
"""
        for number, call in enumerate(PARENT_CALLS.values())
    ]
    parent = """
class A(Trainer):
    def pre_epoch_callback(self): print("A")
"""
    p = project(BASE + parent + "".join(classes)).built()
    out = p.python(
        f"""
        from generated.app import main
        for number in range({len(PARENT_CALLS)}):
            print(">")
            getattr(main, f"T{{number}}")().epoch()
        """
    )
    printed = [" ".join(part.split()) for part in out.split(">")[1:]]
    assert dict(zip(PARENT_CALLS, printed, strict=True)) == dict.fromkeys(PARENT_CALLS, "A T epoch")


def test_R18_lambdas_count(project):
    p = project(
        BASE
        + """
class A(Trainer):
    def pre_epoch_callback(self): print("A")
class C(A):
    pre_epoch_callback = lambda self: (A.pre_epoch_callback(self), print("C"))[1]
"""
    ).built()
    out = p.python("from generated.app.main import C; C().epoch()")
    assert out.split() == ["A", "C", "epoch"]


def test_R18_super_follows_the_mro_of_the_compiled_class(project):
    p = project(
        BASE
        + """
class Root(Trainer):
    def pre_epoch_callback(self): print("Root")
class L(Root):
    def pre_epoch_callback(self):
        super().pre_epoch_callback()
        print("L")
class R(Root):
    def pre_epoch_callback(self): print("R")
class D(L, R):
    pass
"""
    ).built()
    out = p.python("from generated.app.main import D, L; D().epoch(); L().epoch()")
    assert out.split() == ["Root", "R", "L", "epoch", "Root", "L", "epoch"]


def test_R19_none_and_replaces_inherited(project):
    p = project(
        BASE
        + """
from arctic_codegen import replaces_inherited

class A(Trainer):
    callbacks = [("post-epoch", lambda self: print("entry"))]
    def post_epoch_callback(self): print("A")
class B(A):
    post_epoch_callback = None
class C(A):
    callbacks = []
    @replaces_inherited
    def post_epoch_callback(self): print("C")
class D(B):
    def post_epoch_callback(self): print("D")
"""
    ).built()
    out = p.python("from generated.app.main import B, C, D; B().epoch(); C().epoch(); D().epoch()")
    assert out.split() == ["epoch", "entry", "epoch", "entry", "C", "epoch", "entry", "D"]


def test_R20_an_event_fires_once_and_other_events_fire(project):
    p = project(
        """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    callbacks = [("pre-step", lambda self: print("pre")), ("post-train", lambda self: print("end"))]
    def train(self) -> None:
        self.step(2)
    def step(self, n: int) -> None:
        print("base", n)
class Sub(Trainer):
    def step(self, n: int) -> None:
        super().step(n)
        if n > 1:
            self.step(n - 1)
"""
    ).built()
    out = p.python("from generated.app.main import Sub; Sub().train()")
    assert out.split() == ["pre", "base", "2", "pre", "base", "1", "end"]


def test_R20_super_of_another_event_is_a_warning(project):
    p = project(
        """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    callbacks = [("pre-step", lambda self: print("pre"))]
    def train(self) -> None: ...
    def step(self) -> None: ...
class Sub(Trainer):
    def train(self) -> None:
        super().step()
"""
    )
    ran = p.build()
    assert ran.code == 0
    assert ran.codes == [("app/main.py", 9, "AC304")]


def test_R51_explain_shows_what_is_dropped_and_why(project):
    made = project(
        """
        from arctic_codegen import CallbackMixin, replaces_inherited

        def log(self): print("log")

        class A(CallbackMixin):
            callbacks = [("post-step", log)]
            def step(self): print("step")
            def epoch(self): print("epoch")
            def post_step_callback(self): print("A")
            def pre_step_callback(self): print("A first")
            def pre_epoch_callback(self): print("A epoch")

        class B(A):
            callbacks = [("post-step", log)]
            pre_step_callback = None
            def post_step_callback(self):
                super().post_step_callback()
            @replaces_inherited
            def pre_epoch_callback(self): print("B epoch")
        """
    )
    ran = made.build()
    assert ran.codes == [("app/main.py", 14, "AC219")]
    shown = made.cli("explain", "app.main:B").stdout
    lines = [line.split() for line in shown.splitlines()]
    for phase, name, line, reason in (
        ("post", "log", 14, "not repeated: A's list has the same callback"),
        ("pre", "A.pre_step_callback", 10, "dropped: B sets it to None"),
        ("pre", "A.pre_epoch_callback", 11, "dropped: B replaces it"),
        (
            "post",
            "A.post_step_callback",
            9,
            "not run by itself: B.post_step_callback runs it",
        ),
    ):
        at = lines.index(["-", phase, name, f"app/main.py:{line}"])
        assert lines[at + 1] == reason.split(), shown
    assert " -  " not in made.cli("explain", "app.main:A").stdout
    out = made.python("from generated.app.main import B; B().step(); B().epoch()")
    assert out.split() == ["step", "log", "A", "B", "epoch", "epoch"]
