"""What compiled modules import."""

from __future__ import annotations

from arctic_codegen._guard import verify
from arctic_codegen._lists import closed
from arctic_codegen._lookup import default_of, made_field, script
from arctic_codegen._source import added, declared

__all__ = ["added", "closed", "declared", "default_of", "made_field", "script", "verify"]
