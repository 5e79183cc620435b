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
    """The import roots under which ``files`` and what they import have their names.

    ``texts`` are those of all files of the project by path, its tests and scripts among them: they
    import the files by the names that these have. A file that nobody imports has the name that its
    package gives it.
    """
    return _Project(folder, texts).roots(files)


def clashes(files: Sequence[str], roots: Sequence[str]) -> dict[str, list[str]]:
    """The module names that several files have, each with these."""
    named: dict[str, list[str]] = {}
    for path in files:
        if (name := module_name(path, roots)) is not None:
            named.setdefault(name, []).append(path)
    return {name: several for name, several in named.items() if len(several) > 1}


class _Project:
    """The modules that a project's files could be, and what imports make of them."""

    def __init__(self, folder: str, texts: Mapping[str, bytes]) -> None:
        self._folder = folder
        self._imports = {path: imported_modules(text) for path, text in texts.items()}
        self._default = default_roots(folder)
        self._parents: dict[str, dict[str, None]] = defaultdict(dict)
        """The folders that hold a module or package of a name."""
        self._packages: dict[str, list[str]] = defaultdict(list)
        """Folders with Python files somewhere below, each with those that it holds itself."""
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
        """The default ones first, without a `src` that is a package itself."""
        needed: set[str] = set()
        of_files: set[str] = set()
        """Roots without which one of the files does not find another one."""
        seen = set(files)
        pending = sorted(files)
        while pending:  # what they import has to be found, and what that imports
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
        # Scripts of one name in several folders keep longer ones, where that loses no class.
        same = clashes(files, roots).values()
        twice = {root_of(path, roots) for several in same for path in several}
        return tuple(root for root in roots if root not in twice - of_files - {*self._default})

    @cached_property
    def _evidence(self) -> frozenset[tuple[str, str]]:
        """Each root with the first part of a name that somebody imports from it."""
        return frozenset(
            (root, module.partition(".")[0])
            for path, modules in self._imports.items()
            for module in modules
            if (root := self._root(path, module)) is not None
        )

    def _named_from(self, path: str) -> str | None:
        """The root from which a file is imported; ``None`` where a default one will do."""
        above = os.path.dirname(path)
        while is_below(f"{above}{os.sep}", self._folder):
            first = os.path.relpath(path, above).split(os.sep)[0].removesuffix(".py")
            if (above, first) in self._evidence:
                return above
            above = os.path.dirname(above)
        top = root_for(path, self._default)
        if top is not None:
            return top if is_below(top, self._folder) else None
        # The folder of a script, where its name cannot be spelled.
        here = os.path.dirname(path)
        inside = os.path.relpath(here, root_of(path, self._default) or self._folder)
        spelled = inside == "." or all(map(is_importable, inside.split(os.sep)))
        return None if spelled else here

    def _root(self, path: str, module: str) -> str | None:
        """Where a module of the project that a file imports is found; ``None`` for any other."""
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
        # Another project's modules have names such as `utils` too.
        others = [one for one in found if not self._is_package(one)] or found
        return others[0] if len(others) == 1 else None

    def _targets(self, root: str, module: str) -> Sequence[str] | None:
        """The files that a module is, for a package without one of its own those in it; ``None``
        where there is no such module."""
        path = os.path.join(root, *module.split("."))
        for file in (os.path.join(path, "__init__.py"), f"{path}.py"):
            if file in self._imports:
                return (file,)
        return self._packages.get(path)

    def _is_package(self, folder: str) -> bool:
        return os.path.join(folder, "__init__.py") in self._imports


@cache
def _is_installed(name: str, folder: str) -> bool:
    """Whether a module of that name is found outside the project."""
    entries = [one for one in sys.path if one and not is_below(f"{one}{os.sep}", folder)]
    return PathFinder.find_spec(name, entries) is not None
