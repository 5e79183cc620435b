"""Each code's wrong example gives that code, and its right one does not (section 7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from arctic_codegen import api
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.table.entry import example_files

RUNNABLE = [code for code, entry in CODES.items() if entry.runnable]


def codes(folder: Path, example: str) -> set[str]:
    files = example_files(example)
    files.setdefault("pyproject.toml", '[tool.arctic-codegen]\nsources = ["*.py"]\n')
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    result = api.build(working_folder=folder)
    return {finding.code for finding in result.findings}


@pytest.mark.parametrize("code", RUNNABLE)
def test_the_wrong_example_gives_the_code(tmp_path: Path, code: str) -> None:
    assert code in codes(tmp_path, CODES[code].wrong)


@pytest.mark.parametrize("code", RUNNABLE)
def test_the_right_example_gives_no_error(tmp_path: Path, code: str) -> None:
    found = codes(tmp_path, CODES[code].right)
    assert code not in found
    assert not [other for other in found if CODES[other].severity.value == "error"]
