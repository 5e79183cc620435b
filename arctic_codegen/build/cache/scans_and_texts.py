"""What was the result for these bytes, or for this plan? Caches scans and texts (ADR 10).

For each state of the tool there is one sealed file of each kind. It is read as a whole when the
first result is needed, and replaced atomically, so builds can run concurrently. A damaged file
counts as missing.
"""

from __future__ import annotations

import contextlib
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import msgspec

from arctic_codegen.build.cache import observer, sealed_files
from arctic_codegen.build.cache.facts import SCANS, digest
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.model.output import OutputFile

T = TypeVar("T", bound=msgspec.Struct)
P = TypeVar("P", bound=msgspec.Struct)

LIMIT = 64 * 1024 * 1024
"""If a cache is larger than this, in bytes, only the results used this time are kept."""

_TEXTS = "texts"
_MOST_STATES = 2


def packed(data: bytes) -> bytes:
    """A result encoded by msgpack, compressed for storage."""
    return zlib.compress(data, 1)


def tool_state() -> str:
    """A name for this state of the tool, its dependencies, and the running Python."""
    return digest(repr((sys.version, observer.tool_stamps())).encode("utf-8", "replace")).hex()


class ResultCache(Generic[T]):
    """Results of one kind, stored in a folder. ``found`` counts hits."""

    def __init__(self, folder: str, kind: type[T]) -> None:
        self._path = os.path.join(folder, tool_state())
        self._known: dict[bytes, bytes] | None = None
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self.found = 0

    def get(self, key: bytes | None) -> T | None:
        """The result that is stored under a key."""
        data = None if key is None else self._new.get(key) or self._read().get(key)
        if key is None or data is None:
            return None
        self._used.add(key)
        try:
            result = self._decoder.decode(zlib.decompress(data))
        except (msgspec.MsgspecError, ValueError):
            return None
        self.found += 1
        return result

    def add(self, key: bytes | None, result: T) -> None:
        """Add a result, to be stored by :meth:`save`."""
        # A lone surrogate in a text cannot be encoded: such a file is parsed each time.
        with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
            if key is not None:
                self.add_packed(key, packed(self._encoder.encode(result)))

    def add_packed(self, key: bytes, data: bytes) -> None:
        """Add a result that another process has encoded and packed."""
        if data:
            self._new[key] = data

    def kept_or_made(self, plans: Sequence[P], make: Callable[[list[P]], Iterable[T]]) -> list[T]:
        """The results of these plans, in order; those that are missing are computed and added."""
        keys = [self._key_of(plan) for plan in plans]
        results = [self.get(key) for key in keys]
        missing = [place for place, result in enumerate(results) if result is None]
        made = make([plans[place] for place in missing]) if missing else ()
        for place, result in zip(missing, made, strict=True):
            self.add(keys[place], result)
            results[place] = result
        return [result for result in results if result is not None]

    def _key_of(self, plan: msgspec.Struct) -> bytes | None:
        try:
            return digest(type(plan).__name__.encode() + self._encoder.encode(plan))
        except (UnicodeEncodeError, msgspec.MsgspecError):
            return None

    def save(self) -> None:
        """Store new results, and remove all but a few files of other states."""
        if not self._new:
            return
        kept = {**self._read(), **self._new}
        if sum(map(len, kept.values())) > LIMIT:
            wanted = self._used | self._new.keys()
            kept = {key: data for key, data in kept.items() if key in wanted}
        if sealed_files.write(self._path, kept):
            sealed_files.remove_oldest(os.path.dirname(self._path), _MOST_STATES)
        self._known, self._new = kept, {}

    def _read(self) -> dict[bytes, bytes]:
        if self._known is None:
            found = sealed_files.read(self._path)
            self._known = found if isinstance(found, dict) else {}
        return self._known


def scan_cache(folder: str) -> ResultCache[ModuleDecls]:
    """The scanned files of a project, by the digest of their bytes."""
    return ResultCache(os.path.join(folder, SCANS), ModuleDecls)


def text_cache(folder: str) -> ResultCache[OutputFile]:
    """The generated files of a project, by their plans."""
    return ResultCache(os.path.join(folder, _TEXTS), OutputFile)
