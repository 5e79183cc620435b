"""A file that a command has changed, or would change."""

from __future__ import annotations

from typing import Literal

import msgspec


class FileChange(msgspec.Struct, frozen=True):
    """One changed file; for files of the output, ``path`` is relative to the output folder.

    If nothing is written, it has the texts before and after; ``None`` means that the file does not
    exist.
    """

    path: str
    kind: Literal["changed", "removed"]
    old: str | None = None
    new: str | None = None
