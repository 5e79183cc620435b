"""Determines everything that the text of the output needs: imports, names, signatures, calls."""

from __future__ import annotations

from arctic_codegen.plan.modules import plan

__all__ = ["plan"]
