"""Fills templates from finished plans, formats the text, and parses it again."""

from __future__ import annotations

from arctic_codegen.emit.files import emit, file_plans, prepare
from arctic_codegen.emit.format import NoTemporaryFiles

__all__ = ["NoTemporaryFiles", "emit", "file_plans", "prepare"]
