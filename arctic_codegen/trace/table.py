"""The table at the end of a traced run: the cost of each callback."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from arctic_codegen.trace.sites import Site, Total

_HEADS = ("calls", "total", "mean", "max", "share", "event, and what it calls")


def table(totals: Sequence[Total]) -> str:
    """One line for each timed call: events by total time, and in each the most expensive first.

    ``share`` is the part of the event's time. Times are measured on the CPU, without waiting for
    asynchronous work of a GPU.
    """
    events = {_event(one.site): one for one in totals if one.site.kind == "event"}
    modules: dict[str, set[str]] = {}
    inside: dict[tuple[str, str, str], list[Total]] = {}
    for one in totals:
        modules.setdefault(one.site.cls, set()).add(one.site.module)
        if one.site.kind != "event":
            inside.setdefault(_event(one.site), []).append(one)
    rows: list[tuple[str, ...]] = [_HEADS]
    for key in sorted(events, key=lambda key: (-events[key].total, key)):
        event = events[key]
        module, cls, name = key
        rows.append(
            _row(
                event,
                event,
                f"{cls}.{name}" if len(modules[cls]) == 1 else f"{module}.{cls}.{name}",
            )
        )
        calls = sorted(inside.get(key, ()), key=lambda one: (-one.total, one.site))
        rows += [_row(one, event, f"  {one.site.kind:6} {one.site.name}") for one in calls]
    lines = columns(rows, str.rjust)
    return "\n".join(["Times on the CPU; work queued on a GPU is not waited for.", *lines])


def columns(rows: Sequence[Sequence[str]], justify: Callable[[str, int], str]) -> list[str]:
    """The lines of a table; the last column is not padded."""
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    return ["  ".join([*map(justify, row, widths), row[-1]]) for row in rows]


def _event(site: Site) -> tuple[str, str, str]:
    return site.module, site.cls, site.event


def _row(one: Total, event: Total, called: str) -> tuple[str, ...]:
    share = one.total / event.total if event.total else 0.0
    return (
        str(one.calls),
        shown_time(one.total),
        shown_time(one.total / one.calls),
        shown_time(one.longest),
        "" if one is event else f"{share:.1%}",
        called,
    )


def shown_time(nanoseconds: float) -> str:
    """A duration with a unit: ``1.23 ms``."""
    value, unit = nanoseconds, "ns"
    for larger in ("µs", "ms", "s"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
