"""``docs/blocks.md`` is current: its tables are generated from the blocks."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")

from arctic_codegen.blocks import Trainer
from arctic_codegen.blocks.recipe import PARTS

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "blocks.md"
TABLES = runpy.run_path(str(DOCS / "blocks_tables.py"))
REFERENCE = runpy.run_path(str(DOCS / "reference.py"))


def test_the_tables_are_current():
    """``python docs/blocks_tables.py`` updates them."""
    text = PAGE.read_text(encoding="utf-8")
    assert TABLES["filled"](text) == text
    assert set(re.findall("<!-- table: (.*) -->", text)) == set(TABLES["tables"]())


def test_R43_every_field_event_and_value_is_explained():
    """``python docs/reference.py`` updates the page of events."""
    events = REFERENCE["PAGES"]["reference/events.md"]()
    assert (DOCS / "reference" / "events.md").read_text(encoding="utf-8") == events
    listed = "\n".join(re.findall(r"^\| `.*", events, re.MULTILINE))
    for name, table in {**TABLES["tables"](), "events": f"\n\n{listed}"}.items():
        for row in table.splitlines()[2:]:
            cells = re.split(r"(?<!\\)\|", row)
            assert cells[-2].strip(), f"{name}: {row}"


def test_R43_events_are_methods_of_the_seven_blocks():
    roots = {Trainer.__name__, *(root.__name__ for _, root in PARTS.values())}
    assert set(REFERENCE["EVENTS"]) == roots
