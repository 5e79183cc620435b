"""The wheel is complete: templates, pages of codes, `py.typed`, and the command."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from arctic_codegen._version import VERSION
from tests.meta.installing import (
    PROGRAM,
    SOURCE,
    builds_a_project,
    built_wheel,
    call,
    types_are_seen,
)
from tests.pages import ROOT

CODES = "arctic_codegen/diagnostics/codes"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return built_wheel(tmp_path_factory.mktemp("wheel"))


def test_contents(wheel):
    assert wheel.name == f"arctic_codegen-{VERSION}-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "arctic_codegen/py.typed" in names
    templates = {name.name for name in (ROOT / "templates").iterdir() if name.is_file()}
    assert templates
    assert {f"arctic_codegen/templates/{name}" for name in templates} <= names
    pages = {path.name for path in (ROOT / CODES).glob("*.md")}
    assert pages
    assert {f"{CODES}/{name}" for name in pages} <= names
    assert not [name for name in names if name.startswith(("tests", "examples", "generated"))]


def test_the_same_sources_make_the_same_bytes(wheel, tmp_path):
    """In another folder, later, with other permissions, and in another time zone."""
    copy = tmp_path / "copy"
    ignore = shutil.ignore_patterns(".*", "__pycache__", "tests", "examples", "generated")
    shutil.copytree(ROOT, copy, ignore=ignore)
    for number, path in enumerate(sorted(copy.rglob("*"))):
        os.utime(path, (978_307_200 + number, 978_307_200 + number))
        path.chmod(0o700 if path.is_dir() else 0o600)
    env = {**os.environ, "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7"}
    arguments = ("--wheel", "--no-isolation", "--outdir", tmp_path / "out", copy)
    call(sys.executable, "-m", "build", *arguments, env=env)
    (again,) = (tmp_path / "out").glob("*.whl")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_builds_a_project_from_an_empty_environment(wheel, tmp_path):
    """Dependencies come from this environment, in which the package itself is editable."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    call(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    shutil.copy(Path(sysconfig.get_path("scripts")) / "ruff", python.parent / "ruff")
    env = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}
    (tmp_path / "project").mkdir()
    builds_a_project(python, tmp_path / "project", env)


@pytest.mark.long
def test_the_sdist_makes_the_same_wheel(wheel, tmp_path):
    """So results for the installed wheel also apply to the sdist."""
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, ROOT)
    assert {path.suffix for path in tmp_path.iterdir()} == {".gz", ".whl"}
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


@pytest.mark.long
def test_installs_with_its_dependencies(wheel, tmp_path):
    """As a user does it, from the package index."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    call(python, "-m", "pip", "install", "--quiet", wheel)
    (tmp_path / "project").mkdir()
    builds_a_project(python, tmp_path / "project", dict(os.environ))
    types_are_seen(python, tmp_path / "project")


@pytest.mark.long
def test_editable_install_finds_the_templates(tmp_path):
    copy = tmp_path / "copy"
    ignore = shutil.ignore_patterns(".venv", ".git", "__pycache__", ".*_cache", "tests")
    shutil.copytree(ROOT, copy, ignore=ignore)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    call(python, "-m", "pip", "install", "--quiet", "-e", copy)
    (tmp_path / "project").mkdir()
    project = tmp_path / "project"
    (project / "trainers.py").write_text(SOURCE)
    call(python.parent / "arctic-codegen", "build", "trainers.py", cwd=project)
    where = call(python, "-c", PROGRAM, cwd=project).splitlines()[0]
    assert Path(where).is_relative_to(copy)
