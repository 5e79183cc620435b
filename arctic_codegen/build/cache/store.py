"""Which value has a key? There is one sealed file of them for each state of the tool (ADR 10).

The file is read as a whole when the first value is asked for, and written as a whole, by a rename.
So builds can run beside each other, and what is wrong with it is as if it were not there.
"""

from __future__ import annotations

import os
import zlib

from arctic_codegen.build.cache import sealed_files

LIMIT = 64 * 1024 * 1024
"""Of more bytes only what was used this time is kept."""

_MOST_STATES = 2


def packed(data: bytes) -> bytes:
    """Data as a store holds it."""
    return zlib.compress(data, 1)


class Store:
    """What is kept in a folder by one state of the tool, which ``name`` stands for."""

    def __init__(self, folder: str, name: str) -> None:
        self._path = os.path.join(folder, name)
        self._known: dict[bytes, bytes] | None = None
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()

    def get(self, key: bytes) -> bytes | None:
        """What was put in under a key."""
        blob = self._new.get(key) or self._read().get(key)
        if blob is None:
            return None
        self._used.add(key)
        return zlib.decompress(blob)

    def add(self, key: bytes, data: bytes) -> None:
        """Takes data in, to be kept by :meth:`save`."""
        self.add_packed(key, packed(data))

    def add_packed(self, key: bytes, blob: bytes) -> None:
        """Takes data in that :func:`packed` has made small already."""
        self._new[key] = blob

    def save(self) -> None:
        """Keeps what is new, and few files of other states."""
        if not self._new:
            return
        kept = {**self._read(), **self._new}
        if sum(map(len, kept.values())) > LIMIT:
            wanted = self._used | self._new.keys()
            kept = {key: blob for key, blob in kept.items() if key in wanted}
        if sealed_files.write(self._path, kept):
            sealed_files.remove_oldest(os.path.dirname(self._path), _MOST_STATES)
        self._known, self._new = kept, {}

    def _read(self) -> dict[bytes, bytes]:
        if self._known is None:
            found = sealed_files.read(self._path)
            self._known = found if isinstance(found, dict) else {}
        return self._known
