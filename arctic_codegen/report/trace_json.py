"""``trace table --format json``: the cost of each call, for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from arctic_codegen.trace.sites import Total


class SiteDocument(msgspec.Struct, frozen=True, rename={"cls": "class"}):
    """A call in a compiled class. ``kind`` is ``pre``, ``method`` (the source's own), ``post``, or
    ``event`` for a whole event. Times are measured on the CPU."""

    module: str
    cls: str
    event: str
    kind: str
    name: str
    calls: int
    total_ns: int
    longest_ns: int


class TraceDocument(msgspec.Struct, frozen=True):
    """All calls in the given files."""

    version: Literal[1]
    sites: tuple[SiteDocument, ...]


def trace_document(totals: Iterable[Total]) -> TraceDocument:
    """The totals of several traces as a JSON document."""
    sites = tuple(
        SiteDocument(*one.site, one.calls, one.total, one.longest) for one in sorted(totals)
    )
    return TraceDocument(1, sites)
