"""The table of ``arctic-codegen where``, which marks ranks in a different call than the others."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from arctic_codegen.trace.breadcrumbs import Whereabouts
from arctic_codegen.trace.table import columns


def where_text(found: Sequence[Whereabouts]) -> str:
    """A table of the processes with their innermost calls.

    ``found`` must not be empty.
    """
    behind = _behind([one for one in found if not one.is_worker])
    rows = [("rank", "process", "state", "for", "since", "calls", "in")]
    for one in found:
        rank = f"{one.rank} worker" if one.is_worker else str(one.rank)
        row = (rank, f"{one.host}:{one.pid}", one.state, *_times(one), str(one.calls), _call(one))
        rows.append((*row[:-1], row[-1] + ("   <- differs" if one in behind else "")))
    return "\n".join(columns(rows, str.ljust))


def _behind(ranks: Sequence[Whereabouts]) -> list[Whereabouts]:
    """The ranks that are in another call than the majority.

    Without a majority, those that have started the fewest calls: all ranks run the same program.
    """
    calls = Counter((one.inside, one.site) for one in ranks)
    if len(calls) < 2:
        return []
    (usual, most), *_ = calls.most_common()
    if 2 * most > len(ranks):
        return [one for one in ranks if (one.inside, one.site) != usual]
    fewest = min(one.calls for one in ranks)
    return [one for one in ranks if one.calls == fewest]


def _times(one: Whereabouts) -> tuple[str, str]:
    """How long it has been in its call, and since when by this host's clock."""
    if not one.inside or one.state == "ended":
        return "", ""
    since = time.strftime("%H:%M:%S", time.localtime(one.since))
    return f"{max(time.time() - one.since, 0):.0f} s", since


def _call(one: Whereabouts) -> str:
    name = "" if one.site.kind == "event" else f" {one.site.name}"
    return ("" if one.inside else "after ") + one.site.place + name
