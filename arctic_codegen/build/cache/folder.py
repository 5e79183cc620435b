"""In which folder is a project's cache?"""

from __future__ import annotations

import hashlib
import os

from arctic_codegen.build.cache.facts import CACHE
from arctic_codegen.model.settings import Settings

_MARKS = (
    (".gitignore", "*\n"),
    (
        "CACHEDIR.TAG",
        "Signature: 8a477f597d28d172789f06886806bc55\n"
        "# This folder is a cache of arctic-codegen and can be deleted.\n"
        "# For information about cache directory tags see https://bford.info/cachedir/\n",
    ),
)
"""Files that exclude the folder from repositories and backups."""


def cache_folder(settings: Settings) -> str | None:
    """The project's cache folder: next to the configuration or, if that is not writable, in the
    user's cache folder. ``None`` if there is none."""
    if not settings.use_cache:
        return None
    beside = os.path.join(settings.root, CACHE)
    if _created(beside):
        return beside
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    digest = hashlib.sha256(os.fsencode(os.path.realpath(settings.root))).hexdigest()[:16]
    own = os.path.join(home, "arctic-codegen", digest)
    return own if os.path.isabs(home) and _created(own) else None


def _created(folder: str) -> bool:
    """Create the folder if necessary, with its marker files; returns whether it is writable."""
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
