"""A third framework needs one record and one line of the table."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.harness import Project

CONFIG = """
[tool.arctic-codegen]
sources = ["app.py"]
"""
TOYKIT = """
class Hooked:
    callbacks: list = []


def hook(name):
    def mark(function):
        return function

    return mark
"""
APP = """
from toykit.hooks import Hooked, hook


def before(self):
    print("before")


class Engine(Hooked):
    callbacks = [("pre-run", before), ("post-store", lambda self: print("stored"))]

    def run(self) -> None:
        print("run")

    @hook("store")
    def save(self) -> None:
        print("save")

    def post_run_callback(self) -> None:
        print("after")


class Fast(Engine):
    callbacks = [("pre-run", lambda self: print("fast"))]
"""
BUILD = """
import importlib.util
import sys

spec = importlib.util.find_spec("arctic_codegen.frameworks.table")
text = open(spec.origin, encoding="utf-8").read()
line = "FRAMEWORKS: tuple[Framework, ...] = ("
assert text.count(line) == 1
record = '''
Framework(
    name="toykit",
    title="Toykit",
    mixins=(ClassId("toykit.hooks", "Hooked"),),
    event_decorators=(ClassId("toykit.hooks", "hook"),),
)
'''
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = module
exec(compile(text.replace(line, line + record.strip() + ","), spec.origin, "exec"), vars(module))

from arctic_codegen.cli.main import main

main()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    files = {"toykit/__init__.py": "", "toykit/hooks.py": TOYKIT, "app.py": APP}
    return Project(tmp_path, files, CONFIG)


def run(project: Project, *arguments: str) -> str:
    return project.run(sys.executable, *arguments)


def test_a_third_framework_is_a_record_and_a_line(project):
    run(project, "-c", BUILD, "build")
    code = "from generated.app import Fast; one = Fast(); one.run(); one.save()"
    ran = run(project, "-c", code).split()
    assert ran == ["before", "fast", "run", "after", "save", "stored"]


def test_it_is_listed_under_its_title(project):
    shown = run(project, "-c", BUILD, "list")
    assert "Engine (Toykit)" in shown
    assert "pre-run" in shown
    assert "post-store" in shown


def test_it_has_one_order(project):
    shown = run(project, "-c", BUILD, "explain", "app:Fast", "--compare")
    assert "only one order" in shown
