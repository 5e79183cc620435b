"""Scanned files, kept by the digest of their bytes (ADR 10)."""

from __future__ import annotations

import contextlib
import os

import msgspec

from arctic_codegen.caching.packs import PackStore
from arctic_codegen.caching.tool import state_of
from arctic_codegen.model.decls import ModuleDecls

FOLDER = "scans"


def _state() -> str:
    """What decides how a file is read, and what is written down of it."""
    return state_of(("scan", "model", "diagnostics/records.py"), ("libcst",))


class ScanCache:
    """The scanned files of one project, for one state of the tool. ``found`` counts."""

    def __init__(self, folder: str) -> None:
        self._store = PackStore(os.path.join(folder, FOLDER), _state())
        self._decoder = msgspec.msgpack.Decoder(ModuleDecls)
        self._encoder = msgspec.msgpack.Encoder()
        self.found = 0

    def get(self, file_digest: str) -> ModuleDecls | None:
        """What is known of the file with these bytes."""
        data = self._store.get(bytes.fromhex(file_digest))
        if data is None:
            return None
        try:
            decls = self._decoder.decode(data)
        except (msgspec.MsgspecError, ValueError):
            return None
        self.found += 1
        return decls

    def add(self, file_digest: str, decls: ModuleDecls) -> None:
        """Takes one in, to be kept by :meth:`save`."""
        # Half of a surrogate pair in a text has no bytes: such a file is parsed each time.
        with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
            self._store.add(bytes.fromhex(file_digest), self._encoder.encode(decls))

    def add_packed(self, file_digest: str, packed: bytes) -> None:
        """Takes one in as another process has encoded and packed it."""
        if packed:
            self._store.add_packed(bytes.fromhex(file_digest), packed)

    def save(self) -> None:
        """Keeps what is new."""
        self._store.save()
