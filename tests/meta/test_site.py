"""The documentation as a site: it builds without a warning, and needs no network."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_the_site_builds_and_loads_nothing_from_the_network(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(
        [*command, "--site-dir", tmp_path], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 40
    loaded = (
        r'<(?:script|img|iframe)\b[^>]*\bsrc="(https?:[^"]*)|<link\b[^>]*"stylesheet"[^>]*(http)'
    )
    for page in pages:
        assert re.findall(loaded, page.read_text(encoding="utf-8")) == [], page


@pytest.mark.long
def test_the_pictures_of_the_tutorial_are_current() -> None:
    """``python docs/pictures.py`` draws them."""
    for name, drawn in runpy.run_path(str(ROOT / "docs" / "pictures.py"))["tutorial"]().items():
        committed = (ROOT / "docs" / "images" / name).read_text(encoding="utf-8")
        # Where rich puts it differs between its releases.
        assert re.sub("<[^>]*>", "", committed).split() == re.sub("<[^>]*>", "", drawn).split()
        assert "url(http" not in committed.replace('"', "")
