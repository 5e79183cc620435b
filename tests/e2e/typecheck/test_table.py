"""Both checkers report wrong types of callbacks at the line in the sources."""

from __future__ import annotations

import pytest

from tests.e2e.typecheck.conftest import CONFIG as STRICT
from tests.e2e.typecheck.table import CASES, marks, twin
from tests.harness import Project

CONFIG = STRICT.replace('sources = ["app"]', 'sources = ["app"]\nignore = ["AC803"]')
"""The return values of callbacks are chosen for their types only."""


def files(*, wrong: bool) -> dict[str, str]:
    return {
        "app/__init__.py": "",
        **{f"app/{name}.py": twin(text, wrong=wrong) for name, text in CASES.items()},
    }


def test_the_table_is_large():
    assert len(CASES) >= 40
    assert all(len(marks(twin(text, wrong=True))) == 1 for text in CASES.values())


@pytest.mark.parametrize("checker", ["mypy", pytest.param("pyright", marks=pytest.mark.long)])
def test_wrong_types_are_told_at_their_lines(tmp_path, checker):
    p = Project(tmp_path, files(wrong=True), CONFIG)
    assert p.build().code == 0
    ran = p.cli("check", "--checker", checker, "--format", "concise")
    assert ran.code == 1
    wanted = {
        (f"app/{name}.py", line): said
        for name, text in CASES.items()
        for line, said in marks(twin(text, wrong=True)).items()
    }
    told = {(found.path, found.line): found for found in ran.findings if found.code == "AC501"}
    assert told.keys() == wanted.keys()
    silent = {place for place, said in wanted.items() if said not in told[place].message}
    assert silent == set(), [told[place].message for place in silent]
    assert {found.code for found in ran.findings} == {"AC501"}, ran.stdout
    assert all(f"[{checker}: " in found.message for found in ran.findings)


@pytest.mark.parametrize("checker", ["mypy", pytest.param("pyright", marks=pytest.mark.long)])
def test_right_twins_are_clean(tmp_path, checker):
    p = Project(tmp_path, files(wrong=False), CONFIG)
    assert p.build().code == 0
    ran = p.cli("check", "--checker", checker, "--strict", "--format", "concise")
    assert (ran.code, ran.stdout) == (0, ""), ran.stdout + ran.stderr
    assert "No problems found" in ran.stderr
