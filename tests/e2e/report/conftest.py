"""A project with everything that a report shows, and its report."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.harness import AUTHOR, Project

TRAINERS = """
from __future__ import annotations

from arctic_codegen import CallbackMixin, after, every, replaces_inherited, when


def clip(highest: float):
    def limit(trainer: Trainer, loss: float) -> float:
        return min(loss, highest)

    return limit


def shorten(trainer: Trainer, batch: list[int]) -> list[int]:
    return batch[:50]


def check(trainer: Trainer, loss: float) -> float:
    assert loss >= 0
    return loss


def log(trainer: Trainer, loss: float) -> float:
    return loss


class Trainer(CallbackMixin):
    debug = True
    name = "plain"
    callbacks = [("pre-loss", shorten), ("post-loss", clip(10.0)), ("post-loss", check)]

    def __init__(self) -> None:
        self.temperature = 1.0

    def loss(self, batch: list[int]) -> float:
        return float(len(batch))

    def step(self, batch: list[int]) -> float:
        return self.loss(batch)

    def post_step_callback(self, loss: float) -> float:
        self.temperature = 0.9
        return loss

    def pre_step_callback(self, batch: list[int]) -> list[int]:
        return batch


class CoolTrainer(Trainer):
    name = "cool"
    callbacks = [("post-loss", when("debug", every(10, after(check, log))))]

    @replaces_inherited
    def pre_step_callback(self, batch: list[int]) -> list[int]:
        return batch[::-1]

    def post_step_callback(self, loss: float) -> float:
        self.temperature = 0.1
        return loss * 2
"""
ATTACK = "</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\\u202e'\\\""
HOSTILE = f'''
from arctic_codegen import CallbackMixin, when


def tag(text: str):
    """{ATTACK}"""

    def tagged(self: "Hostile") -> None: ...

    return tagged


class Hostile(CallbackMixin):
    """{ATTACK}"""

    name = {ATTACK!r}
    debug = False
    callbacks = [
        ("pre-run", tag("""{ATTACK}""")),
        ("post-run", when(lambda self: self.name == {ATTACK!r}, tag("javascript:alert(1)"))),
    ]

    def run(self, text: str = {ATTACK!r}) -> None: ...
'''
TRAIN = """
from generated.app.trainers import CoolTrainer

trainer = CoolTrainer()
for number in range(100):
    trainer.step(list(range(number)))
"""
FILES = {"app/__init__.py": "", "app/trainers.py": TRAINERS, "train.py": TRAIN}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Built, committed and traced; the argument of ``clip`` and an entry have changed since."""
    project = Project(tmp_path_factory.mktemp("report"), FILES).built()
    for command in ("init -q", "add -A", "commit -qm x"):
        project.run("git", *command.split(), env=AUTHOR)
    project.run(sys.executable, "-m", "arctic_codegen.trace", "-o", "trace.json", "train.py")
    changed = TRAINERS.replace("clip(10.0)", "clip(8.0)").replace(
        '("post-loss", when', '("pre-loss", shorten), ("post-loss", when'
    )
    changed = changed.replace('("pre-loss", shorten), ("post-loss", clip', '("post-loss", clip')
    project.write({"app/trainers.py": changed})
    return project


@pytest.fixture(scope="session")
def report(project: Project) -> Path:
    """The report with the changes, times and links."""
    options = ("--against", "HEAD", "--trace", "trace.json", "--link", "vscode")
    ran = project.cli("report", "-o", "all.html", *options)
    assert ran.code == 0, ran.stdout + ran.stderr
    return project.root / "all.html"


@pytest.fixture(scope="session")
def hostile_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Its texts and folder names attack the report."""
    root = tmp_path_factory.mktemp("<img src=x onerror=alert(2)>")
    folder = "a&quot;<b onclick=alert(3)>\u202e"
    config = f'[tool.arctic-codegen]\nsources = ["{folder}/app.py"]\nsrc = ["{folder}"]\n'
    return Project(root, {f"{folder}/app.py": HOSTILE}, config)


@pytest.fixture(scope="session")
def hostile(hostile_project: Project) -> Path:
    """Its report."""
    ran = hostile_project.cli("report", "-o", "all.html", "--link", "vscode")
    assert ran.code == 0, ran.stdout + ran.stderr
    return hostile_project.root / "all.html"
