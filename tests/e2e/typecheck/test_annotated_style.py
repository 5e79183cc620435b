"""`annotate` keeps the style of the file: imports in isort's order, and the line length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.harness import Project

CONFIG = '[tool.arctic-codegen]\nsources = ["app"]\n\n[tool.ruff]\nline-length = 79\n'
BASE = """
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arctic_codegen import CallbackMixin


@dataclass
class BatchWithAVeryLongName:
    size: int


class BaseTrainer(CallbackMixin):
    def loss(self, batch: BatchWithAVeryLongName, scale: float) -> float:
        return scale

    def save(self, path: Path, extra: Mapping[str, Any]) -> None: ...
"""
TRAINERS = """
from functools import partial

from arctic_codegen import CallbackMixin, when

from app import bare, documented, future, later, sorted_well, tabs, unsorted
from app.base import BaseTrainer


def is_on(trainer):
    return True


class TrainerWithALongName(BaseTrainer, CallbackMixin):
    callbacks = [
        ("pre-loss", bare.scaled),
        ("post-loss", sorted_well.kept),
        ("pre-save", sorted_well.written),
        ("pre-save", future.written),
        ("post-loss", documented.Clip()),
        ("pre-loss", when(is_on, tabs.scaled)),
        ("pre-loss", partial(unsorted.scaled, by=2)),
        ("post-loss", later.kept),
    ]

    def pre_loss_callback(self, batch, scale):
        return batch, scale
"""
FILES = {
    "bare": """
def scaled(trainer, batch, scale):
    return batch, scale
""",
    "sorted_well": """
import os
from typing import Any

import click

CHOSEN: Any = click.Choice(os.environ)


def kept(trainer, loss):
    return loss


def written(trainer, path, extra):
    return path, extra
""",
    "future": '''
"""Paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HOME: Path


def written(trainer, path, extra):
    return path, extra
''',
    "documented": '''
"""An object."""


class Clip:
    def __call__(self, trainer, loss):
        return loss
''',
    "later": """
import click

NAME = click.__name__


def kept(  # the loss
    trainer,
    loss,
):
    return loss
""",
}
TABS = """
import os


def scaled(trainer, batch, scale):
\treturn batch, scale


print(os.sep)
"""
UNSORTED = """
import click
import os
from app.base import BaseTrainer


def scaled(trainer, batch, by):
    return batch


print(click, os, BaseTrainer)
"""
TABS_AFTER = """
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.base import BatchWithAVeryLongName
    from app.trainers import TrainerWithALongName


def scaled(trainer: "TrainerWithALongName", batch: "BatchWithAVeryLongName", scale: float)\
 -> "tuple[BatchWithAVeryLongName, float]":
\treturn batch, scale


print(os.sep)
"""
UNSORTED_AFTER = """
import click
import os
from app.base import BaseTrainer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.base import BatchWithAVeryLongName
    from app.trainers import TrainerWithALongName


def scaled(
    trainer: "TrainerWithALongName", batch: "BatchWithAVeryLongName", by
) -> "BatchWithAVeryLongName":
    return batch


print(click, os, BaseTrainer)
"""


def ruff(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).parent / "ruff", *command, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return done.stdout if done.returncode else ""


def test_files_keep_their_style(tmp_path):
    clean = {f"app/{name}.py": text for name, text in {**FILES, "trainers": TRAINERS}.items()}
    files = {"app/__init__.py": "", "app/base.py": BASE, **clean}
    files |= {"app/tabs.py": TABS, "app/unsorted.py": UNSORTED}
    p = Project(tmp_path / "project", files, CONFIG)
    rules = ("check", "--select", "I,E501,F,UP037,TC", *clean)
    assert not ruff(p.root, *rules) + ruff(p.root, "format", "--check", *clean)
    ran = p.cli("annotate", "--format", "concise")
    assert "10 callbacks in 8 sources are annotated" in ran.stderr, ran.stdout + ran.stderr
    assert not ruff(p.root, *rules) + ruff(p.root, "format", "--diff", *clean)
    assert (p.root / "app" / "tabs.py").read_text() == TABS_AFTER.lstrip("\n")
    assert (p.root / "app" / "unsorted.py").read_text() == UNSORTED_AFTER.lstrip("\n")
    written = "".join((p.root / name).read_text() for name in clean)
    assert written.count("Mapping[str, Any]") == 4
    assert written.count(": Any") == 1  # which existed before
    assert p.cli("annotate", "--diff").stdout == ""


def test_a_configuration_that_ruff_refuses_is_no_matter(tmp_path):
    files = {"app/__init__.py": "", "app/base.py": BASE, "app/trainers.py": TRAINERS}
    files |= {f"app/{name}.py": text for name, text in FILES.items()}
    files |= {"app/tabs.py": TABS, "app/unsorted.py": UNSORTED}
    p = Project(tmp_path / "project", files, CONFIG + 'required-version = "==0.0.1"\n')
    ran = p.cli("annotate")
    assert (ran.code, "Traceback" in ran.stderr) == (0, False), ran.stderr
    text = (p.root / "app" / "sorted_well.py").read_text()
    assert "import click\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n" in text
