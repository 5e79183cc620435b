"""Settles everything that the text of the output needs: imports, names, signatures, calls."""

from __future__ import annotations

from arctic_codegen.plan.modules import plan, plan_some

__all__ = ["plan", "plan_some"]
