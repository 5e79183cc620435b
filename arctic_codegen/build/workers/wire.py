"""What do a build and its workers send each other? Records of 32 bytes, through pipes.

Such a record goes through a pipe whole or not at all, however many write to it or read from it.
What is large lies in memory that both sides have open, and records say where.
"""

from __future__ import annotations

import os
import struct

_FORM = struct.Struct("<IIQQQ")
SIZE = _FORM.size
AT_ONCE = 128
"""How many records may be written to a pipe at once, for all of them to go through as one."""

DIVIDE = 1
"""A task that is none: whoever gets it makes a second worker."""
PACK = 2
"""A task whose result is to be kept: it is sent as it is kept, too."""

NOTHING, DECLS, FINDING = 0, 1, 2
"""What a result is: none, since it cannot be sent; declarations; a finding."""

Record = tuple[int, int, int, int, int]
"""Of a task: number, flags, where its path and its bytes begin, and how long these two are. Of a
result: number, kind, where it begins, how long it is, and how long it is as it is kept."""


def packed(record: Record) -> bytes:
    """A record as it is sent."""
    return _FORM.pack(*record)


def unpacked(data: bytes) -> list[Record]:
    """The records in what was received."""
    return list(_FORM.iter_unpack(data))


def write_at(memory: int, data: bytes, at: int) -> None:
    """Writes all of ``data`` to a place in memory; ``OSError`` where there is no room for it."""
    view = memoryview(data)
    while view:
        written = os.pwrite(memory, view, at)
        if not written:
            raise OSError("no room")
        view = view[written:]
        at += written


def read_at(memory: int, at: int, length: int) -> bytes:
    """That many bytes from a place in memory; ``OSError`` where it holds fewer."""
    data = os.pread(memory, length, at)
    if len(data) != length:
        raise OSError("incomplete")
    return data
