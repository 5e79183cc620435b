"""Fills templates from finished plans, formats the text, and parses it again."""

from __future__ import annotations

from arctic_codegen.emit.files import emit, prepare
from arctic_codegen.emit.format import NoRoom

__all__ = ["NoRoom", "emit", "prepare"]
