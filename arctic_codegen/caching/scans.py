"""Scanned files, kept by the digest of their bytes (ADR 10).

They stand in packs: an index and one blob for each file. A pack is written once, by a rename, and
then only read; each build that has parsed something adds one, and many become one. So builds can
run beside each other, and a build that changes one file writes little.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from arctic_codegen.caching import records
from arctic_codegen.caching.disk import digest
from arctic_codegen.model.decls import ModuleDecls

FOLDER = "scans"
LIMIT = 128 * 1024 * 1024
"""How many bytes all packs of a project may take."""

_MOST_PACKS = 8
_MARK = b"arctic-codegen scans 1\n"
_ENDING = ".pack"
_ROOMS = ("scan", "model", "diagnostics/records.py")
"""What decides how a file is read, and what is written down of it."""


class _Pack:
    """One pack that can be read: where each blob begins and ends, by digest."""

    def __init__(self, path: str, file: BinaryIO, index: dict[bytes, tuple[int, int]]) -> None:
        self.path = path
        self.file = file
        self.index = index


class ScanCache:
    """The packs of one project, for one state of the tool. ``found`` and ``added`` count."""

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, FOLDER)
        self._key = _key()
        self._packs: list[_Pack] = []
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._decoder = msgspec.msgpack.Decoder(ModuleDecls)
        self._encoder = msgspec.msgpack.Encoder()
        self.found = 0
        with contextlib.suppress(OSError):
            for name in sorted(os.listdir(self._folder)):
                if name.startswith(self._key) and name.endswith(_ENDING):
                    pack = _opened(os.path.join(self._folder, name))
                    if pack is not None:
                        self._packs.append(pack)

    def get(self, file_digest: str) -> ModuleDecls | None:
        """What is known of the file with these bytes."""
        blob = self._blob(bytes.fromhex(file_digest))
        if blob is None:
            return None
        try:
            decls = self._decoder.decode(zlib.decompress(blob))
        except (zlib.error, msgspec.MsgspecError, ValueError):
            return None
        self._used.add(bytes.fromhex(file_digest))
        self.found += 1
        return decls

    def add(self, file_digest: str, decls: ModuleDecls) -> None:
        """Takes one in, to be kept by :meth:`save`."""
        # Half of a surrogate pair in a text has no bytes: such a file is parsed each time.
        with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
            data = self._encoder.encode(decls)
            self._new[bytes.fromhex(file_digest)] = zlib.compress(data, 1)

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
                try:
                    pack.file.seek(place[0])
                    return pack.file.read(place[1])
                except (OSError, ValueError):
                    return None
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
        index: dict[bytes, tuple[int, int]] = {}
        at = 0
        for key, blob in blobs.items():
            index[key] = (at, len(blob))
            at += len(blob)
        listed = marshal.dumps(index)
        head = _MARK + len(listed).to_bytes(8, "little") + digest(listed) + listed
        name = f"{self._key}-{os.urandom(6).hex()}{_ENDING}"
        return records.replace(os.path.join(self._folder, name), (head, *blobs.values()))


def _opened(path: str) -> _Pack | None:
    try:
        file = open(path, "rb")  # noqa: SIM115  # it is read from until the cache is saved
    except OSError:
        return None
    try:
        head = file.read(len(_MARK) + 24)
        if head.startswith(_MARK) and len(head) == len(_MARK) + 24:
            size = int.from_bytes(head[len(_MARK) : len(_MARK) + 8], "little")
            listed = file.read(min(size, LIMIT))
            if digest(listed) == head[-16:]:
                start = len(head) + len(listed)
                index = {
                    key: (start + at, length) for key, (at, length) in marshal.loads(listed).items()
                }
                return _Pack(path, file, index)
    except (OSError, ValueError, TypeError, EOFError, AttributeError):
        pass
    file.close()
    return None


def _key() -> str:
    """What the packs of this state of the tool are called. A word for every byte of it that
    decides what a scan finds, and for the parser."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parts: list[bytes] = [sys.version.encode()]
    for room in _ROOMS:
        path = os.path.join(package, *room.split("/"))
        names = sorted(os.listdir(path)) if os.path.isdir(path) else [""]
        for name in names:
            if not name or name.endswith(".py"):
                with open(os.path.join(path, name) if name else path, "rb") as file:
                    parts += [name.encode(), digest(file.read())]
    parts += [_parser_version().encode(), msgspec.__version__.encode()]
    return digest(b"\0".join(parts)).hex()[:16]


def _parser_version() -> str:
    """The version of libcst, which is not loaded for it."""
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for name in os.listdir(folder or "."):
                if name.startswith("libcst-") and name.endswith(".dist-info"):
                    return name
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("libcst")
    except PackageNotFoundError:
        return ""


def _remove_beyond(folder: str, limit: int) -> None:
    """Removes the oldest packs, those of other states of the tool included, down to a limit."""
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            state = os.stat(path)
            found.append((state.st_mtime_ns, state.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= limit and len(found) <= 4 * _MOST_PACKS:
            return
        _remove(path)
        total -= size
        found.pop()


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):  # another build was quicker, or reads it (Windows)
        os.unlink(path)
