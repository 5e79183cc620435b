"""The pages generated from tables in the code are current, and the tables are complete."""

from __future__ import annotations

import inspect
import re
import runpy
from pathlib import Path

import pytest

from arctic_codegen import callbacks
from arctic_codegen._version import ENVIRONMENT
from arctic_codegen.config.keys import KEYS
from arctic_codegen.config.reader import ConfigReader

ROOT = Path(__file__).parents[2]
PAGES = runpy.run_path(str(ROOT / "docs" / "reference.py"))["PAGES"]


@pytest.mark.parametrize("page", sorted(PAGES.keys() - {"reference/events.md"}))
def test_the_page_is_current(page: str) -> None:
    """``python docs/reference.py`` writes them all; those of the blocks have a separate test."""
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == PAGES[page]()


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_a_key_is_right(key: str, tmp_path: Path) -> None:
    (tmp_path / "libs").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    file = tmp_path / "pyproject.toml"
    file.write_text(f"[tool.arctic-codegen]\n{key} = {KEYS[key].example}\n", encoding="utf-8")
    reader = ConfigReader(file)
    assert reader.settings((), need_sources=False) is not None
    assert reader.findings == []


def test_every_variable_of_the_environment_is_described() -> None:
    named: set[str] = set()
    for path in (ROOT / "arctic_codegen").rglob("*.py"):
        named |= set(re.findall(r"\b_?ARCTIC_CODEGEN_[A-Z_]+", path.read_text(encoding="utf-8")))
    assert named == set(ENVIRONMENT)


def test_the_guide_to_ready_made_callbacks_shows_their_options() -> None:
    text = (ROOT / "docs" / "ready-made.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^`(\w+)\(([^`]*)\)`", text, re.MULTILINE))
    assert len(shown) >= 5
    for name, options in shown.items():
        signature = inspect.signature(getattr(callbacks, name))
        plain = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
        assert options.replace('"', "'") == ", ".join(map(str, plain)), name


def test_each_rule_has_its_modules() -> None:
    """Except R41, which follows from other rules."""
    text = (ROOT / "docs" / "modules.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (R\d+) \|.*\| (.*) \|$", text, re.MULTILINE)
    assert len(rows) > 60
    assert [rule for rule, modules in rows if not modules.strip()] == ["R41"]
