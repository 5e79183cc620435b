"""Errors name a failing callback, in every form of declaration (R31)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")

from tests.forking import Forks
from tests.parity.blocks.harness import Rank

SOURCES = """
from __future__ import annotations

from functools import partial

from arctic_codegen import every, optional, rank_zero, when
from arctic_codegen.blocks import CausalTrainer, Trainer
from arctic_codegen.callbacks import Callback


def fail(self: Trainer, number: int = 0) -> None:
    if self.global_step == number:
        raise ValueError("on purpose")


def first(self: Trainer) -> None:
    fail(self, 1)


def second(self: Trainer) -> None:
    fail(self, 2)


def third(self: Trainer) -> None:
    fail(self, 3)


def condition(self: Trainer) -> bool:
    fail(self, 12)
    return False


class Called:
    def __call__(self, trainer: Trainer) -> None:
        fail(trainer, 4)

    def bound(self, trainer: Trainer) -> None:
        fail(trainer, 5)


called = Called()


class Inherited(Callback):
    def pre_train(self, trainer: Trainer) -> None:
        fail(trainer, 10)


class ObjectWithACommentAboveTheCallOfItsMethod(Inherited):
    pass


class CallableWithoutACommentAtTheCall:
    def __call__(self, trainer: Trainer) -> None:
        fail(trainer, 11)


class T(CausalTrainer):
    name = "t"
    callbacks = [
        ("pre-train", rank_zero(first)),
        ("pre-train", every(1, second)),
        ("pre-train", optional(third)),
        ("pre-train", called),
        ("pre-train", called.bound),
        ("pre-train", partial(fail, number=6)),
        ("pre-train", rank_zero(lambda self: fail(self, 7))),
    ]

    def train(self) -> None:
        fail(self, 9)

    def post_train_callback(self) -> None:
        self.epoch()

    def epoch(self) -> None:
        return None

    def post_epoch_callback(self) -> None:
        fail(self, 8)


class Longer(T):
    name = "long"
    callbacks = [
        *ObjectWithACommentAboveTheCallOfItsMethod(),
        ("post-train", CallableWithoutACommentAtTheCall()),
        ("post-train", when(condition, first)),
    ]

    def train(self) -> None:
        return None
"""
PROGRAM = """
from generated.app import T, Longer
from arctic_codegen.blocks.failing import described

for step in range(1, 13):
    cls = T if step < 10 else Longer
    trainer = cls.__new__(cls)
    trainer.global_step = step
    try:
        trainer.train()
    except ValueError as error:
        print(described(error), flush=True)
    else:
        print("nothing", flush=True)
"""


def test_R31_a_failed_callback_is_named_as_it_was_declared(tmp_path: Path, forks: Forks):
    (tmp_path / "app.py").write_text(SOURCES)
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app.py"]\n')
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "arctic_codegen", "build"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    log = tmp_path / "log"
    rank = Rank(forks, forks.start(["program.py"], os.environ, tmp_path, log), log)
    assert rank.wait() == 0, rank.out
    told = [line for line in rank.out.splitlines() if line.startswith(("the c", "Value", "noth"))]
    of_train = [
        "app.first", "app.second", "app.third", "app.Called.__call__", "app.Called.bound",
        "app.fail", "app.T.<lambda>",
    ]  # fmt: skip
    expected = [
        f"the callback {name}, at train of T, failed: ValueError: on purpose" for name in of_train
    ]
    expected[2:3] = ["ValueError: on purpose", "nothing"]  # it is logged
    expected += [
        "the callback app.T.post_epoch_callback, at epoch of T, failed: ValueError: on purpose",
        "ValueError: on purpose",
        "the callback app.Inherited.pre_train, at train of Longer, failed: ValueError: on purpose",
        "the callback app.CallableWithoutACommentAtTheCall.__call__, at train of Longer, failed:"
        " ValueError: on purpose",
        "the callback app.condition, at train of Longer, failed: ValueError: on purpose",
    ]
    assert told == expected
