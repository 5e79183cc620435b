"""How do ``on_error`` and ``always`` callbacks enclose all others (R58)?"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from arctic_codegen.model.plan import PlannedCall
from arctic_codegen.plan.wrapper_lines import INDENT


def depth_of_always(index: int, count: int) -> int:
    """The indentation of the ``always`` callback with this index: each except the last is in its
    own ``try``, so that the next one always runs."""
    return index + (1 if index == count - 1 else 2)


def surrounded(
    main: Sequence[PlannedCall],
    closing: Sequence[str],
    on_error: Sequence[PlannedCall],
    always: Sequence[PlannedCall],
    handler: str,
) -> tuple[PlannedCall, ...]:
    """The calls of an event in a ``try``, followed by ``except`` and ``finally``.

    The calls are already indented. ``closing`` are the last statements in the ``try``, and
    ``handler`` is the ``except`` line.
    """
    after = [f"{INDENT}{line}" for line in closing]
    return (
        *_between(main, ["try:"], after),
        *_between(on_error, [handler], [f"{INDENT}raise"]),
        *(
            one
            for index, call in enumerate(always)
            for one in _between([call], _finally(index, len(always)), [])
        ),
    )


def _finally(index: int, count: int) -> list[str]:
    opening = [f"{INDENT * index}finally:"]
    return opening if index == count - 1 else [*opening, f"{INDENT * (index + 1)}try:"]


def _between(
    calls: Sequence[PlannedCall], before: Sequence[str], after: Sequence[str]
) -> list[PlannedCall]:
    """The calls, with lines before the first and after the last one."""
    found = list(calls)
    if found:
        found[0] = msgspec.structs.replace(found[0], before=(*before, *found[0].before))
        found[-1] = msgspec.structs.replace(found[-1], after=(*found[-1].after, *after))
    return found
