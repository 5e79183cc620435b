"""Every code of a finding is explained, and appears in a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from arctic_codegen.diagnostics import codes

TESTS = Path(__file__).parents[1]
CODES = codes.CODES
RESERVED = {"AC307"}
"""Codes that nothing tells at present."""


def mentioned() -> set[str]:
    """Codes in the text of tests; the table's own examples are run as well."""
    found = {name for name, code in CODES.items() if code.runnable}
    for path in TESTS.rglob("*"):
        if path.suffix in (".py", ".txt") and "meta" not in path.relative_to(TESTS).parts:
            found |= set(re.findall(r"\bAC\d{3}\b", path.read_text(encoding="utf-8")))
    return found


def test_every_code_appears_in_a_test():
    assert set(CODES) - mentioned() - RESERVED == set()


def test_every_code_in_a_test_exists():
    assert mentioned() - set(CODES) - {"AC999"} == set()


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(code):
    entry = CODES[code]
    assert re.fullmatch(r"AC[0-79]\d\d", code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name)
    assert entry.summary.endswith(".")
    assert entry.why.endswith((".", "."))
    if entry.runnable:
        assert entry.wrong.strip() != entry.right.strip()
