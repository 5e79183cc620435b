"""Which launcher is started."""

from __future__ import annotations

import sys

import pytest

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.recipes.launching import command, launcher


@pytest.fixture
def environments(tmp_path, monkeypatch):
    """Three of them: that of the running Python, the configured one, and one on ``PATH``."""

    def make(name):
        program = tmp_path / name / "bin" / "arctic_training"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        return program

    monkeypatch.setattr(sys, "executable", str(tmp_path / "own" / "bin" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "on_path" / "bin"))
    return make


def test_the_configured_environment_comes_first(environments, tmp_path):
    configured = str(tmp_path / "configured" / "bin" / "python3")
    with pytest.raises(WrongUse, match=r"neither beside .*/configured/bin/python nor on PATH"):
        launcher(configured)
    found = []
    for name in ("on_path", "own", "configured"):
        expected = environments(name)
        found.append(launcher(configured))
        assert found[-1] == str(expected)
    assert launcher(None) == found[1]


def test_a_mode_goes_before_the_recipe():
    for given, expected in {
        (): ["r.yaml"],
        ("train",): ["train", "r.yaml"],
        ("process-data", "--a", "1"): ["process-data", "r.yaml", "--a", "1"],
        ("--include", "localhost:0"): ["r.yaml", "--include", "localhost:0"],
    }.items():
        assert list(command("/bin/at", "r.yaml", given, {}).arguments[1:]) == expected
