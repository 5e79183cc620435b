"""The guard that a compiled module calls: is it what its sources would give now (R36)?"""

from __future__ import annotations


def verify(file: str, source_module: str) -> None:
    """Raises where the compiled module ``file`` is stale."""
