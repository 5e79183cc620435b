"""Opens only regular files, without blocking: a FIFO or a device may never end."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

MOST_BYTES = 10_000_000
"""Maximum size of a source file: none are longer, and a sparse file may have any size."""

_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading bytes; raises ``OSError``, also if it is not one.

    The type is checked before the file is opened, since opening some devices has effects, and again
    afterwards: the file may have been replaced.
    """
    _check(os.stat(path), path)
    file = open(os.open(path, _AT_ONCE | getattr(os, "O_CLOEXEC", 0)), "rb")  # noqa: SIM115
    try:
        _check(os.fstat(file.fileno()), path)
    except BaseException:
        file.close()
        raise
    return file


def read_regular(path: str) -> bytes:
    """The bytes of a regular file; raises ``OSError``, also if it is too large."""
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size <= MOST_BYTES:
            data = file.read(MOST_BYTES + 1)  # the file may have grown
            if len(data) <= MOST_BYTES:
                return data
    raise OSError(errno.EFBIG, f"it is larger than {MOST_BYTES:,} bytes", path)


def kind_of(path: str) -> int:
    """The type of the file at a path, such as ``stat.S_IFDIR``; 0 if there is none."""
    try:
        return stat.S_IFMT(os.stat(path).st_mode)
    except (OSError, ValueError):
        return 0


def names_in(folder: str) -> tuple[str, ...]:
    """The names in a folder, sorted; empty if it cannot be listed."""
    try:
        return tuple(sorted(os.listdir(folder)))
    except (OSError, ValueError):
        return ()


def listing_error(folder: str) -> OSError | None:
    """Why an existing folder cannot be listed; ``None`` if it can."""
    try:
        os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        return error
    return None


def _check(found: os.stat_result, path: str | os.PathLike[str]) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", os.fspath(path))
