"""Caches samples on disk: one rank writes them; the other ranks and later runs read them."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import filelock
import xxhash
from datasets import Dataset, Features
from datasets.arrow_writer import ArrowWriter
from transformers import PreTrainedTokenizerBase

from arctic_codegen.blocks.manifest import digest_of_file
from arctic_codegen.blocks.whole import UNFINISHED, to_disk

FORMAT = 1
"""Increased if the same data gives other samples."""


class SampleCache:
    """The files of a folder, each named by the digest of everything that its samples depend on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str, features: Features, batches: Iterator[dict[str, Any]]) -> Dataset:
        """The samples of a key: read from the disk, or first written from ``batches``.

        Processes that need them at the same time wait for the one that writes. It writes under a
        temporary name, so a file with the final name is complete, even if locks do not work.

        Raises :class:`OSError` if the folder cannot be written.
        """
        path = self._folder / f"{key}.arrow"
        if not path.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            with _locked(path.with_suffix(".lock")) as alone:
                if not path.is_file():
                    _write(path, features, batches, alone)
        return Dataset.from_file(str(path))


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Waits for other processes that write the same samples; yields whether locks work here."""
    lock = filelock.FileLock(path)
    try:
        lock.acquire()
    except (OSError, NotImplementedError):  # a file system without locks
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _write(path: Path, features: Features, batches: Iterator[dict[str, Any]], alone: bool) -> None:
    if alone:  # remove files left by killed processes
        for left in path.parent.glob(f"{UNFINISHED}*_{path.name}"):
            left.unlink()
    written = path.with_name(f"{UNFINISHED}{uuid.uuid4().hex}_{path.name}")
    try:
        with ArrowWriter(path=str(written), features=features) as writer:
            for batch in batches:
                writer.write_batch(batch)
            writer.finalize()
        to_disk(written)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def key_of(dataset: Dataset, tokenizer: PreTrainedTokenizerBase, settings: Sequence[Any]) -> str:
    """A digest of the data, the tokenizer, the settings, and the versions of the libraries."""
    hasher = xxhash.xxh3_128()
    libraries = [importlib.metadata.version(one) for one in ("transformers", "tokenizers")]
    hasher.update(json.dumps([FORMAT, *libraries, *settings]).encode())
    for row in dataset:
        hasher.update(json.dumps(row).encode())
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_pretrained(folder)
        for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            hasher.update(f"{path.name} {digest_of_file(path)}".encode())
    return hasher.hexdigest()
