"""Reads one file: from its bytes to the records of :mod:`arctic_codegen.model.decls`."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls

__all__ = ["scan"]


def scan(data: bytes, path: str, *, compiles: bool = False) -> ModuleDecls | Finding:
    """What one file says. ``path`` is for the finding alone. With ``compiles``, what Python's
    compiler refuses is reported as well."""
    from arctic_codegen.scan import entry  # only what really parses has to load libcst

    return entry.scan(data, path, compiles=compiles)
