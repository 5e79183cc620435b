"""The documentation site builds without warnings, and needs no network."""

from __future__ import annotations

import contextlib
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(
        [*command, "--site-dir", folder], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_pages_load_nothing_from_the_network(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    loaded = r'<(?:script|img|iframe)\b[^>]*\bsrc="http|<link\b[^>]*"stylesheet"[^>]*http'
    for page in pages:
        assert re.findall(loaded, page.read_text(encoding="utf-8")) == [], page


def test_forms_of_other_tools_are_not_shown_as_they_are_written(site: Path) -> None:
    api = (site / "reference" / "api.html").read_text(encoding="utf-8")
    assert ":class:" not in api
    assert "<code>WrongUse</code>" in api
    assert "result: torch.Tensor | int)" in (site / "reference" / "events.html").read_text()


def test_a_search_in_a_file_finds_pages_without_a_network(
    site: Path, request: pytest.FixtureRequest
) -> None:
    context = request.getfixturevalue("browser").new_context(offline=True)
    with contextlib.closing(context):
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.goto((site / "index.html").as_uri())
        page.locator("input.md-search__input").first.click()
        page.keyboard.type("late-callbacks")
        found = page.locator(".md-search-result__item").filter(has_text="Every configuration key")
        found.first.wait_for(timeout=30_000)
        assert [url for url in asked if not url.startswith("file:")] == []


def test_the_pictures_of_the_tutorial_are_current() -> None:
    """``python docs/pictures.py`` draws them."""
    for name, drawn in runpy.run_path(str(ROOT / "docs" / "pictures.py"))["tutorial"]().items():
        committed = (ROOT / "docs" / "images" / name).read_text(encoding="utf-8")
        # Its position differs between releases of rich.
        assert re.sub("<[^>]*>", "", committed).split() == re.sub("<[^>]*>", "", drawn).split()
        assert "url(http" not in committed.replace('"', "")
