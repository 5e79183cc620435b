"""Disk errors, reported in one line."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from arctic_codegen.blocks._errors import CheckpointError

FULL = {errno.ENOSPC, errno.EDQUOT}
ROOM = 2**20
"""With less free space in bytes, a failed write without a reason counts as a full disk."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns disk errors into :class:`CheckpointError`."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:  # PyTorch raises the second
        raise CheckpointError(f"{folder} cannot be written: {reason(folder, error)}") from error


def reason(path: Path, error: BaseException) -> str:
    """Why a file or folder could not be written, in one line."""
    return (
        "the disk is full" if _is_full(path, error) else (str(error) or repr(error)).splitlines()[0]
    )


def _is_full(path: Path, error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in FULL:
            return True
        if "No space left on device" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, OSError):
        return False
    # PyTorch's writer says only that it has failed.
    there = next((one for one in (path, *path.parents) if one.exists()), None)
    return there is not None and shutil.disk_usage(there).free < ROOM
