"""The table at the end of a traced run: what each callback has cost."""

from __future__ import annotations

from collections.abc import Sequence

from arctic_codegen.trace.sites import Total

_HEADS = ("calls", "total", "mean", "max", "share", "event, and what it calls")


def table(totals: Sequence[Total]) -> str:
    """One line for each timed call, events by their total time, and in each the dearest first.

    ``share`` is the part of the event's time. Times are those of the processor: what a GPU does
    meanwhile is not waited for.
    """
    events = {(one.site.cls, one.site.event): one for one in totals if one.site.kind == "event"}
    inside: dict[tuple[str, str], list[Total]] = {}
    for one in totals:
        if one.site.kind != "event":
            inside.setdefault((one.site.cls, one.site.event), []).append(one)
    rows: list[tuple[str, ...]] = [_HEADS]
    for key in sorted(events, key=lambda key: (-events[key].total, key)):
        event = events[key]
        rows.append(_row(event, event))
        calls = sorted(inside.get(key, ()), key=lambda one: (-one.total, one.site))
        rows += [_row(one, event) for one in calls]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join([*(cell.rjust(width) for cell, width in zip(row, widths, strict=False)), row[5]])
        for row in rows
    ]
    return "\n".join(["Times on the CPU; work queued on a GPU is not waited for.", *lines])


def _row(one: Total, event: Total) -> tuple[str, ...]:
    share = one.total / event.total if event.total else 0.0
    site = one.site
    is_event = site.kind == "event"
    return (
        str(one.calls),
        _time(one.total),
        _time(one.total / one.calls),
        _time(one.longest),
        "" if is_event else f"{share:.1%}",
        f"{site.cls}.{site.event}" if is_event else f"  {site.kind:6} {site.name}",
    )


def _time(nanoseconds: float) -> str:
    """``1.23 ms``"""
    value, unit = nanoseconds, "ns"
    for larger in ("µs", "ms", "s"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
