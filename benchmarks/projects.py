"""Generates projects to measure builds on: trees of trainers of any size, always the same."""

from __future__ import annotations

from pathlib import Path

MODULES_IN_A_PACKAGE = 25

_BASE = '''\
"""What every trainer of the project derives from."""

from __future__ import annotations

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    """Trains."""

    name = "base"
    callbacks = [("pre-step", lambda self, batch: batch)]

    def train(self) -> None:
        for batch in ([1, 2], [3, 4]):
            self.step(batch)

    def step(self, batch: list[int]) -> int:
        return self.loss(batch)

    def loss(self, batch: list[int]) -> int:
        return sum(batch)

    def post_train_callback(self) -> None:
        print("trained")
'''

_LEAF = '''\
"""Trainer number {number}."""

from __future__ import annotations

import logging
import math

from {package}.base import Trainer

LOGGER = logging.getLogger(__name__)
LIMIT = {number}


def half(trainer: Trainer, value: int) -> int:
    """Halves a loss."""
    return value // 2


def shorten(trainer: Trainer, batch: list[int]) -> list[int]:
    """Takes the first items of a batch."""
    if not batch:
        return batch
    return batch[: max(1, LIMIT)]


def entropy(values: list[float]) -> float:
    """A helper that is no callback."""
    total = math.fsum(values)
    if total <= 0:
        return 0.0
    parts = [value / total for value in values if value > 0]
    return -math.fsum(part * math.log2(part) for part in parts)


class Trainer{number}(Trainer):
    """Trains in its own way."""

    name = "trainer_{number}"
    callbacks = [("post-loss", half), ("pre-loss", shorten)]

    def loss(self, batch: list[int]) -> int:
        LOGGER.debug("a batch of %d", len(batch))
        return super().loss(batch) + {number}

    def post_step_callback(self, value: int) -> int:
        return value + {number}


class Helper{number}:
    """Has nothing to do with callbacks."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.items: list[int] = []

    def add(self, item: int) -> bool:
        if len(self.items) >= self.size:
            return False
        self.items.append(item)
        return True
'''


def write_project(folder: Path, modules: int, package: str = "trainers") -> Path:
    """Writes a project of that many modules, one of them the base of all; returns its package."""
    root = folder / package
    root.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        f'[tool.arctic-codegen]\nsources = ["{package}"]\nsemantics = "documented"\n'
    )
    (root / "__init__.py").write_text("")
    (root / "base.py").write_text(_BASE)
    for number in range(modules - 1):
        path = leaf(root, number)
        if not path.parent.is_dir():
            path.parent.mkdir()
            (path.parent / "__init__.py").write_text("")
        path.write_text(_LEAF.format(number=number, package=package))
    return root


def leaf(package: Path, number: int) -> Path:
    """The file of one of the trainers."""
    return package / f"part_{number // MODULES_IN_A_PACKAGE}" / f"trainer_{number}.py"
