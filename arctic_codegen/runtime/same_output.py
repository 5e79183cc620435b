"""Checks that all ranks of a training run have the same output.

Compiled trainers call :func:`check_same_output` when they are created, on every rank.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

from arctic_codegen._version import LOCK_NAME
from arctic_codegen.runtime.errors import OutputDiffersError
from arctic_codegen.runtime.rank import connected, named_ranks

_Rank = tuple["str | None", str, str]
"""Digest of the lock file (``None`` if there is none), host name, output folder."""

_checked: set[str] = set()


def check_same_output(folder: str) -> None:
    """Compares the lock file of the output in ``folder`` with that of rank 0, on all ranks.

    Does nothing if ``torch.distributed`` is not initialized, or for a single rank. It is a
    collective call, made once per output folder and process, so every rank has to call it in the
    same order. The lock file contains the digests of all generated files and of all their inputs,
    and each rank has compared its own files with it on import.

    Raises :class:`OutputDiffersError` on every rank if the output of any of them differs from that
    of rank 0.
    """
    distributed = _distributed()
    if distributed is None or folder in _checked:
        return
    own: _Rank = (_digest(folder), _host_name(), folder)
    ranks: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(ranks, own)
    _checked.add(folder)
    message = _difference(ranks)
    if message is not None:
        raise OutputDiffersError(message)


def _distributed() -> Any:
    """``torch.distributed``, if it connects several ranks."""
    distributed = connected()
    return distributed if distributed is not None and distributed.get_world_size() > 1 else None


def _digest(folder: str) -> str | None:
    try:
        with open(os.path.join(folder, LOCK_NAME), "rb") as lock:
            # A checkout may change line endings.
            return hashlib.sha256(lock.read().replace(b"\r\n", b"\n")).hexdigest()
    except OSError:  # a wheel need not contain it
        return None


def _host_name() -> str:
    import socket

    return socket.gethostname()


def _difference(ranks: list[_Rank]) -> str | None:
    """The error message if not all digests equal that of rank 0, else ``None``."""
    groups: dict[_Rank, list[int]] = {ranks[0]: [0]}
    for rank, found in enumerate(ranks):
        if found[0] != ranks[0][0]:
            groups.setdefault(found, []).append(rank)
    if len(groups) == 1:
        return None
    said = "; ".join(
        f"{host} ({named_ranks(numbers)}) has {_shown(digest)} in {folder}"
        for (digest, host, folder), numbers in groups.items()
    )
    return (
        f"not all ranks have the same compiled classes: {said}. Copy the output folder and the"
        " sources from one node to the others, or run 'arctic-codegen build' from the same "
        "sources on every node"
    )


def _shown(digest: str | None) -> str:
    return "no lock file" if digest is None else f"the output {digest[:12]}"
