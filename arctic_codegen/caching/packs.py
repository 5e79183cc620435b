"""Blobs by key, in packs: a sealed index, with a digest of each blob, and the blobs (ADR 10).

A pack is written once, by a rename, and then only read; each build that has something new adds
one, and many become one. So builds can run beside each other, and a build that changes one file
writes little. What is wrong with a pack is as if it were not there.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from arctic_codegen.caching import records
from arctic_codegen.caching.disk import SEAL_SIZE, digest, seal
from arctic_codegen.files.plain import open_plain

LIMIT = 128 * 1024 * 1024
"""How many bytes all packs in a folder may take."""

_MOST_PACKS = 8
_MARK = b"arctic-codegen pack 2\n"
_HEAD = len(_MARK) + 8 + SEAL_SIZE
_ENDING = ".pack"


def packed(data: bytes) -> bytes:
    """Data as a pack holds it."""
    return zlib.compress(data, 1)


_Place = tuple[int, int, bytes]
"""Where a blob begins, its length, and its digest."""


class _Pack:
    """One pack that can be read: where each blob is, by key."""

    def __init__(self, path: str, file: BinaryIO, index: dict[bytes, _Place]) -> None:
        self.path = path
        self.file = file
        self.index = index


class PackStore:
    """The packs in a folder that were made by one state of the tool, which ``name`` stands for."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self._name = name
        self._packs: list[_Pack] = []
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        with contextlib.suppress(OSError):
            for entry in sorted(os.listdir(folder)):
                if entry.startswith(f"{name}-") and entry.endswith(_ENDING):
                    pack = _opened(os.path.join(folder, entry))
                    if pack is not None:
                        self._packs.append(pack)

    def get(self, key: bytes) -> bytes | None:
        """What was put in under a key."""
        blob = self._blob(key)
        if blob is None:
            return None
        try:
            data = zlib.decompress(blob)
        except zlib.error:
            return None
        self._used.add(key)
        return data

    def add(self, key: bytes, data: bytes) -> None:
        """Takes data in, to be kept by :meth:`save`."""
        self._new[key] = packed(data)

    def add_packed(self, key: bytes, blob: bytes) -> None:
        """Takes data in that :func:`packed` has made small already."""
        self._new[key] = blob

    def save(self) -> None:
        """Keeps what is new, and sees to it that there are few packs, and none too large."""
        if self._new:
            merging = len(self._packs) >= _MOST_PACKS
            old = self._packs if merging else []
            if self._write({**dict(self._kept(old)), **self._new}) and merging:
                for pack in old:
                    _remove(pack.path)
            _remove_beyond(self._folder, LIMIT)
        for pack in self._packs:
            pack.file.close()
        self._packs = []
        self._new = {}

    def _blob(self, key: bytes) -> bytes | None:
        if key in self._new:
            return self._new[key]
        for pack in self._packs:
            place = pack.index.get(key)
            if place is not None:
                start, length, known = place
                try:
                    pack.file.seek(start)
                    blob = pack.file.read(length)
                except (OSError, ValueError):
                    return None
                return blob if digest(blob) == known else None
        return None

    def _kept(self, packs: list[_Pack]) -> Iterator[tuple[bytes, bytes]]:
        """What goes into a new pack: what this build used, then what else there is room for."""
        keys = {key: None for pack in packs for key in pack.index}
        room = LIMIT // 2
        for key in sorted(keys, key=lambda key: key not in self._used):
            blob = self._blob(key)
            if blob is not None and len(blob) <= room:
                room -= len(blob)
                yield key, blob

    def _write(self, blobs: dict[bytes, bytes]) -> bool:
        index: dict[bytes, _Place] = {}
        at = 0
        for key, blob in blobs.items():
            index[key] = (at, len(blob), digest(blob))
            at += len(blob)
        listed = marshal.dumps(index)
        head = _MARK + len(listed).to_bytes(8, "little") + seal(listed) + listed
        name = f"{self._name}-{os.urandom(6).hex()}{_ENDING}"
        return records.replace(os.path.join(self._folder, name), (head, *blobs.values()))


def _opened(path: str) -> _Pack | None:
    try:
        file = open_plain(path)  # it is read from until the store is saved
    except OSError:
        return None
    try:
        head = file.read(_HEAD)
        if head.startswith(_MARK) and len(head) == _HEAD:
            size = int.from_bytes(head[len(_MARK) : -SEAL_SIZE], "little")
            listed = file.read(min(size, LIMIT))
            if seal(listed) == head[-SEAL_SIZE:]:
                start = len(head) + len(listed)
                index = {
                    key: (start + at, length, known)
                    for key, (at, length, known) in marshal.loads(listed).items()
                }
                return _Pack(path, file, index)
    except (OSError, ValueError, TypeError, EOFError, AttributeError):
        pass
    file.close()
    return None


def _remove_beyond(folder: str, limit: int) -> None:
    """Removes the oldest packs, those of other states of the tool included, down to a limit."""
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            state = os.stat(path)
            found.append((state.st_mtime_ns, state.st_size, path))
    found.sort(reverse=True)
    total = sum(size for _, size, _ in found)
    while found and (total > limit or len(found) > 4 * _MOST_PACKS):
        _, size, path = found.pop()
        _remove(path)
        total -= size


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):  # another build was quicker, or reads it (Windows)
        os.unlink(path)
