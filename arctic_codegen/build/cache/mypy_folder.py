"""In which folder is mypy's cache?"""

from __future__ import annotations

import contextlib
import os
import shutil

from arctic_codegen.build.cache.facts import seal
from arctic_codegen.build.cache.folder import cache_folder
from arctic_codegen.model.settings import Settings

_MYPY = "mypy"
_OTHERS = 2


def mypy_folder(settings: Settings) -> str | None:
    """A separate folder for mypy's cache; ``None`` if there is no cache folder.

    mypy discards a cache that was written with other settings, and this tool uses its own settings.
    In a shared folder, each would always start without a cache.
    """
    folder = cache_folder(settings)
    if folder is None:
        return None
    # mypy trusts its cache, so the name of the folder is one that a checkout cannot predict.
    own = os.path.join(folder, f"{_MYPY}-{seal(_MYPY.encode()).hex()[:12]}")
    if not os.path.isdir(own):
        _remove_others(folder)
    return own


def _remove_others(folder: str) -> None:
    """Keep only a few caches of other installations: they are about as large as the code."""
    with contextlib.suppress(OSError):
        others = [entry for entry in os.scandir(folder) if entry.name.startswith(_MYPY)]
        others.sort(key=lambda entry: entry.stat(follow_symlinks=False).st_mtime_ns)
        for entry in others[:-_OTHERS]:
            shutil.rmtree(entry.path, ignore_errors=True)
