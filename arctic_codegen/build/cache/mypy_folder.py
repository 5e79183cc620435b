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
    """A folder for mypy's cache that no other mypy uses; ``None`` if there can be none.

    mypy discards a cache that was written under other settings, and ours are different: in a shared
    folder each run of either would start from nothing.
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
    """Keeps only a few caches of other installations, since each is as large as the code that it is
    about."""
    with contextlib.suppress(OSError):
        others = [entry for entry in os.scandir(folder) if entry.name.startswith(_MYPY)]
        others.sort(key=lambda entry: entry.stat(follow_symlinks=False).st_mtime_ns)
        for entry in others[:-_OTHERS]:
            shutil.rmtree(entry.path, ignore_errors=True)
