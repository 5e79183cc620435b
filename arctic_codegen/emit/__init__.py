"""Renders templates from finished plans, formats the text, and verifies the result."""

from __future__ import annotations

from arctic_codegen.emit.format import NoTemporaryFiles
from arctic_codegen.emit.output_files import emit, file_plans, prepare

__all__ = ["NoTemporaryFiles", "emit", "file_plans", "prepare"]
