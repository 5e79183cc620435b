"""The page lists every tested attack, hard input, fault and defence, with numbers."""

from __future__ import annotations

import re

from tests.robustness.attacks import test_hard_inputs as hard
from tests.robustness.reliability.defences import DEFENCES
from tests.robustness.reliability.record import ATTACKS, FAULTS, PAGE, made

SECURITY = (PAGE.parents[1] / "SECURITY.md").read_text(encoding="utf-8")


def test_the_page_has_every_fault():
    rows = made("faults")
    assert [row[0] for row in rows] == [done for done, _ in FAULTS.values()]
    assert all(int(row[-1]) > 0 for row in rows)


def test_the_page_has_every_attack():
    rows = made("attacks")
    assert [row[0] for row in rows] == list(ATTACKS.values())
    assert all(int(row[-1]) > 0 for row in rows)


def test_the_page_has_every_hard_input():
    rows = made("hard inputs")
    cases = {**hard.CASES, **hard.MORE, **hard.LONG}
    assert [row[0] for row in rows] == sorted(name.replace("_", " ") for name in cases)
    assert all(float(row[1]) > 0 and int(row[2]) > 0 for row in rows)


def test_the_page_has_every_defence():
    rows = made("defences")
    assert rows == [[name, f"`{DEFENCES[name].test}`"] for name in sorted(DEFENCES)]


def test_the_tests_that_hold_the_promises_are_there():
    rows = [line for line in SECURITY.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 8
    for row in rows:
        named = re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", row)
        assert named, row
        for path, test in named:
            found = PAGE.parents[1] / path
            assert found.exists(), path
            assert not test or f"def {test}(" in found.read_text(encoding="utf-8"), (path, test)
