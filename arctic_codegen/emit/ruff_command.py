"""Where is ruff's executable?"""

from __future__ import annotations

import functools
import importlib
import shutil

from arctic_codegen.diagnostics.faults import WrongUse


@functools.cache
def ruff() -> str:
    """The executable of the installed ruff package.

    Raises :class:`WrongUse` if there is none.
    """
    try:
        return str(importlib.import_module("ruff.__main__").find_ruff_bin())
    except (ImportError, AttributeError, FileNotFoundError) as error:
        # In other package formats (conda, Nix) it is on the search path.
        found = shutil.which("ruff")
        if found is None:
            raise WrongUse("the executable of ruff cannot be found", "pip install ruff") from error
        return found
