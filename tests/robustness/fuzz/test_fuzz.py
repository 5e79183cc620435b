"""Any sources lead to findings at their places, or to complete output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.robustness.fuzz.cases import case
from tests.robustness.fuzz.corpus import CORPUS, read
from tests.robustness.fuzz.trying import tried

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.iterdir() if path.is_dir()))
def test_what_was_found(tmp_path, name):
    tried(read(CORPUS / name), tmp_path)


def test_some_projects(tmp_path):
    """Both cases occur: projects with output, and projects with errors."""
    assert len({tried(case(seed), tmp_path) for seed in range(20)}) == 2


@pytest.mark.long
def test_a_minute_of_projects():
    done = subprocess.run(
        [sys.executable, "-m", "tests.robustness.fuzz", "--seconds", "60"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]
