"""``arctic-codegen uses``: where a callback runs, and which run nowhere (R65)."""

from __future__ import annotations

import json

from tests.harness import Project

FILES = {
    "app/__init__.py": "",
    "app/callbacks.py": """
    def log(trainer, loss):
        return loss

    def lost(trainer):
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


def test_R65_methods_and_objects_have_names_too(tmp_path):
    p = Project(tmp_path, FILES)
    method = json.loads(p.cli("uses", "Base.post_step_callback", "--format", "json").stdout)
    assert [(one["class"], one["event"]) for one in method["uses"]] == [("First", "post-step")]
    told = p.cli("uses", "Patience")
    assert "2 calls in 2 classes" in told.stderr


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


def test_wrong_use_is_said(tmp_path):
    p = Project(tmp_path, FILES)
    near = p.cli("uses", "callbacks.logg")
    assert near.code == 2
    assert "did you mean app.callbacks.log?" in near.stderr
    lost = p.cli("uses", "lost")
    assert lost.code == 2
    assert "no compiled class calls 'lost'" in lost.stderr
    assert p.cli("uses").code == 2
    assert p.cli("uses", "log", "--unused").code == 2
