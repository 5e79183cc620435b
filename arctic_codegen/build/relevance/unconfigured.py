"""Which files of a folder may define a class with callbacks, before any sources are configured?

``init`` searches a whole folder. Most files of a training project have nothing to do with
callbacks, and the import roots that determine module names are not known yet. So this module
compares only names. The build that follows selects more precisely among the remaining files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Set

from arctic_codegen.build.relevance.packages import Packages
from arctic_codegen.build.relevance.texts import imports_mentioned, packages_mentioned
from arctic_codegen.discover.finder import Finder
from arctic_codegen.discover.interpreter import own_search_path
from arctic_codegen.discover.trees import DiskTree
from arctic_codegen.frameworks.table import PACKAGES

_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t].*", re.MULTILINE)


def relevant_files(files: Mapping[str, bytes], output: str) -> tuple[str, ...]:
    """The files that import a callback mixin, directly or through other modules, in order.

    ``files`` are all files of a project, by path. Installed packages that require arctic-training
    or arctic-codegen count as well. The result includes every such file, and possibly others.
    """
    tree = DiskTree()
    packages = Packages(Finder(tree, (), own_search_path(tree)), tree, output)
    packages.add(name for data in files.values() for name in packages_mentioned(data))
    words = {path: _imported_words(path, data) for path, data in files.items()}
    names: Set[str] = packages.reaching(PACKAGES)
    found: set[str] = set()
    while True:
        new = {path for path in files if path not in found and not names.isdisjoint(words[path])}
        if not new:
            return tuple(path for path in files if path in found)
        found |= new
        names |= {name for path in new for name in _names_of(path)}


def imported_modules(data: bytes) -> frozenset[str]:
    """The modules in absolute import statements."""
    lines = b"\n".join(_IMPORT.findall(data))  # excludes most imports in strings and comments
    return frozenset(module for level, module, _ in imports_mentioned(lines) if not level)


def _imported_words(path: str, data: bytes) -> frozenset[str]:
    """Every name in an import statement, and the name of the package for a relative one."""
    words: set[str] = set()
    for level, module, names in imports_mentioned(data):
        words.update(module.split("."), names or ())
        if level and not module:
            folder = path
            for _ in range(level):
                folder = os.path.dirname(folder)
            words.add(os.path.basename(folder))
    return frozenset(words)


def _names_of(path: str) -> tuple[str, str]:
    """The names by which an import may refer to a file: its own name, or that of its package."""
    folder, name = os.path.split(path)
    return name.removesuffix(".py"), os.path.basename(folder)
