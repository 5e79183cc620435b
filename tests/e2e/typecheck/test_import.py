"""``check --import`` (R48): differences at import are findings at the source line."""

from __future__ import annotations

import json

import pytest

from tests.harness import Project

HIDDEN = """\
from arctic_codegen import CallbackMixin


def log(self: "Trainer") -> None:
    print("log")


HOOKS = []
add = HOOKS.append
add(("post-step", log))


class Trainer(CallbackMixin):
    callbacks = HOOKS

    def step(self) -> None:
        print("step")
"""
RIGHT = HIDDEN.replace("add = HOOKS.append\nadd(", "HOOKS.append(")


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path, {"app/__init__.py": "", "app/main.py": HIDDEN})
    made.built()
    return made


def concise(project, *args):
    return project.cli("check", "--format", "concise", *args)


def test_R48_a_difference_is_reported_at_the_class(project):
    assert concise(project).code == 0
    ran = concise(project, "--import")
    assert (ran.code, ran.codes) == (1, [("app/main.py", 13, "AC608")]), ran.stdout + ran.stderr
    (found,) = [one for one in ran.findings if one.code == "AC608"]
    assert "'Trainer'" in found.message
    assert "('post-step', app.main.log) (app/main.py:4)" in found.message


def test_R48_what_agrees_is_no_finding_also_where_the_project_prints(project):
    project.write({"app/main.py": RIGHT + '\nprint("app/main.py:1:1: error[AC608] hello")\n'})
    project.built()
    ran = concise(project, "--import")
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    assert "hello" not in ran.stdout
    assert "hello" in ran.stderr
    assert "s, and imported the output\n" in ran.stderr


def test_R48_a_module_without_a_compiled_class_is_not_imported(project):
    """All its classes are abstract or mixins."""
    base = RIGHT.replace("    def step", "    @abstractmethod\n    def step")
    base = base.replace("(CallbackMixin)", "(CallbackMixin, ABC)")
    project.write(
        {
            "app/base.py": "from abc import ABC, abstractmethod\n" + base,
            "app/main.py": "from app.base import Trainer\n\n\nclass Mine(Trainer):\n"
            "    def step(self) -> None:\n        print(1)\n",
        }
    )
    project.built()
    ran = concise(project, "--import")
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "line, text",
    [
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("raise SystemExit('leaving')", "SystemExit: leaving"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_R48_a_source_that_cannot_be_imported_is_reported_at_its_line(project, line, text):
    project.write({"app/main.py": RIGHT + f"\n{line}\n", "app/other.py": RIGHT})
    project.built()
    ran = concise(project, "--import")
    assert (ran.code, ran.codes) == (1, [("app/main.py", 18, "AC609")]), ran.stdout + ran.stderr
    assert text in ran.stdout


def test_R48_a_process_that_ends_is_reported(project):
    project.write({"app/main.py": RIGHT + "\nimport os\nos._exit(3)\n"})
    project.built()
    ran = concise(project, "--import")
    assert ran.code == 1
    assert [one.code for one in ran.findings if one.severity == "error"] == ["AC609"]
    assert "exit code 3" in ran.stdout


def test_R48_a_process_that_ends_hides_no_other_module(project):
    project.write(
        {
            "app/a.py": RIGHT + "\nimport os\nos._exit(0)\n",
            "app/b.py": RIGHT + "\nimport json\n\n    \njson.loads('{')\n",
            "app/main.py": HIDDEN,
        }
    )
    project.built()
    ran = concise(project, "--import")
    assert (ran.code, ran.codes) == (
        1,
        [("app/a.py", 1, "AC609"), ("app/b.py", 21, "AC609"), ("app/main.py", 13, "AC608")],
    ), ran.stdout + ran.stderr


def test_R48_a_difference_points_at_the_name_of_the_class(project):
    decorated = "def same(cls):\n    return cls\n\n\n"
    text = HIDDEN.replace("class ", "@same\n@same\nclass ").replace(
        "HOOKS = []", decorated + "HOOKS = []"
    )
    project.write({"app/main.py": text})
    project.built()
    done = project.cli("check", "--import", "--format", "json")
    (found,) = [one for one in json.loads(done.stdout)["findings"] if one["code"] == "AC608"]
    line = text.split("\n")[found["line"] - 1]
    assert line[found["column"] - 1 :].startswith("Trainer(")
    done = project.cli("check", "--import", "--format", "github")
    assert f"col={found['column']},endLine={found['line']},endColumn={found['column'] + 7}" in (
        done.stdout
    )


def test_R48_nothing_is_imported_where_the_output_is_out_of_date(project):
    project.write({"app/main.py": RIGHT.replace('"post-step"', '"pre-step"') + "\n1 / 0\n"})
    ran = concise(project, "--import")
    assert ran.code == 1
    assert "AC603" in [one.code for one in ran.findings]
    assert "; the output was not imported\n" in ran.stderr
    assert "AC609" not in [one.code for one in ran.findings]


def test_R48_an_output_beside_the_import_roots(tmp_path):
    made = Project(
        tmp_path,
        {"src/app/__init__.py": "", "src/app/main.py": HIDDEN},
        config='[tool.arctic-codegen]\nsources = ["app"]\nsrc = ["src"]\noutput = "out/compiled"\n',
    )
    made.built()
    ran = concise(made, "--import")
    assert [(one.path, one.code) for one in ran.findings if one.severity == "error"] == [
        ("src/app/main.py", "AC608")
    ], ran.stdout + ran.stderr
