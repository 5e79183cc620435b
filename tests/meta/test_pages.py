"""Everything that the pages name exists: files, names in them, headings, Makefile targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted(DOCS.rglob("*.md"))]
FOLDERS = "arctic_codegen|benchmarks|docs|examples|requirements|templates|tests"
PACKAGES = "|".join(
    path.name for path in (ROOT / "arctic_codegen").iterdir() if (path / "__init__.py").exists()
)
_PATH = re.compile(rf"`((?:{FOLDERS})/[\w./-]*[\w/])(?:::\w+)?(?:\[[^`\]]*\])?`")
_BELOW = re.compile(rf"`((?:{PACKAGES})/(?:[\w./-]*\w)?)`")
_ROW = re.compile(r"^\| .+ \| `(\S+\.py)` \| `(\w+)` \|$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_are_named_exist(page):
    text = page.read_text(encoding="utf-8")
    named = [*_PATH.findall(text)]
    if page.stem == "architecture":  # it names the folders of the package
        named += [f"arctic_codegen/{path}" for path in _BELOW.findall(text)]
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    lost = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", _without_code(text)):
        path, _, heading = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (heading and heading not in _headings(file)):
            lost.append(target)
    assert lost == []


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def _headings(page: Path) -> set[str]:
    """The anchors of a page's headings on GitHub."""
    titles = re.findall(r"^#+ (.+)$", _without_code(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_index_names_what_its_files_define():
    rows = _ROW.findall((ROOT / "docs" / "contributing.md").read_text(encoding="utf-8"))
    assert len(rows) >= 20
    lost = []
    for path, name in rows:
        defined = rf"^(?:def|class) {name}\b|^{name}\b.*="
        if not re.search(defined, (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE):
            lost.append(f"{name} in {path}")
    assert lost == []


def test_targets_that_are_named_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, page.name


def test_programs_that_are_named_exist():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for module in re.findall(r"python -m ((?:arctic_codegen|tests)[\w.]*\w)", text):
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
        for name in re.findall(r"`python ([\w/]+\.py)", text):
            assert (ROOT / name).exists(), name
