"""Treats the tool as unchanged, so that these tests can run while it is being edited."""

from __future__ import annotations

import pytest

from arctic_codegen.build.cache import observer


@pytest.fixture(autouse=True)
def an_unchanged_tool(monkeypatch):
    monkeypatch.setattr(observer, "tool_stamps", dict)
