"""Writes random projects to disk, and runs them in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.harness import write_files
from tests.property.projects import RandomProject

ROOT = Path(__file__).parents[2]
TIMES = int(os.environ.get("ARCTIC_CODEGEN_RANDOM_TIMES", "1"))
"""The factor by which tests marked `long` try more random projects, with other seeds."""


def batches(first: int, size: int, number: int = 1) -> range:
    """The first seeds of that many tests, each of ``size`` seeds."""
    return range(first, first + size * number * TIMES, size)


def configuration(project: RandomProject) -> str:
    return (
        f'[tool.arctic-codegen]\nsources = ["{project.name}"]\noutput = "out_{project.name}"\n'
        'semantics = "documented"\nignore = ["AC7"]\n'
    )


def write(project: RandomProject, folder: Path) -> Path:
    """The project in a separate folder, which is its root."""
    root = folder / project.name
    write_files(root, {**project.files, "pyproject.toml": configuration(project)})
    return root


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": "0", **more}


def run(projects: list[RandomProject], folder: Path, mode: str) -> list[dict]:
    """The behaviour of the classes of these projects, in one fresh process."""
    requests = [
        {"root": str(folder / p.name), "name": p.name, "modules": p.modules, "calls": p.calls}
        for p in projects
    ]
    path = folder / f"{mode}.json"
    path.write_text(json.dumps(requests))
    done = subprocess.run(
        [sys.executable, "-m", "tests.property.run_projects", mode, str(path)],
        cwd=ROOT,
        env=environment(RANK=str(len(projects[0].files) % 2)),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])  # libraries print as well


def build(root: Path) -> list[str]:
    """Build in this process; returns the errors, one line each."""
    from arctic_codegen import api
    from arctic_codegen.diagnostics.records import Severity

    result = api.build(working_folder=root, use_cache=False)
    assert result.exit_code in (0, 1)
    errors = [f for f in result.findings if f.severity is Severity.ERROR]
    assert bool(errors) == bool(result.exit_code)
    return [f"{place(f)} {f.code} {f.message}" for f in errors]


def place(finding) -> str:
    where = finding.place
    return f"{Path(where.path).name}:{where.span.line}:{where.span.column}" if where else "-"


def output(root: Path) -> dict[str, bytes]:
    """Every file of the output folder, including the lock file."""
    folder = root / f"out_{root.name}"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
