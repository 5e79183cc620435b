"""The page tells of every fault that is tried, with a number."""

from __future__ import annotations

import re

from tests.reliability.record import BEGIN, END, FAULTS, PAGE


def test_the_page_has_every_fault():
    made = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [line.split(" | ") for line in made.strip().splitlines()[2:]]
    assert [row[0].removeprefix("| ") for row in rows] == [done for done, _ in FAULTS.values()]
    assert all(int(row[-1].removesuffix(" |")) > 0 for row in rows)


def test_the_tests_that_hold_the_promises_are_there():
    text = (PAGE.parents[1] / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", text)
    assert len(named) > 8
    assert [path for path in named if not (PAGE.parents[1] / path).exists()] == []
