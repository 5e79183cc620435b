"""The names that the patterns of a ``match`` statement bind."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from arctic_codegen.scan.names import identifier


def bound_names(pattern: cst.CSTNode) -> Iterator[str]:
    """The names that one pattern binds, in source order."""
    if isinstance(pattern, (cst.MatchAs, cst.MatchStar)):
        if isinstance(pattern, cst.MatchAs) and pattern.pattern is not None:
            yield from bound_names(pattern.pattern)
        if pattern.name is not None and pattern.name.value != "_":
            yield identifier(pattern.name.value)
    elif isinstance(pattern, (cst.MatchList, cst.MatchTuple)):
        for item in pattern.patterns:
            inner = item.value if isinstance(item, cst.MatchSequenceElement) else item
            yield from bound_names(inner)
    elif isinstance(pattern, cst.MatchMapping):
        for element in pattern.elements:
            yield from bound_names(element.pattern)
        if pattern.rest is not None:
            yield identifier(pattern.rest.value)
    elif isinstance(pattern, cst.MatchClass):
        for positional in pattern.patterns:
            yield from bound_names(positional.value)
        for keyword in pattern.kwds:
            yield from bound_names(keyword.pattern)
    elif isinstance(pattern, cst.MatchOr):
        for alternative in pattern.patterns:
            yield from bound_names(alternative.pattern)
