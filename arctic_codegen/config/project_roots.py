"""Import roots that a project's folders speak for, where nobody has named any."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from arctic_codegen.config.reader import default_roots
from arctic_codegen.discover.finder import is_importable, root_of


def project_roots(folder: str, files: Sequence[str]) -> tuple[str, ...]:
    """The default roots, and those that some of the files need besides.

    A package is imported from the folder above it, unless something in the project imports it
    as a part of a larger one; and a script from its own folder where that has a name that no
    import can spell.
    """
    roots = list(default_roots(folder))
    texts: list[str] = []
    for path in files:
        root = _own_root(path, roots)
        if root is None or root in roots:
            continue
        texts = texts or [_text(file) for file in files]
        if not _is_spelled(path, roots, root, texts):
            roots.append(root)
    return tuple(roots)


def _own_root(path: str, roots: Sequence[str]) -> str | None:
    known = root_of(path, roots)
    if known is None:
        return None
    here = os.path.dirname(path)
    top = here
    while top != known and os.path.isfile(os.path.join(top, "__init__.py")):
        top = os.path.dirname(top)
    packaged = top != here
    return top if packaged or not _can_be_imported(here, known) else None


def _is_spelled(path: str, roots: Sequence[str], root: str, texts: Iterable[str]) -> bool:
    """Whether the project imports the package by a longer name than ``root`` would give it."""
    known = root_of(path, roots)
    assert known is not None
    if not _can_be_imported(root, known):
        return False
    package = os.path.relpath(path, root).removesuffix(".py").split(os.sep)[0]
    dotted = ".".join((*os.path.relpath(root, known).split(os.sep), package))
    pattern = re.compile(rf"^\s*(?:from|import)\s+{re.escape(dotted)}\b", re.MULTILINE)
    return any(pattern.search(text) for text in texts)


def _can_be_imported(folder: str, root: str) -> bool:
    inside = os.path.relpath(folder, root)
    return inside == "." or all(map(is_importable, inside.split(os.sep)))


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
