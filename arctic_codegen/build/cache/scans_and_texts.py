"""What was made of these bytes, or of this plan, before? Scanned and generated files (ADR 10)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import msgspec

from arctic_codegen.build.cache.facts import SCANS, digest
from arctic_codegen.build.cache.store import Store
from arctic_codegen.build.cache.tool_digest import state_of
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.model.output import OutputFile

T = TypeVar("T", bound=msgspec.Struct)
P = TypeVar("P", bound=msgspec.Struct)

TEXTS = "texts"
_RECORDS = ("model", "diagnostics/records.py")


class ResultCache(Generic[T]):
    """Results of one kind, for one state of the tool. ``found`` counts."""

    def __init__(self, store: Store, kind: type[T]) -> None:
        self._store = store
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self.found = 0

    def get(self, key: bytes | None) -> T | None:
        """The result that is kept under a key."""
        data = None if key is None else self._store.get(key)
        if data is None:
            return None
        try:
            result = self._decoder.decode(data)
        except (msgspec.MsgspecError, ValueError):
            return None
        self.found += 1
        return result

    def add(self, key: bytes | None, result: T) -> None:
        """Takes one in, to be kept by :meth:`save`."""
        # Half of a surrogate pair in a text has no bytes: such a file is parsed each time.
        with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
            if key is not None:
                self._store.add(key, self._encoder.encode(result))

    def add_packed(self, key: bytes, packed: bytes) -> None:
        """Takes one in as another process has encoded and packed it."""
        if packed:
            self._store.add_packed(key, packed)

    def kept_or_made(self, plans: Sequence[P], make: Callable[[list[P]], Iterable[T]]) -> list[T]:
        """The results of these plans, in order; what is not kept is made, and taken in."""
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
        """Keeps what is new."""
        self._store.save()


def scan_cache(folder: str) -> ResultCache[ModuleDecls]:
    """The scanned files of a project, by the digest of their bytes."""
    state = state_of(("scan", *_RECORDS), ("libcst",))
    return ResultCache(Store(os.path.join(folder, SCANS), state), ModuleDecls)


def text_cache(folder: str) -> ResultCache[OutputFile]:
    """The generated files of a project, by their plans."""
    rooms = ("emit", "templates", "../templates", *_RECORDS)
    state = state_of(rooms, ("jinja2", "markupsafe", "ruff"))
    return ResultCache(Store(os.path.join(folder, TEXTS), state), OutputFile)
