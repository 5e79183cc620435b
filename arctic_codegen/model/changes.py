"""Changes of files as values, and how a long run says what it is doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Progress = Callable[[str], None]


def quiet(_: str) -> None:
    """No progress."""


class FileChange(msgspec.Struct, frozen=True):
    """One file that is changed; ``path`` is relative to the output folder, for files of it.

    Where nothing is written, there are the texts of before and after; one that is not there is
    ``None``.
    """

    path: str
    kind: Literal["changed", "removed"]
    old: str | None = None
    new: str | None = None
