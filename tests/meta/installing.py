"""Builds and installs a wheel of the package, and uses it as a user would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.pages import ROOT

SOURCE = """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self, size: int = 2) -> int:
        print("step")
        return size

    def post_step_callback(self, size: int) -> int:
        print("after")
        return size
"""
PROGRAM = """
import arctic_codegen
from generated.trainers import Trainer

print(arctic_codegen.__file__)
Trainer().step()
"""
TYPED = """
from generated.trainers import Trainer

reveal_type(Trainer().step(size=1))
reveal_type(Trainer.callbacks)
"""


def call(*command: str | Path, **options: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=600, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built_wheel(folder: Path) -> Path:
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


def builds_a_project(python: Path, folder: Path, env: dict[str, str]) -> None:
    (folder / "trainers.py").write_text(SOURCE)
    (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["trainers.py"]\n')
    command = python.parent / "arctic-codegen"
    call(command, "build", cwd=folder, env=env)
    call(command, "build", "--check", cwd=folder, env=env)
    where, *printed = call(python, "-c", PROGRAM, cwd=folder, env=env).splitlines()
    assert Path(where).is_relative_to(python.parent.parent.resolve()), where
    assert printed == ["step", "after"]


def types_are_seen(python: Path, folder: Path) -> None:
    """By mypy and pyright of this environment, in that of ``python``, which has neither."""
    (folder / "typed.py").write_text(TYPED)
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MYPYPATH")}
    scripts = Path(sys.executable).parent
    mypy = (scripts / "mypy", "--strict", "--python-executable", python, "typed.py")
    pyright = (scripts / "pyright", "--pythonpath", python, "typed.py")
    for command in (mypy, pyright):
        seen = call(*command, cwd=folder, env=env)
        assert re.search(r'"(builtins\.)?int"', seen), seen
