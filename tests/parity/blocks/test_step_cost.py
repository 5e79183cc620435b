"""A step of a compiled trainer costs as much as a handwritten loop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")

PROGRAM = Path(__file__).parents[3] / "benchmarks" / "step_cost.py"


@pytest.mark.long
def test_the_bound_holds():
    """A busy machine may disturb one run, but not three in a row."""
    told = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, str(PROGRAM), "--rounds", "81", "--check"],
            capture_output=True,
            text=True,
            timeout=600,
        )
        told.append(done.stdout + done.stderr)
        if done.returncode == 0:
            return
    pytest.fail("\n".join(told))
