"""Writes random projects to disk, and runs them in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.property.projects import Project

ROOT = Path(__file__).parents[2]


def configuration(project: Project) -> str:
    return f'[tool.arctic-codegen]\nsources = ["{project.name}"]\noutput = "out_{project.name}"\n'


def write(project: Project, folder: Path) -> Path:
    """The project in a folder of its own, which is its root."""
    root = folder / project.name
    for path, text in {**project.files, "pyproject.toml": configuration(project)}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def run(projects: list[Project], folder: Path, mode: str) -> list[dict]:
    """What the classes of these projects do, in one fresh process."""
    requests = [
        {"root": str(folder / p.name), "name": p.name, "modules": p.modules, "calls": p.calls}
        for p in projects
    ]
    path = folder / f"{mode}.json"
    path.write_text(json.dumps(requests))
    done = subprocess.run(
        [sys.executable, "-m", "tests.property.run_projects", mode, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)
