"""Where a checker keeps what it knows from one run to the next."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil

from arctic_codegen.caching.disk import seal
from arctic_codegen.model.settings import Settings

NAME = ".arctic-codegen-cache"
_MYPY = "mypy"
_OTHERS = 2
_MARKS = (
    (".gitignore", "*\n"),
    (
        "CACHEDIR.TAG",
        "Signature: 8a477f597d28d172789f06886806bc55\n"
        "# This folder is a cache of arctic-codegen's, and can be made again.\n"
        "# For information about cache directory tags see https://bford.info/cachedir/\n",
    ),
)
"""What keeps the folder out of repositories and of backups."""


def cache_folder(settings: Settings) -> str | None:
    """A folder for mypy's cache that nobody else's mypy uses; ``None`` where there can be none.

    mypy throws away what it finds under other settings, and ours are other ones: in a folder in
    common each run of either would begin from nothing.
    """
    folder = own_folder(settings)
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


def own_folder(settings: Settings) -> str | None:
    """The project's folder for what can be made again: beside the configuration, or, where that
    cannot be written, in the user's own folder for caches."""
    if not settings.use_cache:
        return None
    beside = os.path.join(settings.root, NAME)
    if _made(beside):
        return beside
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    digest = hashlib.sha256(os.fsencode(os.path.realpath(settings.root))).hexdigest()[:16]
    own = os.path.join(home, "arctic-codegen", digest)
    return own if os.path.isabs(home) and _made(own) else None


def _made(folder: str) -> bool:
    """Whether the folder is there and can be written; it keeps itself out of git and backups."""
    try:
        os.makedirs(folder, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            return False
        for name, text in _MARKS:
            path = os.path.join(folder, name)
            if not os.path.exists(path):
                with open(path, "x", encoding="utf-8") as file:
                    file.write(text)
    except FileExistsError:
        return os.path.isdir(folder)
    except OSError:
        return False
    return True
