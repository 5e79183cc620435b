"""A file that a command has changed, or would change."""

from __future__ import annotations

from typing import Literal

import msgspec


class FileChange(msgspec.Struct, frozen=True):
    """One file that is changed; ``path`` is relative to the output folder, for files of it.

    Where nothing is written, there are the texts of before and after; one that is not there is
    ``None``.
    """

    path: str
    kind: Literal["changed", "removed"]
    old: str | None = None
    new: str | None = None
