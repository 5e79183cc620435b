"""The mutation tests work: a mutant is applied completely, and the known lines are right."""

from __future__ import annotations

import types

import pytest

from tests.robustness.mutation.share import BEGIN, END, known_equivalent, table
from tests.robustness.mutation.transplant import transplant
from tests.robustness.mutation.warm import ROOT, Statements, arguments, changed_lines, targets

TEXT = """
LIMIT = 3
def plain(n, m=1):
    def inner(k):
        return k + 1
    return [inner(k) for k in range(n)]
class C:
    size = 4
    def method(self):
        return self.size > LIMIT
    @property
    def wide(self):
        return (self.size
                + 2)
    @staticmethod
    def still():
        return 7
"""


def loaded():
    module = types.ModuleType("mutated")
    exec(TEXT, vars(module))
    return module


@pytest.mark.parametrize(
    "was, now, asked, wanted",
    [
        ("k + 1", "k * 5", "plain(3)", [0, 5, 10]),
        ("range(n)", "range(n - 1)", "plain(3)", [1, 2]),
        (">", "<", "C().method()", False),
        ("+ 2", "- 2", "C().wide", 2),
        ("7", "8", "C.still()", 8),
    ],
)
def test_the_functions_of_a_mutant_take_the_place_of_those_that_are_loaded(was, now, asked, wanted):
    module = loaded()
    held = module.C()
    assert eval(asked, vars(module)) != wanted
    assert transplant(module, TEXT, TEXT.replace(was, now))
    assert eval(asked, vars(module)) == wanted
    assert eval(asked.replace("C()", "held"), {**vars(module), "held": held}) == wanted


@pytest.mark.parametrize(
    "was, now",
    [("LIMIT = 3", "LIMIT = 4"), ("size = 4", "size = 5"), ("m=1", "m=2"), ("@property", "")],
)
def test_what_takes_effect_at_import_needs_a_fresh_process(was, now):
    module = loaded()
    before = module.plain.__code__, module.C.method.__code__
    assert not transplant(module, TEXT, TEXT.replace(was, now))
    assert (module.plain.__code__, module.C.method.__code__) == before


def test_the_lines_of_a_change_are_those_of_its_statements():
    statements = Statements(TEXT)
    lines = changed_lines(TEXT, TEXT.replace("+ 2", "- 2"))
    assert lines == {14}
    assert statements.whole(lines) == {13, 14}
    assert lines <= statements.functions
    assert not changed_lines(TEXT, TEXT.replace("size = 4", "size = 5")) <= statements.functions
    assert changed_lines(TEXT, TEXT) == set()


def test_what_is_named_is_there():
    named = [*targets(), *(word for word in arguments() if word.startswith("tests/"))]
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path.partition("::")[0]).exists()] == []


def test_equivalent_mutants_have_a_reason_and_a_line():
    """If a line has changed, its mutants may be different."""
    for (module, was, now), reason in known_equivalent().items():
        text = " ".join(line.strip() for line in (ROOT / module).read_text().splitlines())
        assert was in text, (module, was)
        assert now != was
        assert len(reason) > 20


def test_equivalent_mutants_are_counted_apart():
    from collections import Counter

    rows = table({"m.py": Counter(killed=6, survived=2, equivalent=2, waits=3)}).splitlines()
    assert rows[2] == "| `m.py` | 13 | 10 | 2 | 6 | 2 | 60.0% | 75.0% |"
    assert rows[3].startswith("| all | 13 | 10 ")


def test_the_page_has_the_modules_that_are_mutated():
    text = (ROOT / "docs" / "mutation.md").read_text(encoding="utf-8")
    rows = text.partition(BEGIN)[2].partition(END)[0].splitlines()
    named = {row.split(" | ")[0].strip("| `") for row in rows if row.startswith("| `")}
    assert named == {path.removeprefix("arctic_codegen/") for path in targets()}
    (everything,) = [row for row in rows if row.startswith("| all |")]
    assert float(everything.split(" | ")[-1].rstrip("% |")) > 85
