"""The table of codes."""

from __future__ import annotations

import re
from pathlib import Path

from arctic_codegen.diagnostics.codes import CODES, NAMES_TO_CODES, find_code
from arctic_codegen.diagnostics.codes.page import read_page
from tests.meta.code_examples import RUNNABLE, example_files

ROOT = Path(__file__).parents[3]


def test_codes_and_names_are_unique_and_well_formed() -> None:
    assert len(NAMES_TO_CODES) == len(CODES)
    assert list(CODES) == sorted(CODES)
    for entry in CODES.values():
        assert re.fullmatch(r"AC\d{3}", entry.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name)


def test_each_code_is_explained() -> None:
    for entry in CODES.values():
        page = read_page(entry.code)
        title = f"# {entry.code}: {entry.name} ({entry.severity.value})\n"
        assert page.text.startswith(title)
        assert page.summary.endswith(".")
        assert page.why.endswith(".")
        if entry.code in RUNNABLE:
            assert example_files(page.wrong) != example_files(page.right)


def test_each_page_is_that_of_a_code() -> None:
    folder = ROOT / "arctic_codegen" / "diagnostics" / "codes"
    assert {path.stem for path in folder.glob("*.md")} == {*CODES, "shared", "reasons"}


def test_codes_are_found_by_code_and_by_name() -> None:
    assert find_code("ac201") is find_code("unknown-event") is CODES["AC201"]
    assert find_code("AC999") is None


def test_every_code_that_the_tool_gives_is_in_the_table() -> None:
    used: set[str] = set()
    for path in (ROOT / "arctic_codegen").rglob("*.py"):
        used |= set(re.findall(r'"(AC\d{3})"', path.read_text(encoding="utf-8")))
    assert used <= set(CODES)


def test_examples_split_into_files() -> None:
    text = "a = 1\n# file: lib/b.py\nb = 2\n# file: c.py\n"
    assert example_files(text) == {"trainers.py": "a = 1\n", "lib/b.py": "b = 2\n", "c.py": "\n"}
