"""``docs/blocks.md`` says what the blocks are: its tables are made from them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")

from arctic_codegen.blocks import Trainer, page
from arctic_codegen.blocks.recipe import PARTS

PAGE = Path(__file__).parents[3] / "docs" / "blocks.md"


def test_the_tables_are_current():
    """``python -m arctic_codegen.blocks.page docs/blocks.md`` brings them up to date."""
    text = PAGE.read_text(encoding="utf-8")
    assert page.filled(text) == text
    assert set(re.findall("<!-- table: (.*) -->", text)) == set(page.tables())


def test_R43_every_field_event_and_value_is_explained():
    for name, table in page.tables().items():
        for row in table.splitlines()[2:]:
            cells = re.split(r"(?<!\\)\|", row)
            assert cells[-2].strip(), f"{name}: {row}"


def test_R43_events_are_methods_of_the_seven_blocks():
    assert set(page.EVENTS) == {Trainer.__name__, *(root.__name__ for _, root in PARTS.values())}


def test_a_page_without_a_mark_is_told():
    with pytest.raises(ValueError, match="table: blocks"):
        page.filled("# Building blocks\n")
