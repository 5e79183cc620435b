"""Sends values from one process to another, without waiting for the receiver.

The values are in shared memory; each byte in a pipe announces one value. The pipe also shows that
the other process has ended.
"""

from __future__ import annotations

import marshal
import os
from typing import Any

_HEAD = 8
"""Number of bytes before each value that contain its length."""


class Channel:
    """One process sends, and another one, which is forked after the channel is created, takes.

    Raises ``OSError`` if there is no memory, or no process at the other end.
    """

    def __init__(self) -> None:
        self.memory = os.memfd_create("arctic-codegen")
        try:
            self.taking, self.sending = os.pipe()
        except OSError:
            os.close(self.memory)
            raise
        self._sent = self._taken = 0

    def send(self, value: Any) -> None:
        """Send a value of built-in types."""
        data = marshal.dumps(value)
        view = memoryview(len(data).to_bytes(_HEAD, "little") + data)
        while view:
            written = os.pwrite(self.memory, view, self._sent)
            if not written:
                raise OSError("no room")
            view = view[written:]
            self._sent += written
        os.write(self.sending, b"1")

    def take(self) -> Any:
        """Wait for the next value; ``None`` if there will be no more."""
        if not os.read(self.taking, 1):
            return None
        start = self._taken + _HEAD
        size = int.from_bytes(os.pread(self.memory, _HEAD, self._taken), "little")
        self._taken = start + size
        return marshal.loads(os.pread(self.memory, size, start))
