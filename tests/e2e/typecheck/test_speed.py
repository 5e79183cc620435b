"""A warm check takes at most 1.5 times as long as a warm mypy on the same files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "check.py"


@pytest.mark.long
def test_the_bound_holds():
    """A busy machine may disturb one run, but not three in a row."""
    told = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, str(BENCHMARK), "--check"],
            capture_output=True,
            text=True,
            timeout=600,
        )
        told.append(done.stdout + done.stderr)
        if done.returncode == 0:
            return
    pytest.fail("\n".join(told))
