"""The examples on the pages of codes: the wrong one triggers the code, the right one does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from arctic_codegen import api
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.codes.page import read_page
from arctic_codegen.diagnostics.records import Finding, Severity
from tests.harness import write_files
from tests.meta.code_examples import RUNNABLE, example_files

CONFIG = '[tool.arctic-codegen]\nsources = ["*.py"]\n'


def build(example: str, folder: Path) -> tuple[Finding, ...]:
    """The findings of a build in this process."""
    write_files(folder, {"pyproject.toml": CONFIG, **example_files(example)})
    return api.build(working_folder=folder, strict=True, use_cache=False).findings


@pytest.mark.parametrize("code", RUNNABLE)
def test_examples(code, tmp_path):
    page = read_page(code)
    wrong = build(page.wrong, tmp_path / "wrong")
    severities = {found.severity for found in wrong if found.code == code}
    assert severities == {CODES[code].severity}, wrong
    right = build(page.right, tmp_path / "right")
    assert not [found for found in right if found.severity is Severity.ERROR], right
    assert code not in {found.code for found in right}, right
