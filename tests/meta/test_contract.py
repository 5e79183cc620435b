"""docs/contract.md states every rule that is cited, and its examples are correct.

The examples are built, and their output is compared with the page.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from arctic_codegen import api
from arctic_codegen.diagnostics.records import Severity
from tests.harness import Project, marks_of
from tests.meta.code_examples import example_files

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
_EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:```console\n(.*?)^```\n)?", re.MULTILINE | re.S)
_CONFIG = '[tool.arctic-codegen]\nsources = ["app.py"]\n'


class Example(NamedTuple):
    """A Python block below a rule, and the console block after it."""

    files: dict[str, str]
    console: str


def examples() -> dict[str, Example]:
    """The example of each rule that has one."""
    found = {}
    for part in PAGE.split("\n### ")[1:]:
        rule = part.partition(":")[0]
        for source, console in _EXAMPLE.findall(part):
            assert rule not in found, "a rule has one example"
            found[rule] = Example(example_files(source, main="app.py"), console)
    return found


EXAMPLES = examples()
((_base, _),) = _EXAMPLE.findall(PAGE[: PAGE.index("## Words")])
BASE = example_files(_base)


@pytest.mark.parametrize("rule", EXAMPLES)
def test_an_example_has_the_findings_that_are_marked(rule, tmp_path):
    example = EXAMPLES[rule]
    project = Project(tmp_path, {**BASE, **example.files}, _CONFIG)
    told = {
        (Path(found.place.path).name, found.place.span.line, found.severity.value): found.code
        for found in api.build(working_folder=tmp_path, use_cache=False).findings
        if found.place is not None and found.severity is not Severity.NOTE
    }
    marks = marks_of(example.files)
    assert told.keys() == marks.keys()
    assert all(told[place] in marks[place] for place in marks), told
    for command, shown in _commands(example.console):
        name, *arguments = shlex.split(command)
        if name == "arctic-codegen":
            assert project.cli(*arguments).stdout == shown
        else:
            assert name == "python"
            assert project.run(sys.executable, *arguments) == shown


def _commands(console: str) -> list[tuple[str, str]]:
    """Each command and its output. A quoted argument may span several lines."""
    found = []
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, *lines = part.splitlines(keepends=True)
        while command.count('"') % 2:
            command += lines.pop(0)
        found.append((command, "".join(lines)))
    return found


_RANGE = re.compile(r"\bR(\d{1,2}) to R(\d{1,2})\b")
_ONE = re.compile(r"(?<![A-Za-z0-9])R(\d{1,2})(?![0-9A-Za-z])")
_TEXTS = {".py", ".md", ".jinja", ".j2", ".toml", ".sh", ".txt", ".json", ".yaml"}


def rules_in(text: str) -> set[int]:
    """The numbers of the rules that a text cites; ``R15 to R20`` cites all six."""
    found = {int(number) for number in _ONE.findall(text)}
    for first, last in _RANGE.findall(text):
        found.update(range(int(first), int(last) + 1))
    return found


def cited_in(*folders: str) -> dict[int, Path]:
    """A file that cites each rule, by its number."""
    found: dict[int, Path] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in _TEXTS and path.is_file() and path.name != "contract.md":
                text = path.read_text(encoding="utf-8", errors="replace")
                for rule in rules_in(text) - found.keys():
                    found[rule] = path.relative_to(ROOT)
    return found


STATED = [int(rule) for rule in re.findall(r"^### R(\d+): .+$", PAGE, re.MULTILINE)]


def test_each_rule_is_stated_once():
    assert len(STATED) == len(set(STATED))
    assert rules_in(PAGE) <= set(STATED)


def test_each_rule_that_is_cited_is_on_the_page():
    cited = cited_in("arctic_codegen", "templates", "tests", "docs", "benchmarks", "examples")
    lacking = {f"R{rule}": str(path) for rule, path in cited.items() if rule not in STATED}
    assert lacking == {}, "state these rules in docs/contract.md"


def test_each_rule_on_the_page_is_cited_by_a_test():
    assert sorted(set(STATED) - cited_in("tests").keys()) == []


def test_rules_are_cited_by_number():
    """The page has no numbered sections."""
    sections = re.compile(r"\bsection[ _]\d", re.IGNORECASE)
    citing = [
        str(path.relative_to(ROOT))
        for folder in ("arctic_codegen", "tests", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in _TEXTS
        and sections.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert citing == []
