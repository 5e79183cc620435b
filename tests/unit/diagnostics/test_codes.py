"""The table of codes (section 7)."""

from __future__ import annotations

import re
from pathlib import Path

from arctic_codegen.diagnostics.codes import CODES, NAMES_TO_CODES, find_code
from arctic_codegen.diagnostics.table.entry import example_files
from arctic_codegen.report.codes_page import code_text, codes_page

ROOT = Path(__file__).parents[3]


def test_codes_and_names_are_unique_and_well_formed() -> None:
    assert len(NAMES_TO_CODES) == len(CODES)
    assert list(CODES) == sorted(CODES)
    for entry in CODES.values():
        assert re.fullmatch(r"AC\d{3}", entry.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name)


def test_each_code_is_explained() -> None:
    for entry in CODES.values():
        assert entry.summary.endswith(".")
        assert entry.why.endswith(".")
        if entry.runnable:
            assert example_files(entry.wrong) != example_files(entry.right)
        assert entry.code in code_text(entry)


def test_codes_are_found_by_code_and_by_name() -> None:
    assert find_code("ac201") is find_code("unknown-event") is CODES["AC201"]
    assert find_code("AC999") is None


def test_the_page_of_codes_is_current() -> None:
    """``python -m arctic_codegen.report.codes_page > docs/codes.md`` brings it up to date."""
    assert (ROOT / "docs" / "codes.md").read_text(encoding="utf-8") == codes_page()


def test_every_code_that_the_tool_gives_is_in_the_table() -> None:
    used: set[str] = set()
    for path in (ROOT / "arctic_codegen").rglob("*.py"):
        used |= set(re.findall(r'"(AC\d{3})"', path.read_text(encoding="utf-8")))
    assert used <= set(CODES)


def test_examples_split_into_files() -> None:
    text = "a = 1\n# file: lib/b.py\nb = 2\n# file: c.py\n"
    assert example_files(text) == {"trainers.py": "a = 1\n", "lib/b.py": "b = 2\n", "c.py": "\n"}
