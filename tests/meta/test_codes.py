"""Every code of a finding appears in a test."""

from __future__ import annotations

import re
from pathlib import Path

from arctic_codegen.diagnostics.codes import CODES
from tests.meta.code_examples import RUNNABLE

TESTS = Path(__file__).parents[1]
RESERVED = {"AC307"}
"""Codes that nothing reports at present."""


def mentioned() -> set[str]:
    """Codes in the text of tests; the examples of the pages are run as well."""
    found = set(RUNNABLE)
    for path in TESTS.rglob("*"):
        if path.suffix in (".py", ".txt") and "meta" not in path.relative_to(TESTS).parts:
            found |= set(re.findall(r"\bAC\d{3}\b", path.read_text(encoding="utf-8")))
    return found


def test_every_code_appears_in_a_test():
    assert set(CODES) - mentioned() - RESERVED == set()


def test_every_code_in_a_test_exists():
    assert mentioned() - set(CODES) - {"AC999"} == set()
