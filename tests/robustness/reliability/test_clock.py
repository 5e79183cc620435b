"""If the clock is set forwards or back, edits are still detected, whatever their times are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest

from arctic_codegen import api
from tests.robustness.reliability.record import survived

TRAINER = """
from arctic_codegen import CallbackMixin


def told(self, x: int) -> int:
    print("{word}", x)
    return x


class Trainer(CallbackMixin):
    callbacks = [("{when}-step", told)]

    def step(self, x: int) -> int:
        print("step", x)
        return x
"""
YEARS = 3 * 365 * 24 * 3600
PROGRAM = "from generated.trainers import Trainer; Trainer().step(1)"


def program(folder):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("offset", [-YEARS, -3, 0, 3, YEARS])
def test_edits_of_the_same_size_and_time_are_seen(tmp_path, offset):
    (tmp_path / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["trainers.py"]\noutput = "generated"\n'
    )
    path = tmp_path / "trainers.py"
    at = time.time() + offset

    def write(word: str, when: str) -> None:
        path.write_text(TRAINER.format(word=word, when=when))
        os.utime(path, (at, at))
        # Python itself does not detect such an edit if it has bytecode.
        shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)

    write("a", "pre")
    assert api.build(working_folder=tmp_path).complete
    assert program(tmp_path).stdout == "a 1\nstep 1\n"
    write("a", "pre")  # the same bytes: nothing is stale
    assert program(tmp_path).returncode == 0
    for word, when, output in (
        ("a", "post", "step 1\na 1\n"),
        ("b", "post", "step 1\nb 1\n"),
        ("b", "pre", "b 1\nstep 1\n"),
        ("a", "pre", "a 1\nstep 1\n"),
    ):
        write(word, when)
        assert api.build(working_folder=tmp_path).complete
        assert program(tmp_path).stdout == output
    write("a", "post")
    assert "arctic-codegen build" in program(tmp_path).stderr
    survived("clock")
