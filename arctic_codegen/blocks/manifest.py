"""The manifest of a checkpoint: facts about its run, and digests that detect damaged files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xxhash

from arctic_codegen.blocks._errors import CheckpointError

FORMAT = 3
NAME = "checkpoint.json"

CHUNK = 2**22
"""The number of bytes that are read at once."""

OF_RANK = re.compile(r"(?<!mp_)rank_(\d+)")
"""The names of files that belong to one rank: its own state, or its partition of ZeRO's."""


class DamagedError(CheckpointError):
    """A checkpoint does not contain what was written; the message names the file."""


def digests(folder: Path, rank: int) -> dict[str, tuple[int, str]]:
    """Size and digest of each file that a rank has written into a checkpoint."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, digest_of_file(path))
        for path in files
        if (_rank_of(path.name) or 0) == rank
    }


def write(folder: Path, values: Mapping[str, Any]) -> None:
    """Writes the manifest, with a digest of its own."""
    content = {"format": FORMAT, **values}
    text = json.dumps({"digest": _digest_of(content), **content}, indent=1)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The contents of the manifest.

    Raises :class:`DamagedError` if it cannot be read, and :class:`CheckpointError` if a different
    version has written it.
    """
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        digest = content.pop("digest", None)
        has_format = content["format"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"{folder} is damaged: {NAME} cannot be read ({error})") from None
    is_other = has_format != FORMAT
    if digest != _digest_of(content) and not (is_other and digest is None):
        raise DamagedError(f"{folder} is damaged: the content of {NAME} has changed")
    if is_other:
        raise CheckpointError(f"{folder} has the format of another version: choose another folder")
    read: dict[str, Any] = content
    return read


def check(folder: Path, rank: int, world_size: int) -> None:
    """Compares the files that a rank reads with the manifest: its own and the common ones.

    Files of ranks that no longer exist are distributed among the others. Raises the errors of
    :func:`read`, and :class:`DamagedError` that names the first file that differs.
    """
    for name, (size, digest) in read(folder)["files"].items():
        path = folder / name
        try:
            found = path.stat().st_size
            if found != size:
                raise DamagedError(f"{folder} is damaged: {name} has {found} of {size} bytes")
            owner = _rank_of(path.name)
            if (owner is None or owner % world_size == rank) and digest_of_file(path) != digest:
                raise DamagedError(f"{folder} is damaged: the content of {name} has changed")
        except FileNotFoundError:
            raise DamagedError(f"{folder} is damaged: {name} is missing") from None
        except OSError as error:
            raise DamagedError(f"{folder} is damaged: {name} cannot be read ({error})") from None


def _rank_of(name: str) -> int | None:
    """The rank that a file belongs to; ``None`` for files that rank 0 writes and all ranks read."""
    found = OF_RANK.search(name)
    return int(found[1]) if found else None


def digest_of_file(path: Path) -> str:
    """The digest of a file's contents."""
    hasher = xxhash.xxh3_128()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def _digest_of(content: Mapping[str, Any]) -> str:
    return xxhash.xxh3_128_hexdigest(json.dumps(content, sort_keys=True).encode())
