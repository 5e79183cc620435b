"""`every` that counts by an attribute of the object (R57)."""

from __future__ import annotations

import json

import pytest

from tests.harness import Project

FILES = {
    "app/__init__.py": "",
    "app/main.py": """
from __future__ import annotations

from arctic_codegen import CallbackMixin, every, optional, when


def tell(trainer: Trainer) -> None:
    trainer.seen.append(trainer.state.step)


def double(trainer: Trainer, loss: float) -> float:
    return loss * 2


class State:
    def __init__(self) -> None:
        self.step = 0


class Trainer(CallbackMixin):
    callbacks = [
        ("post-step", every(10, tell, by="state.step")),
        ("post-loss", every(4, double, by="state.step")),
        ("post-loss", when("on", every(4, every(1, double, by="state.step")))),
        ("post-other", optional(every(3, when("on", every(2, tell, by="state.step"))))),
    ]
    on = False

    def __init__(self) -> None:
        self.state = State()
        self.seen: list[int] = []

    def step(self) -> None: ...
    def loss(self) -> float:
        return 1.0
    def other(self) -> None: ...

    @every(5, by="state.step")
    def pre_step_callback(self) -> None:
        self.seen.append(-self.state.step)
""",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("every_by"), FILES).built()


def test_R57_the_quotient_is_compared_in_plain_statements(built):
    text = built.generated("app/main.py")
    assert (
        """\
        quotient_2: int = self.state.step // 10
        if quotient_2 != self._arctic_post_step_tell_quotient:
            self._arctic_post_step_tell_quotient = index(quotient_2)
            if quotient_2:
                tell(self)  # app.main.tell
"""
        in text
    )
    assert 'app.main:tell(trainer) in every(10 by "state.step")' in text
    assert '"_arctic_post_step_tell_quotient": ("state.step", 10),' in text


@pytest.mark.parametrize("uncompiled", [False, True])
def test_R57_it_runs_once_however_many_multiples_were_passed(built, uncompiled):
    out = built.python(
        f"""
        from generated.app.main import Trainer
        from app.main import Trainer as Source, tell
        made = Trainer()
        def visit():
            made.step()
            made.seen = [one for one in made.seen if one > 0]
        if {uncompiled}:
            callback = Source.callbacks[0][1]
            visit = lambda: callback(made)
        for made.state.step in (0, 5, 9, 10, 10, 19, 45, 49, 30, 31, 7, 9, 12):
            visit()
        print(made.seen)
        """
    )
    # It drops from 49 to 30 and to 7: it starts again, and 0 is not a multiple.
    assert out.splitlines() == ["[10, 45, 30, 12]"]


def test_R57_visits_that_an_outer_condition_skips_do_not_count(built):
    out = built.python(
        """
        from generated.app.main import Trainer
        made = Trainer()
        values = []
        for step in range(1, 12):
            made.state.step = step
            made.on = step > 3
            values.append(made.loss())
        print(values)
        made = Trainer()
        for step, on in ((1, 1), (2, 1), (3, 0), (4, 1), (5, 1), (6, 1), (7, 1)):
            made.state.step, made.on = step, on
            made.other()
        print(made.seen)
        """
    )
    # By 4: at 4 and 8. The inner of the second runs at each fourth call while it is on: at 7, 11.
    values = [1.0] * 3 + [2.0] + [1.0] * 2 + [2.0] + [2.0] + [1.0] * 2 + [2.0]
    assert out.splitlines() == [str(values), "[6]"]


def test_R57_the_quotient_is_saved_and_restored(built):
    out = built.python(
        """
        import copy, pickle
        from arctic_codegen.runtime import counts_of, restore_counts
        from app.main import Trainer as Source
        from generated.app.main import Trainer
        made = Trainer()
        print(sorted(counts_of(made).values()))
        made.state.step = 25
        made.step()
        saved = counts_of(made)
        print(saved["_arctic_post_step_tell_quotient"], saved["_arctic_pre_step_callback_quotient"])
        for counts in (saved, {}, {"_arctic_post_step_tell_quotient": 1}):
            other = Trainer()
            other.state.step = 28
            restore_counts(other, counts)
            other.step()
            print(other.seen)
        for other in (copy.copy(made), pickle.loads(pickle.dumps(made))):
            other.step()
            print(other.seen)
        """
    )
    assert out.splitlines() == [
        *("[0, 0, 0, 0, 0]", "2 5"),
        *("[]", "[]", "[28]"),
        *("[-25, 25]", "[-25, 25]"),
    ]


def test_R57_integers_only(project):
    p = project(
        """
from __future__ import annotations

from arctic_codegen import CallbackMixin, every

def log(trainer: Trainer) -> None: ...

class Trainer(CallbackMixin):
    callbacks = [
        ("post-step", every(10, log, by="number")),
        ("post-step", every(10, log, by="fraction")),
        ("post-step", every(10, log, by="nmber")),
    ]
    number = 0
    fraction = 0.5
    def step(self) -> None: ...

    @every(10, by="word")
    def post_step_callback(self) -> None: ...
    word = ""
"""
    ).built()
    found = json.loads(p.cli("check", "--format", "json").stdout)["findings"]
    assert {(one["line"], one["code"]) for one in found} == {
        (line, "AC501") for line in (10, 11, 17)
    }
    out = p.python(
        """
        from app.main import Trainer as Source
        from generated.app.main import Trainer
        made = Trainer()
        for visit in (made.step, lambda: Source.callbacks[1][1](made)):
            made.fraction = 12.5
            try:
                visit()
            except TypeError as error:
                print(error)
        """
    )
    assert out.splitlines() == ["'float' object cannot be interpreted as an integer"] * 2


def test_R57_reports_show_by_what_it_counts(built):
    shown = built.cli("explain", "app.main:Trainer.step").stdout
    assert 'every(10, tell, by="state.step")' in shown
    document = json.loads(built.cli("list", "app.main:Trainer", "--format", "json").stdout)
    every = [
        one["wrappers"]
        for event in document["classes"][0]["events"]
        for one in event["callbacks"]
        if event["event"] == "post-step"
    ]
    assert every == [['every(10, by="state.step")']]


def test_R57_objects_that_take_no_plain_attributes(project):
    p = project(
        """
from dataclasses import dataclass

from arctic_codegen import CallbackMixin, every

def log(self):
    print(self.number)

@dataclass(frozen=True)
class T(CallbackMixin):
    callbacks = [("post-step", every(2, log, by="number"))]
    number: int = 1
    def step(self) -> None: ...
"""
    ).built()
    passed = 'if passed(self, "_arctic_post_step_log_quotient", self.number // 2):'
    assert passed in p.generated("app/main.py")
    out = p.python(
        """
        from generated.app.main import T
        made = T()
        for number in (1, 2, 3, 8, 1):
            object.__setattr__(made, "number", number)
            made.step()
        """
    )
    assert out.splitlines() == ["2", "8"]
