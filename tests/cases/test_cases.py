"""The cases in this folder; ``python -m tests.update_cases`` updates their expected output."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cases.harness import CASES, expected_files, run_case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case, tmp_path):
    transcript, files = run_case(case, tmp_path)
    assert transcript == (case / "transcript.txt").read_text(encoding="utf-8")
    assert files == expected_files(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_R32_expected_output_passes_ruff(case):
    """The output is formatted as by ``ruff format --isolated``, and passes its default rules."""
    expected = case / "expected"
    if not expected.exists():
        assert "exit 1" in (case / "transcript.txt").read_text(encoding="utf-8")
        return
    ruff = [sys.executable, "-m", "ruff"]
    check = ["check", "--isolated", "--select", "E4,E7,E9,F", "--ignore", "E741", "--no-cache"]
    done = subprocess.run([*ruff, *check, str(expected)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
