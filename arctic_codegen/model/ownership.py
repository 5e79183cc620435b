"""Which files belong to the project, so that users can edit them?"""

from __future__ import annotations

import os

from arctic_codegen.model.settings import Settings

_PACKAGES = frozenset({"site-packages", "dist-packages"})


def is_own(path: str, settings: Settings) -> bool:
    """Whether a file lies in the project and was not generated or installed there."""
    if _PACKAGES.intersection(path.split(os.sep)) or is_below(path, settings.output):
        return False
    return any(is_below(path, root) for root in (settings.root, *settings.src))


def is_below(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, at any depth."""
    return path.startswith(folder.rstrip(os.sep) + os.sep)
