"""The names that the patterns of a ``match`` statement bind."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from arctic_codegen.scan.names import identifier


def bound_names(pattern: cst.CSTNode) -> Iterator[str]:
    """The names that one pattern binds."""
    bound = pattern.rest if isinstance(pattern, cst.MatchMapping) else None
    if isinstance(pattern, (cst.MatchAs, cst.MatchStar)):
        bound = pattern.name
    if bound is not None and bound.value != "_":
        yield identifier(bound.value)
    for child in pattern.children:
        yield from bound_names(child)
