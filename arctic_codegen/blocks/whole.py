"""Folders that are complete or absent: they are written under a temporary name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path

STEP = "global_step_"
UNFINISHED = "unfinished_"


def unfinished(folder: Path) -> Path:
    """The name under which a folder is written."""
    return folder.with_name(UNFINISHED + folder.name)


def remove_unfinished(parent: Path) -> None:
    """Creates the folder for unfinished folders, and removes what a killed run has left in it."""
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left)


def finish(folder: Path) -> None:
    """Renames a folder to its final name, once it is on disk. An existing folder of that name is
    removed."""
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
    """The finished folders of steps."""
    found = {path.name.removeprefix(STEP): path for path in parent.glob(f"{STEP}*")}
    return {int(number): path for number, path in found.items() if number.isdecimal()}


def remove_older(folder: Path, kept: int, best: Collection[int] = ()) -> None:
    """Removes the folders of earlier steps, except as many as are to be kept with this one, and the
    ``best``; 0 keeps all. Those of later steps are damaged, or of a person's own concern."""
    if kept == 0:
        return
    found = steps(folder.parent)
    latest = int(folder.name.removeprefix(STEP))
    for number in [one for one in sorted(found) if one <= latest][:-kept]:
        if number in best:
            continue
        going = unfinished(found[number])
        os.rename(found[number], going)  # one that is half removed is not there
        shutil.rmtree(going)


def to_disk(path: Path) -> None:
    """Flushes a file or folder to disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
