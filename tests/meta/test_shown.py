"""Everything in the user pages works: files compile, commands run, outputs match."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from arctic_codegen.cli.group import COMMANDS
from tests.pages import ELSEWHERE, PAGES, PART, ROOT, masked, run_page

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
WANTED = {"demo", "unit", "test", "test-long", "lint", "format", "typecheck", "bench", "help"}
LONGEST_README = 250
HERE = re.compile(
    r"https://(?:github\.com|raw\.githubusercontent\.com)/arctic-codegen/arctic-codegen/(?:blob/)?main/"
)
"""Links from the README, which is also the package's page, to files of this repository."""


RUN = [
    page
    if page.stem not in ("tutorial", "blocks") and page.parent in (ROOT, ROOT / "docs")
    else pytest.param(page, marks=pytest.mark.long)
    for page in PAGES
]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_what_is_shown_is_what_happens(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert masked(run_page(text, tmp_path)) == masked(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_has_the_form_that_is_run(page: Path) -> None:
    """None is indented, for example: :func:`run_page` rejects a block that nothing runs."""
    text = page.read_text(encoding="utf-8")
    fences = re.findall(r"^[ >\t]*(?:```|~~~)", text, re.MULTILINE)
    assert len(fences) == 2 * sum(part["body"] is not None for part in PART.finditer(text))


def test_blocks_that_another_test_runs_are_read_there() -> None:
    named = [
        (page, test)
        for page in PAGES
        for test in re.findall(r"^<!-- by: (\S+) -->$", page.read_text(encoding="utf-8"), re.M)
    ]
    for page, test in named:
        text = (ROOT / test).read_text(encoding="utf-8")
        assert page.name in text or f'/ "{page.parent.name}"\n' in text, f"{test} reads no {page}"
    assert all((ROOT / one).is_file() for pair in ELSEWHERE.items() for one in pair)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_targets_and_extras_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:`|\$ )make ([a-z][a-z-]*)", text)) <= TARGETS
    assert set(re.findall(r"(?:`|\$ )arctic-codegen ([a-z]+)\b", text)) <= set(COMMANDS)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = ",".join(re.findall(r"arctic-codegen\[([\w,-]+)\]", text))
    assert set(named.split(",")) - {""} <= set(extras["optional-dependencies"])


@pytest.mark.parametrize("page", [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")], ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\((?!http|#)([^)#\s]+)", text):
        assert page.name != "README.md" or page.parent != ROOT, f"no absolute link: {target}"
        assert (page.parent / target).exists(), target
    for target in re.findall(rf"\]\({HERE.pattern}([^)#\s]+)", text):
        assert (ROOT / target).exists(), target


def test_the_readme_is_short_and_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count("\n") <= LONGEST_README
    assert TARGETS >= WANTED
    assert {"demo", "test"} <= set(re.findall(r"\$ make ([a-z-]+)", readme))
