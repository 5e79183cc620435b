"""The tool itself counts as unchanged, so that these tests can run while it is worked on."""

from __future__ import annotations

import pytest

from arctic_codegen.caching import observing


@pytest.fixture(autouse=True)
def an_unchanged_tool(monkeypatch):
    monkeypatch.setattr(observing, "tool_stamps", dict)
