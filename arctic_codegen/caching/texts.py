"""Generated files, kept by their plans (ADR 10)."""

from __future__ import annotations

import contextlib
import os

import msgspec

from arctic_codegen.caching.disk import digest
from arctic_codegen.caching.packs import PackStore
from arctic_codegen.caching.tool import state_of
from arctic_codegen.model.output import OutputFile

FOLDER = "texts"


def _state() -> str:
    """What decides how a plan is written."""
    rooms = ("emit", "templates", "../templates", "model", "diagnostics/records.py")
    return state_of(rooms, ("jinja2", "markupsafe", "ruff"))


class TextCache:
    """The texts of one project, for one state of the tool. ``found`` counts."""

    def __init__(self, folder: str) -> None:
        self._store = PackStore(os.path.join(folder, FOLDER), _state())
        self._decoder = msgspec.msgpack.Decoder(OutputFile)
        self._encoder = msgspec.msgpack.Encoder()
        self.found = 0

    def get(self, plan: msgspec.Struct) -> OutputFile | None:
        """The file that was written by the same plan."""
        key = self._key(plan)
        data = None if key is None else self._store.get(key)
        if data is None:
            return None
        try:
            output = self._decoder.decode(data)
        except (msgspec.MsgspecError, ValueError):
            return None
        self.found += 1
        return output

    def add(self, plan: msgspec.Struct, output: OutputFile) -> None:
        """Takes one in, to be kept by :meth:`save`."""
        key = self._key(plan)
        with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
            if key is not None:
                self._store.add(key, self._encoder.encode(output))

    def _key(self, plan: msgspec.Struct) -> bytes | None:
        try:
            return digest(type(plan).__name__.encode() + self._encoder.encode(plan))
        except (UnicodeEncodeError, msgspec.MsgspecError):
            return None

    def save(self) -> None:
        """Keeps what is new."""
        self._store.save()
