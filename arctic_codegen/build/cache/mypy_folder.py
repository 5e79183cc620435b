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
    """A folder for mypy's cache that nobody else's mypy uses; ``None`` where there can be none.

    mypy throws away what it finds under other settings, and ours are other ones: in a folder in
    common each run of either would begin from nothing.
    """
    folder = cache_folder(settings)
    if folder is None:
        return None
    # mypy believes what it finds in its cache. The name is one that no checkout can know of.
    own = os.path.join(folder, f"{_MYPY}-{seal(_MYPY.encode()).hex()[:12]}")
    if not os.path.isdir(own):
        _remove_others(folder)
    return own


def _remove_others(folder: str) -> None:
    """Leaves few of the caches of other installations: each is as large as what it is made of."""
    with contextlib.suppress(OSError):
        others = [entry for entry in os.scandir(folder) if entry.name.startswith(_MYPY)]
        others.sort(key=lambda entry: entry.stat(follow_symlinks=False).st_mtime_ns)
        for entry in others[:-_OTHERS]:
            shutil.rmtree(entry.path, ignore_errors=True)
