"""``-o FILE`` overwrites only reports of this tool, and ``-o -`` writes to standard output."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.harness import AUTHOR, Project

CACHE = {".arctic-codegen-cache"}
COMMANDS = [
    "report", "list", "list --format json", "list --format sarif", "uses lambda",
    "explain app.main:TrainerB", "explain app.main:TrainerB --format mermaid", "explain AC201",
    "explain AC201 --format json", "build --diff", "diff", "diff --format markdown",
    *(f"build --check --format {one}" for one in ("full", "concise", "json", "github", "sarif")),
]  # fmt: skip


def test_R64_no_file_of_somebody_else_is_overwritten(project, cli):
    p = Project(project, {})
    for command in ("init -q", "add -A", "commit -qm x"):
        p.run("git", *command.split(), env=AUTHOR)
    source = project / "app" / "main.py"
    source.write_text(source.read_text().replace('"post-epoch"', '"post-step"'))
    before = source.read_text()
    for command in COMMANDS:
        for _ in range(2):  # files of this tool are overwritten
            assert cli(*command.split(), "-o", "out").code in (0, 1), command
        assert Path("out").stat().st_size > 30, command
    for command in ("report", "list", "build"):
        for name in ("app/main.py", "pyproject.toml"):
            done = cli(command, "--output", name)
            assert done.code == 2, command
            assert f"'{name}' exists, and arctic-codegen did not write it" in done.err
            assert "write to another file, or remove this one first" in done.err
    assert not (project / "generated").exists()
    assert source.read_text() == before
    Path("trace.json").write_text("{}")
    for arguments in (("trace", "merge", "x", "-o"), ("run", "recipe.yaml", "--trace")):
        assert "did not write it" in cli(*arguments, "trace.json").err
    traced = ("-m", "arctic_codegen.trace", "-o", "app/main.py", "app/main.py")
    assert "'app/main.py' exists and is not a trace" in p.run(sys.executable, *traced, ok=False)
    assert source.read_text() == before


@pytest.mark.parametrize("command", ["report", "list"])
def test_R64_a_dash_is_standard_output(project, cli, command):
    done = cli(command, "-o", "-")
    assert "TrainerB" in done.out
    assert done.err == "3 classes\n"
    assert {path.name for path in project.iterdir()} <= {"app", "pyproject.toml"} | CACHE
