"""Which of a project's files may hold a class with callbacks, as far as their texts tell.

``init`` looks at a whole folder before anyone has named sources. Most files of a training project
have nothing to do with callbacks, and finding out what the bases of their classes are would read
half of torch and transformers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

from arctic_codegen.discover.distributions import installed_dependents
from arctic_codegen.relevance.outside import PACKAGES

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]*))",
    re.MULTILINE,
)
_WORD = re.compile(r"\w+")
_DOTTED = re.compile(r"(?:(?<=,)|^)[ \t]*([\w.]+)", re.MULTILINE)


def relevant_files(texts: Mapping[str, str], sites: Sequence[str]) -> tuple[str, ...]:
    """The files that import a callback mixin, or something that imports one, in order.

    ``texts`` are those of all files of a project, by path. Installed packages that require
    arctic-training or arctic-codegen count as well; ``sites`` are the folders to look for them.
    Nothing is left out that is imported by name; some files are taken that need not be.
    """
    words = {path: _imported_words(path, text) for path, text in texts.items()}
    names = {*PACKAGES, *installed_dependents(sites, sorted(PACKAGES))}
    found: set[str] = set()
    while True:
        new = {path for path in texts if path not in found and not names.isdisjoint(words[path])}
        if not new:
            return tuple(path for path in texts if path in found)
        found |= new
        names |= {name for path in new for name in _names_of(path)}


def imported_modules(text: str) -> frozenset[str]:
    """The modules that absolute imports name."""
    found: set[str] = set()
    for dots, module, _, plain in _IMPORT.findall(text):
        if plain:
            found.update(_DOTTED.findall(plain))
        elif not dots:
            found.add(module)
    return frozenset(name for name in found if name)


def _imported_words(path: str, text: str) -> frozenset[str]:
    """Every name in an import statement, and for a relative one that of its package."""
    words: set[str] = set()
    for dots, module, names, plain in _IMPORT.findall(text):
        words.update(_WORD.findall(f"{module} {names} {plain}"))
        if dots and not module:
            folder = path
            for _ in dots:
                folder = os.path.dirname(folder)
            words.add(os.path.basename(folder))
    return frozenset(words)


def _names_of(path: str) -> tuple[str, str]:
    """What an import may call a module: its own name, or that of its package."""
    folder, name = os.path.split(path)
    return name.removesuffix(".py"), os.path.basename(folder)


def texts_of(paths: Iterable[str]) -> dict[str, str]:
    """The texts of files; what cannot be read is empty."""
    found = {}
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                found[path] = file.read()
        except OSError:
            found[path] = ""
    return found
