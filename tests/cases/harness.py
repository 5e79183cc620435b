"""Runs a case: ``project/`` is the input, ``expected/`` and ``transcript.txt`` are the output.

Each line of the transcript that starts with ``$`` is a command, run in a copy of the project. It is
followed by its output, and by its exit code if that is not 0. The lock file is omitted from the
expected output, because it contains versions of installed packages.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
CASES = sorted(path.parent for path in FOLDER.glob("*/transcript.txt"))
CONFIG = '[tool.arctic-codegen]\nsources = ["my_project"]\n'
LOCK = "arctic-codegen.lock"


def run_case(case: Path, folder: Path) -> tuple[str, dict[str, str]]:
    """The current transcript, and the files of the output folder."""
    root = folder / case.name
    shutil.copytree(case / "project", root)
    if not (root / "pyproject.toml").exists():
        (root / "pyproject.toml").write_text(CONFIG)
    lines = []
    for line in (case / "transcript.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("$ "):
            lines += [line, *run(line[2:], root)]
    output = root / "generated"
    files = {
        path.relative_to(output).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(output.rglob("*"))
        if path.is_file() and path.name != LOCK and "__pycache__" not in path.parts
    }
    return "\n".join(lines) + "\n", files


def run(command: str, root: Path) -> list[str]:
    """The output of a command, line by line."""
    words = shlex.split(command)
    if words[0] != "python":
        words[:1] = ["python", "-m", words[0].replace("-", "_")]
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=root,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(root),
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "PYTHONHASHSEED": "random",
        },
        timeout=300,
    )
    assert "Traceback" not in done.stderr, done.stderr
    told = done.stdout.replace(str(root), "<root>").rstrip("\n")
    lines = told.split("\n") if told else []
    return [*lines, f"[exit {done.returncode}]"] if done.returncode else lines


def expected_files(case: Path) -> dict[str, str]:
    expected = case / "expected"
    return {
        path.relative_to(expected).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(expected.rglob("*"))
        if path.is_file()
    }
