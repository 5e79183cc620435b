"""A first hour with only the README, step by step, with an installed wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pages import PART, ROOT

pytestmark = pytest.mark.long
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYPROJECT = """
[project]
name = "my-project"
version = "1"

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
include = ["my_project", "generated"]
"""
CELLS = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance(colors="NoColor")
for cell in CELLS:
    assert shell.run_cell(cell, store_history=True).success
"""
OBJECT = """
import sys

for missing in ("libcst", "jinja2", "click", "mypy"):
    sys.modules[missing] = None
from generated.my_project.trainers import MyTrainer

print(MyTrainer.__arctic_source__.__name__, MyTrainer().loss([30.0, 50.0]))
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def shown(word: str, what: str, number: int = 0) -> str:
    """The block of the README after the nth comment of that kind."""
    found = []
    for part in PART.finditer(README):
        if part["word"] is not None:
            is_wanted = (part["word"], part["what"] or "") == (word, what)
            if is_wanted and part["hidden"]:
                found.append(part["hidden"])
                is_wanted = False
        elif is_wanted:
            found.append(part["body"])
            is_wanted = False
    return found[number]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the wheel; its dependencies come from this environment."""
    folder = tmp_path_factory.mktemp("hour")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True, timeout=600)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True, timeout=600)
    shutil.copy(Path(sysconfig.get_path("scripts")) / "ruff", python.parent / "ruff")
    return python


@pytest.fixture
def run(python: Path, tmp_path: Path) -> Run:
    folder = tmp_path
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    packages = os.pathsep.join(one for one in sys.path if one.endswith("-packages"))
    env = {**os.environ, "PATH": path, "PYTHONPATH": packages}

    def run(*command: str, fails: int = 0, **options: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, **options
        )
        assert done.returncode == fails, done.stdout + done.stderr
        assert fails or "Traceback" not in done.stdout + done.stderr
        return done

    run.folder = folder
    return run


def write(run: Run, name: str, text: str) -> Path:
    path = run.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_first_hour(run: Run) -> None:
    source = write(run, "my_project/trainers.py", shown("file", "my_project/trainers.py"))
    write(run, "my_project/__init__.py", "")
    write(run, "pyproject.toml", PYPROJECT)

    run("arctic-codegen", "init")
    assert 'sources = ["my_project"]' in (run.folder / "pyproject.toml").read_text()
    assert "Compiled 2 classes" in run("arctic-codegen", "build").stderr
    assert run("python", "-c", OBJECT).stdout == "MyTrainer 20.0\n"
    explained = run("arctic-codegen", "explain", "my_project.trainers:MyTrainer").stdout
    assert re.findall(r"^  \d\. (?:call|post)  (\S+)", explained, re.MULTILINE) == [
        "Trainer.loss", "every(100,", "MyTrainer.post_loss_callback",
    ]  # fmt: skip

    # A mistake: the build reports it, stale output is not imported, CI shows it at its line.
    right = source.read_text()
    wrong = right.replace('"post-loss"', '"post-lss"')
    source.write_text(wrong)
    told = run("arctic-codegen", "build", fails=1).stdout
    assert told.strip() in README
    assert "StaleOutputError" in run("python", "-c", OBJECT, fails=1).stderr
    marked = run("arctic-codegen", "check", "--import", "--format", "github", fails=1).stdout
    assert ",file=my_project/trainers.py,line=15,col=19," in marked

    # Fixed, with one more callback, whose type does not fit.
    def clipped(type_: str) -> str:
        return right.replace("class Trainer(", f"{type_}\n\n\nclass Trainer(").replace(
            "every(100, log))]", 'every(100, log)), ("post-loss", clip)]'
        )

    source.write_text(clipped("def clip(self: object, loss: str) -> str:\n    return loss[:3]"))
    told = run("arctic-codegen", "check", fails=1).stdout
    assert re.search(r"^error\[AC501\].*\n +--> my_project/trainers.py:", told, re.MULTILINE), told
    source.write_text(
        clipped("def clip(self: object, loss: float) -> float:\n    return min(loss, 9.0)")
    )
    run("arctic-codegen", "build")
    assert "No problems found" in run("arctic-codegen", "check", "--import").stderr
    assert run("python", "-c", OBJECT).stdout == "MyTrainer 9.0\n"

    # A notebook, and a wheel, which is imported without the compiler.
    cells = [
        "from arctic_codegen.testing import compiled\nfrom my_project.trainers import MyTrainer",
        "class InACell(MyTrainer):\n    def post_loss_callback(self, loss: float) -> float:\n"
        "        return loss / 2",
        "print(compiled(InACell)().loss([8.0]))",
    ]
    assert run("python", "-c", f"CELLS = {cells!r}\n{CELLS}").stdout.splitlines()[-1] == "4.0"
    run("python", "-m", "build", "--wheel", "--no-isolation")
    (wheel,) = run.folder.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert "generated/my_project/trainers.py" in packed.namelist()
        packed.extractall(run.folder / "elsewhere")
    program = f"import os; os.chdir('elsewhere')\n{OBJECT}"
    assert run("python", "-c", program).stdout == "MyTrainer 9.0\n"


def test_a_training_run(run: Run) -> None:
    """On the building blocks, with the README's recipe and its own text as data."""
    write(run, "my_trainer.py", shown("file", "my_trainer.py", 1))
    recipe = shown("by", "tests/meta/test_first_hour.py").replace(": 100", ": 20")
    write(run, "recipe.yaml", recipe)
    write(run, "book.txt", README * 3)
    run("arctic-codegen", "build", "my_trainer.py")
    done = run("python", "-m", "arctic_codegen.blocks", "recipe.yaml")
    assert "100% done" in done.stdout + done.stderr
