"""Fingerprints of inputs, kept by the bytes of a file and the names that were read (ADR 10)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

from arctic_codegen.caching import records
from arctic_codegen.caching.disk import digest
from arctic_codegen.caching.tool import state_of

NAME = "digests"
_MOST = 50_000
_ROOMS = (
    "build/fingerprints.py",
    "build/plain_records.py",
    "scan",
    "model",
    "diagnostics/records.py",
)


class FingerprintCache:
    """Those of one project. They are read when the first is asked for."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._path = ""
        self._known: dict[bytes, bytes] = {}
        self._new = False

    def get(self, file_digest: str, names: Sequence[str]) -> str | None:
        """The fingerprint of a file with these bytes, for these names."""
        if not self._path:
            self._path = os.path.join(self._folder, f"{NAME}-{state_of(_ROOMS, ('libcst',))}")
            known = records.read(self._path)
            self._known = known if isinstance(known, dict) else {}
        found = self._known.get(_key(file_digest, names))
        return found.hex() if isinstance(found, bytes) else None

    def add(self, file_digest: str, names: Sequence[str], second: str) -> None:
        """Takes one in, to be kept by :meth:`save`."""
        self._known[_key(file_digest, names)] = bytes.fromhex(second)
        self._new = True

    def save(self) -> None:
        """Keeps what is new; of too many the first are forgotten."""
        if self._new and self._path:
            kept = list(self._known.items())[-_MOST:]
            records.write(self._path, dict(kept))
            self._new = False
            self._remove_others()

    def _remove_others(self) -> None:
        """Removes those of other states of the tool."""
        with contextlib.suppress(OSError):
            for name in os.listdir(self._folder):
                path = os.path.join(self._folder, name)
                if name.startswith(f"{NAME}-") and path != self._path:
                    os.unlink(path)


def _key(file_digest: str, names: Sequence[str]) -> bytes:
    return digest("\0".join((file_digest, *names)).encode(errors="surrogatepass"))
