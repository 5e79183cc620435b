"""Identifies modules that run as ``__main__`` or are known under two names."""

from __future__ import annotations

import os
import sys
from typing import Any

MAIN = ("__main__", "__mp_main__")


def module_of(namespace: dict[str, Any]) -> str:
    """The name of the module with these globals, even if it runs as ``python -m app.train``.

    For a script that was started by its path it is ``__main__``.
    """
    name: str = namespace.get("__name__", "")
    if name in MAIN:
        spec = namespace.get("__spec__")
        return name if spec is None else str(spec.name)
    return name


def is_module(found: str | None, wanted: str) -> bool:
    """Whether a name from :func:`module_of` is that of the module ``wanted``."""
    if wanted in MAIN and wanted in sys.modules:
        wanted = module_of(vars(sys.modules[wanted]))
    if found == wanted or found not in MAIN:
        return found == wanted
    file = getattr(sys.modules.get(found), "__file__", None)
    return is_file(file, wanted.replace(".", "/") + ".py")


def is_unfinished(module: str) -> bool:
    """Whether a module is missing, is still being imported, or runs as the main program."""
    main = sys.modules.get("__main__")
    if main is not None and is_module(module_of(vars(main)), module):
        return True
    spec = getattr(sys.modules.get(module), "__spec__", None)
    return module not in sys.modules or bool(getattr(spec, "_initializing", False))


def is_file(path: str | None, wanted: str) -> bool:
    """Whether ``path`` is the file ``wanted``, which may be only the last parts of its path."""
    if path is None:
        return False
    full = os.path.normcase(os.path.realpath(path)).replace(os.sep, "/").split("/")
    parts = [part for part in wanted.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return full[-len(parts) :] == [os.path.normcase(part) for part in parts]
