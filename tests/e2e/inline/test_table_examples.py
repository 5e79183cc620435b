"""The examples on the pages of codes: the wrong one gives the code, the right one does not."""

from __future__ import annotations

import pytest

from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.codes.page import read_page
from tests.harness import Project, write_files
from tests.meta.code_examples import RUNNABLE, example_files

CONFIG = '[tool.arctic-codegen]\nsources = ["*.py"]\n'


def build(example, folder):
    project = Project(folder, {}, CONFIG)
    write_files(folder, example_files(example))
    ran = project.build("--strict")
    assert "Traceback" not in ran.stderr
    assert ran.code in (0, 1), ran.stderr
    return ran


@pytest.mark.parametrize("code", RUNNABLE)
def test_examples(code, tmp_path):
    page = read_page(code)
    wrong = build(page.wrong, tmp_path / "wrong")
    found = [f for f in wrong.findings if f.code == code]
    assert found, wrong.stdout + wrong.stderr
    assert {f.severity for f in found} == {CODES[code].severity.value}
    right = build(page.right, tmp_path / "right")
    assert not [f for f in right.findings if f.severity == "error"], right.stdout
    assert code not in {f.code for f in right.findings}, right.stdout
