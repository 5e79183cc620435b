"""Compiled classes on ArcticTraining's mixin and registry, without a training run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parity.takeover import project

CHECKS = Path(__file__).parent / "checks.py"
NAMES = re.findall(r"^def (R\d\w+)", CHECKS.read_text(encoding="utf-8"), re.MULTILINE)


def results(folder: Path, late: bool) -> dict[str, str | None]:
    """Each check and how it failed, in a project that is built and used in fresh processes."""
    (folder / "blocks.py").write_text(project.BLOCKS)
    (folder / "trainers.py").write_text(project.TRAINERS)
    (folder / "across.py").write_text(project.ACROSS)
    (folder / "checks.py").write_text(CHECKS.read_text(encoding="utf-8"))
    text = project.CONFIGURATION.format(late=str(late).lower())
    (folder / "pyproject.toml").write_text(text)
    for command in (
        ["-m", "arctic_codegen", "build"],
        ["checks.py", *(["late"] if late else [])],
    ):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            env={**os.environ, "DS_ACCELERATOR": "cpu"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith('["R')]
    return dict(json.loads(line) for line in lines)


@pytest.fixture(scope="module", params=[False, True], ids=["closed", "late"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> object:
    return results(tmp_path_factory.mktemp("takeover"), request.param)


@pytest.mark.parametrize("name", NAMES)
def test_takeover(told: dict[str, str | None], name: str) -> None:
    assert told[name] is None, told[name]
