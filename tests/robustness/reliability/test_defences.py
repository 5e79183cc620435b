"""If a defence is disabled, a test fails that passes with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.robustness.reliability.defences import DEFENCES
from tests.robustness.reliability.record import RESULTS, defended

ROOT = Path(__file__).parents[3]
WITHOUT = Path(__file__).parent / "without"


def without(name: str) -> subprocess.CompletedProcess[str]:
    """The test of a defence, in a process with the module without it."""
    defence = DEFENCES[name]
    env = {
        key: value
        for key, value in os.environ.items()
        if key != RESULTS and not key.startswith("PYTEST_")
    }
    paths = filter(None, (str(WITHOUT), env.get("PYTHONPATH")))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider",
         "--no-header", defence.test],
        cwd=ROOT,
        env={
            **env,
            "PYTHONPATH": os.pathsep.join(paths),
            "WITHOUT_DEFENCE": json.dumps(defence[:3]),
        },
        capture_output=True,
        text=True,
        timeout=400,
    )  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("name", DEFENCES)
def test_without_it_a_test_fails(name):
    done = without(name)
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-1000:]
    assert "FAILED tests/" in done.stdout
    assert "the defence stands" not in done.stdout + done.stderr
    defended(name, DEFENCES[name].test)


def test_each_defence_stands_where_it_is_said_to():
    for defence in DEFENCES.values():
        path = ROOT / (defence.module.replace(".", "/") + ".py")
        assert path.read_text(encoding="utf-8").count(defence.old) == 1, defence
