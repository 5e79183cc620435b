"""Determines this process's rank, and names ranks in messages."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable
from typing import Any

_in_group: tuple[Callable[[], object], int] = (lambda: None, 0)
"""The process group that was last queried, and this process's rank in it: the query is slow."""


def connected() -> Any:
    """``torch.distributed``, if it is initialized; otherwise ``None``.

    It is never imported for this.
    """
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed


def rank() -> int:
    """This process's rank: from ``torch.distributed`` once it is initialized, else from the
    environment."""
    global _in_group
    distributed = sys.modules.get("torch.distributed")
    if distributed is not None:
        group = getattr(getattr(distributed, "group", None), "WORLD", None)
        if group is not None and _in_group[0]() is group:
            return _in_group[1]
        if distributed.is_available() and distributed.is_initialized():
            found = int(distributed.get_rank())
            if group is not None:
                _in_group = weakref.ref(group), found
            return found
    return int(os.environ.get("RANK", "0") or "0")


def is_rank_zero() -> bool:
    """Whether this process is the one in which ``rank_zero`` callbacks run."""
    return rank() == 0


def named_ranks(ranks: list[int]) -> str:
    """``rank 3``, ``ranks 8-15``, ``ranks 1, 4-5``."""
    runs: list[list[int]] = []
    for rank in ranks:
        if runs and rank == runs[-1][1] + 1:
            runs[-1][1] = rank
        else:
            runs.append([rank, rank])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    return f"{'rank' if len(ranks) == 1 else 'ranks'} {', '.join(shown)}"
