"""Compiled classes on ArcticTraining's mixin and registry, without a training run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.harness import Project, forked
from tests.parity.takeover import project

CHECKS = Path(__file__).parent / "checks.py"
NAMES = re.findall(r"^def (R\d\w+)", CHECKS.read_text(encoding="utf-8"), re.MULTILINE)


def results(folder: Path, late: bool) -> dict[str, str | None]:
    """Each check and its failure, in a project that is built and used in fresh processes."""
    files = {
        "blocks.py": project.BLOCKS,
        "common.py": project.COMMON,
        "trainers.py": project.TRAINERS,
        "across.py": project.ACROSS,
        "checks.py": CHECKS.read_text(encoding="utf-8"),
    }
    config = project.CONFIGURATION.format(late=str(late).lower())
    Project(folder, files, config).built()
    program = ["checks.py", *(["late"] if late else [])]
    done = forked("blocks", program, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith('["R')]
    return dict(json.loads(line) for line in lines)


@pytest.fixture(scope="module", params=[False, True], ids=["closed", "late"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> object:
    return results(tmp_path_factory.mktemp("takeover"), request.param)


@pytest.mark.parametrize("name", NAMES)
def test_takeover(told: dict[str, str | None], name: str) -> None:
    assert told[name] is None, told[name]
