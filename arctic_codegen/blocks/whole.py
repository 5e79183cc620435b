"""Writes folders that are complete or absent, under a temporary name until they are complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path

STEP = "global_step_"
UNFINISHED = "unfinished_"


def unfinished(folder: Path) -> Path:
    """The temporary path under which a folder is written."""
    return folder.with_name(UNFINISHED + folder.name)


def remove_unfinished(parent: Path) -> None:
    """Creates the parent folder, and removes unfinished folders that killed runs have left."""
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left)


def finish(folder: Path) -> None:
    """Flushes a folder to disk and renames it to its final name, replacing an existing folder."""
    written = unfinished(folder)
    for path in (*written.rglob("*"), written):
        to_disk(path)
    if folder.exists():
        old = folder.with_name(f"{UNFINISHED}old_{folder.name}")
        os.rename(folder, old)
        os.rename(written, folder)
        shutil.rmtree(old)
    else:
        os.rename(written, folder)
    to_disk(folder.parent)


def steps(parent: Path) -> dict[int, Path]:
    """The finished folders, by step."""
    found = {path.name.removeprefix(STEP): path for path in parent.glob(f"{STEP}*")}
    return {int(number): path for number, path in found.items() if number.isdecimal()}


def remove_older(folder: Path, kept: int, best: Collection[int] = ()) -> None:
    """Removes the folders of earlier steps, except the last ``kept`` including this one, and the
    ``best``. If ``kept`` is 0, it removes none. Folders of later steps are not touched."""
    if kept == 0:
        return
    found = steps(folder.parent)
    latest = int(folder.name.removeprefix(STEP))
    for number in [one for one in sorted(found) if one <= latest][:-kept]:
        if number in best:
            continue
        going = unfinished(found[number])
        os.rename(found[number], going)  # so that no partly removed folder has the final name
        shutil.rmtree(going)


def to_disk(path: Path) -> None:
    """Flushes a file or folder to disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
