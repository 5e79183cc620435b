"""``arctic-codegen uses``: where a callback runs, and which callbacks run nowhere (R65)."""

from __future__ import annotations

import json

from arctic_codegen.diagnostics.faults import WrongUse
from tests.harness import Project

FILES = {
    "app/__init__.py": "",
    "app/callbacks.py": """
    def log(trainer, loss):
        return loss

    def lost(trainer):
        never()

    def never():
        print("never")

    class Patience:
        def __call__(self, trainer):
            print("patience")
    """,
    "app/main.py": """
    from abc import ABC, abstractmethod
    from functools import partial
    from arctic_codegen import CallbackMixin, every
    from app import callbacks as cb

    class Base(CallbackMixin, ABC):
        callbacks = [("post-loss", cb.log)]

        @abstractmethod
        def loss(self, batch): ...

        def step(self):
            return None

        def post_step_callback(self) -> None:
            print("step")

    class First(Base):
        callbacks = [("post-loss", every(2, partial(cb.log))), ("post-step", cb.Patience())]

        def loss(self, batch):
            return 1.0

    class Second(First):
        post_step_callback = None

    class Nobodys(Base):
        callbacks = [("post-step", cb.lost)]
    """,
}


def test_R65_each_class_and_event_that_calls_a_function(tmp_path):
    p = Project(tmp_path, FILES)
    for name in ("app.callbacks.log", "app.callbacks:log", "callbacks.log", "log"):
        told = p.cli("uses", name)
        assert told.code == 0
        assert "4 calls in 2 classes" in told.stderr
    lines = [" ".join(line.split()) for line in told.stdout.splitlines()]
    assert lines == [
        "app.main:First app/main.py:18",
        "post-loss log app/main.py:7",
        "post-loss every(2, partial(cb.log)) app/main.py:19",
        "app.main:Second app/main.py:24",
        "post-loss log app/main.py:7",
        "post-loss every(2, partial(cb.log)) app/main.py:19",
    ]


def test_R65_a_wrapper_stands_for_the_callbacks_inside_it(tmp_path):
    p = Project(tmp_path, FILES)
    for name in ("every", "arctic_codegen.every"):
        shown = p.cli("uses", name)
        assert shown.code == 0, shown.stderr
        assert "every(2, partial(cb.log))" in shown.stdout
        assert "Patience" not in shown.stdout


def test_R65_methods_and_objects_have_names_too(tmp_path):
    p = Project(tmp_path, FILES)
    method = json.loads(p.cli("uses", "Base.post_step_callback", "--format", "json").stdout)
    assert [(one["class"], one["event"]) for one in method["uses"]] == [("First", "post-step")]
    told = p.cli("uses", "Patience")
    assert "2 calls in 2 classes" in told.stderr


def test_files_of_the_project_outside_its_folder_have_short_paths(tmp_path):
    config = '[tool.arctic-codegen]\nsources = ["../lib/app"]\nsrc = ["../lib"]\n'
    p = Project(tmp_path / "p", {f"../lib/{path}": text for path, text in FILES.items()}, config)
    assert p.cli("uses", "Base.post_step_callback").stdout.split() == [
        "app.main:First", "../lib/app/main.py:18",
        "post-step", "Base.post_step_callback", "../lib/app/main.py:15",
    ]  # fmt: skip


def test_R65_callbacks_that_run_nowhere(tmp_path):
    told = Project(tmp_path, FILES).cli("uses", "--unused")
    lines = [" ".join(line.split()) for line in told.stdout.splitlines()]
    assert lines == ["app.main:Nobodys app/main.py:27", "post-step lost app/main.py:28"]
    assert "1 callback declared and not called" in told.stderr


def test_R65_a_method_that_each_class_drops_runs_nowhere(tmp_path):
    dropping = "class First(Base):\n        post_step_callback = None"
    text = FILES["app/main.py"].replace("class First(Base):", dropping)
    told = Project(tmp_path, {**FILES, "app/main.py": text}).cli("uses", "--unused")
    assert "Base.post_step_callback" in told.stdout


MORE = {
    "app/__init__.py": "from app.impl import fn as fn",
    "app/impl.py": """
    from functools import partial
    from arctic_codegen.callbacks import Callback

    def fn(trainer): ...

    def scale(trainer, factor): ...

    def made(limit):
        def inner(trainer): ...

        return inner

    def is_odd(trainer):
        return True

    class Stop(Callback):
        def post_step(self, trainer): ...

        def post_epoch(self, trainer): ...

    class Sooner(Stop):
        def post_epoch(self, trainer): ...

    other_name = fn
    Halt = Stop
    DOUBLE, TRIPLE = partial(scale, factor=2), partial(scale, factor=3)
    """,
    "app/main.py": """
    from arctic_codegen import CallbackMixin, when
    from app import impl
    from app.impl import DOUBLE, fn

    SHARED = impl.Stop()

    class First(CallbackMixin):
        callbacks = [("pre-step", fn), *impl.Stop(), ("pre-epoch", when(impl.is_odd, DOUBLE))]

        def epoch(self): ...

        def step(self): ...

    class Second(First):
        callbacks = [*impl.Sooner(), *SHARED, ("pre-epoch", DOUBLE), ("pre-epoch", impl.TRIPLE)]

        def pre_step_callback(self):
            print(1)

    class Third(Second):
        callbacks = [("pre-step", impl.made(3)), ("pre-step", lambda self: None)]

        def pre_step_callback(self):
            super().pre_step_callback()
    """,
}


def test_R65_classes_aliases_re_exports_and_names_as_they_are_shown(tmp_path, monkeypatch):
    from arctic_codegen.commands.uses import uses

    p = Project(tmp_path, MORE)
    found = {}
    for name in (
        "impl.Stop", "Sooner", "Halt", "app.fn", "other_name", "DOUBLE", "SHARED", "made",
        "is_odd", "impl.made(3)", "Third.<lambda>", "Second.pre_step_callback", "functools.partial",
    ):  # fmt: skip
        try:
            result = uses(name, working_folder=p.root)
        except WrongUse:
            continue
        found[name] = " ".join(
            f"{use.host.id.name[0]}:{use.event.replace('post-', '+')}" for use in result.uses
        )
    everywhere = "F:+epoch F:+step S:+epoch S:+epoch S:+step S:+step S:+step"
    assert found == {
        "impl.Stop": f"{everywhere} T:+epoch T:+epoch T:+step T:+step T:+step",
        "Halt": f"{everywhere} T:+epoch T:+epoch T:+step T:+step T:+step",
        "Sooner": "S:+epoch S:+step T:+epoch T:+step",
        "app.fn": "F:pre-step S:pre-step T:pre-step",
        "other_name": "F:pre-step S:pre-step T:pre-step",
        "DOUBLE": "S:pre-epoch T:pre-epoch",
        "SHARED": "S:+epoch S:+step T:+epoch T:+step",
        "made": "T:pre-step",
        "impl.made(3)": "T:pre-step",
        "Third.<lambda>": "T:pre-step",
        "is_odd": "F:pre-epoch S:pre-epoch T:pre-epoch",
        "Second.pre_step_callback": "S:pre-step T:pre-step",
    }


def test_R65_what_compiles_is_answered_in_a_project_with_errors(tmp_path):
    broken = {"app/broken.py": "def (", "app/warned.py": "x = 1  # arctic-codegen: ignore[AC201]"}
    p = Project(tmp_path, {**FILES, **broken})
    told = p.cli("uses", "Patience")
    assert told.code == 1
    assert "2 calls in 2 classes; found 1 error" in told.stderr
    assert "app/broken.py:1:5" in told.stdout
    assert "AC013" not in told.stdout
    told = p.cli("uses", "Patienc")
    assert told.code == 1
    known = "no callback is named 'Patienc' (did you mean app.callbacks.Patience?)"
    assert f"In what could be read, {known}\n" in told.stderr
    assert "calls in" not in told.stderr
    missing = 'sources = ["app", "gone"]'
    config = (p.root / "pyproject.toml").read_text().replace('sources = ["app"]', missing)
    p.write({"pyproject.toml": config, "app/broken.py": ""})
    told = p.cli("uses", "Patience")
    assert "2 calls in 2 classes; found 1 error" in told.stderr
    assert "'gone'" in told.stdout


def test_wrong_use_is_said(tmp_path):
    p = Project(tmp_path, FILES)
    near = p.cli("uses", "callbacks.logg")
    assert near.code == 2
    assert "did you mean app.callbacks.log or app.callbacks.lost?" in near.stderr
    lost = p.cli("uses", "lost")
    assert lost.code == 2
    assert "no compiled class calls 'lost'" in lost.stderr
    for name, said in {
        "Nobodys": "`arctic-codegen explain app.main:Nobodys` shows what it calls",
        "never": "it exists, and no list of callbacks has it",
        "app/callbacks.py:3": "'app/callbacks.py:3' is a file, not the name of a function",
    }.items():
        assert said in p.cli("uses", name).stderr
    assert p.cli("uses").code == 2
    assert p.cli("uses", "log", "--unused").code == 2
