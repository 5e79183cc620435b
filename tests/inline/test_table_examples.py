"""The examples in the table of codes: the wrong one gives the code, the right one does not."""

from __future__ import annotations

import pytest

from arctic_codegen.diagnostics import codes
from arctic_codegen.diagnostics.table.entry import example_files
from tests.programs.harness import Project

RUNNABLE = {name: code for name, code in codes.CODES.items() if code.runnable}
CONFIG = '[tool.arctic-codegen]\nsources = ["*.py"]\n'


def told(example, folder):
    project = Project(folder, {}, CONFIG)
    for name, text in example_files(example).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    ran = project.build("--strict")
    assert "Traceback" not in ran.stderr
    assert ran.code in (0, 1), ran.stderr
    return ran


@pytest.mark.parametrize("name", RUNNABLE)
def test_examples(name, tmp_path):
    code = RUNNABLE[name]
    wrong = told(code.wrong, tmp_path / "wrong")
    found = [f for f in wrong.findings if f.code == name]
    assert found, wrong.stdout + wrong.stderr
    assert {f.severity for f in found} == {code.severity.value}
    right = told(code.right, tmp_path / "right")
    assert not [f for f in right.findings if f.severity == "error"], right.stdout
    assert name not in {f.code for f in right.findings}, right.stdout
