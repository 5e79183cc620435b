"""Which import roots do a project's imports suggest, if none are configured (R70)?"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib.machinery import PathFinder

from arctic_codegen.build.relevance import imported_modules
from arctic_codegen.config import root_for
from arctic_codegen.config.reader import default_roots
from arctic_codegen.discover.finder import is_importable, module_name, root_of
from arctic_codegen.model.ownership import is_below


def project_roots(folder: str, files: Sequence[str], texts: Mapping[str, bytes]) -> tuple[str, ...]:
    """The import roots that give ``files``, and the files that they import, their module names.

    ``texts`` are the contents of all files of the project by path, including tests and scripts:
    their imports show the names of the files. A file that is never imported is named after its
    package.
    """
    return _Project(folder, texts).roots(files)


def clashes(files: Sequence[str], roots: Sequence[str]) -> dict[str, list[str]]:
    """The module names that are shared by several files, each with these files."""
    named: dict[str, list[str]] = {}
    for path in files:
        if (name := module_name(path, roots)) is not None:
            named.setdefault(name, []).append(path)
    return {name: several for name, several in named.items() if len(several) > 1}


class _Project:
    """The possible modules of a project's files, and the imports of them."""

    def __init__(self, folder: str, texts: Mapping[str, bytes]) -> None:
        self._folder = folder
        self._imports = {path: imported_modules(text) for path, text in texts.items()}
        self._default = default_roots(folder)
        self._parents: dict[str, dict[str, None]] = defaultdict(dict)
        """The folders that contain a module or package, by its name."""
        self._packages: dict[str, list[str]] = defaultdict(list)
        """Folders with Python files somewhere below, each with the files directly in it."""
        for path in texts:
            self._packages[os.path.dirname(path)].append(path)
            part = path.removesuffix(".py")
            while part.startswith(folder + os.sep):
                parent, name = os.path.split(part)
                self._packages.setdefault(parent, [])
                if is_importable(name):
                    self._parents[name][parent] = None
                part = parent

    def roots(self, files: Sequence[str]) -> tuple[str, ...]:
        """The import roots, default ones first, without a `src` that is itself a package."""
        needed: set[str] = set()
        of_files: set[str] = set()
        """Roots without which one of the files cannot import another one."""
        seen = set(files)
        pending = sorted(files)
        while pending:  # also the imports of imported files
            path = pending.pop()
            if (own := self._named_from(path)) is not None:
                needed.add(own)
            for module in sorted(self._imports.get(path, ())):
                root = self._root(path, module)
                if root is None:
                    continue
                needed.add(root)
                for target in self._targets(root, module) or ():
                    if target in files:
                        of_files.add(root)
                    if target not in seen:
                        seen.add(target)
                        pending.append(target)
        spelled = self._evidence
        default = [
            root
            for root in self._default
            if root == self._folder
            or root in needed
            or any(top == root for top, _ in spelled)
            or (self._folder, os.path.basename(root)) not in spelled
        ]
        roots = (*default, *sorted(needed - {*default}))
        # Scripts with equal names in several folders get longer names, if no class is lost.
        same = clashes(files, roots).values()
        twice = {root_of(path, roots) for several in same for path in several}
        return tuple(root for root in roots if root not in twice - of_files - {*self._default})

    @cached_property
    def _evidence(self) -> frozenset[tuple[str, str]]:
        """Each root with the first part of a name that is imported from it."""
        return frozenset(
            (root, module.partition(".")[0])
            for path, modules in self._imports.items()
            for module in modules
            if (root := self._root(path, module)) is not None
        )

    def _named_from(self, path: str) -> str | None:
        """The root that a file is imported from; ``None`` if a default root will do."""
        above = os.path.dirname(path)
        while is_below(f"{above}{os.sep}", self._folder):
            first = os.path.relpath(path, above).split(os.sep)[0].removesuffix(".py")
            if (above, first) in self._evidence:
                return above
            above = os.path.dirname(above)
        top = root_for(path, self._default)
        if top is not None:
            return top if is_below(top, self._folder) else None
        # The folder of a script, if its name is not a valid module name.
        here = os.path.dirname(path)
        inside = os.path.relpath(here, root_of(path, self._default) or self._folder)
        spelled = inside == "." or all(map(is_importable, inside.split(os.sep)))
        return None if spelled else here

    def _root(self, path: str, module: str) -> str | None:
        """The root of a project module that a file imports; ``None`` for any other module."""
        top = module.partition(".")[0]
        found = [
            one for one in self._parents.get(top, ()) if self._targets(one, module) is not None
        ]
        if not found:
            return None
        default = [one for one in self._default if one in found]
        if default:
            return default[0]
        if top in sys.stdlib_module_names or _is_installed(top, self._folder):
            return None
        here = os.path.dirname(path)
        above = [one for one in found if is_below(f"{here}{os.sep}", one)]
        if above:
            return max(above, key=len)
        # Modules of other projects also have names such as `utils`.
        others = [one for one in found if not self._is_package(one)] or found
        return others[0] if len(others) == 1 else None

    def _targets(self, root: str, module: str) -> Sequence[str] | None:
        """The files of a module; for a package without ``__init__``, the files in it; ``None`` if
        the module does not exist."""
        path = os.path.join(root, *module.split("."))
        for file in (os.path.join(path, "__init__.py"), f"{path}.py"):
            if file in self._imports:
                return (file,)
        return self._packages.get(path)

    def _is_package(self, folder: str) -> bool:
        return os.path.join(folder, "__init__.py") in self._imports


@cache
def _is_installed(name: str, folder: str) -> bool:
    """Whether a module with this name exists outside the project."""
    entries = [one for one in sys.path if one and not is_below(f"{one}{os.sep}", folder)]
    return PathFinder.find_spec(name, entries) is not None
