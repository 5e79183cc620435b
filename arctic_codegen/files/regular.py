"""Opens only regular files, without blocking: a FIFO or a device may never end."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

MOST_BYTES = 10_000_000
"""Of a source file. Nobody writes a longer one, and a file with a hole may claim any size."""

_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """A regular file, open for its bytes; raises ``OSError``, also for what is no such file.

    It is looked at before it is opened, which some devices take for an order, and again when it
    is open: it may have become something else.
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
    """The bytes of a regular file, where they are not too many; else raises ``OSError``."""
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size <= MOST_BYTES:
            data = file.read(MOST_BYTES + 1)  # it may grow meanwhile
            if len(data) <= MOST_BYTES:
                return data
    raise OSError(errno.EFBIG, f"it is larger than {MOST_BYTES:,} bytes", path)


def kind_of(path: str) -> int:
    """What a path leads to, such as ``stat.S_IFDIR``; 0 where that is nothing."""
    try:
        return stat.S_IFMT(os.stat(path).st_mode)
    except (OSError, ValueError):
        return 0


def names_in(folder: str) -> tuple[str, ...]:
    """The names in a folder, sorted; none where it cannot be listed."""
    try:
        return tuple(sorted(os.listdir(folder)))
    except (OSError, ValueError):
        return ()


def _check(found: os.stat_result, path: str | os.PathLike[str]) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", os.fspath(path))
