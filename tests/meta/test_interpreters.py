"""Other Python versions than that of the tests, and the oldest allowed dependencies."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.meta.installing import builds_a_project, built_wheel, types_are_seen
from tests.pages import ROOT

TESTS = (
    "tests/cases",
    "tests/e2e/programs/test_order.py",
    "tests/e2e/programs/test_calling.py",
    "tests/e2e/typecheck/test_runtime.py",
    "tests/unit/runtime",
)
KINDS = {
    "3.10, oldest dependencies": ("3.10", "lowest.txt"),
    "3.12": ("3.12", "dev.txt"),
    "3.13": ("3.13", "dev.txt"),
}


def interpreter(version: str) -> str | None:
    """A Python of this version, from the path or from pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(map(str, pyenv.glob(f"{version}.*/bin/python")))
    for candidate in (f"python{version}", *found):
        try:
            done = subprocess.run(
                [candidate, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True,
                text=True,
                timeout=60,
            )
        except OSError:
            continue
        if done.stdout.strip() == version:
            return candidate
    return None


def call(*command: str | Path) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHON"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_output_and_the_same_runs(tmp_path, kind):
    version, constraints = KINDS[kind]
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    call(python, "-m", "venv", tmp_path / "env")
    own = tmp_path / "env" / "bin" / "python"
    pinned = ("--quiet", "--constraint", ROOT / "requirements" / constraints)
    call(own, "-m", "pip", "install", *pinned, "--editable", ".[check]", "pytest")
    assert "[100%]" in call(own, "-m", "pytest", *TESTS)
    replaced = ("--quiet", "--no-deps", "--force-reinstall", built_wheel(tmp_path))
    call(own, "-m", "pip", "install", *replaced)
    (tmp_path / "project").mkdir()
    builds_a_project(own, tmp_path / "project", dict(os.environ))
    types_are_seen(own, tmp_path / "project")
