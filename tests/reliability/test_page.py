"""The page tells of every fault that is tried, with a number."""

from __future__ import annotations

from tests.reliability.record import BEGIN, END, FAULTS, PAGE


def test_the_page_has_every_fault():
    made = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [line.split(" | ") for line in made.strip().splitlines()[2:]]
    assert [row[0].removeprefix("| ") for row in rows] == [done for done, _ in FAULTS.values()]
    assert all(int(row[-1].removesuffix(" |")) > 0 for row in rows)
