"""Where ruff's executable is."""

from __future__ import annotations

import functools
import importlib
import shutil


class RuffMissing(Exception):
    """There is none."""


@functools.cache
def ruff() -> str:
    """The executable that belongs to the installed ruff package.

    Raises :class:`RuffMissing`.
    """
    try:
        return str(importlib.import_module("ruff.__main__").find_ruff_bin())
    except (ImportError, AttributeError, FileNotFoundError) as error:
        # Packaged otherwise (conda, Nix), it is on the search path.
        found = shutil.which("ruff")
        if found is None:
            raise RuffMissing("the executable of ruff cannot be found") from error
        return found
