"""Which packages may contain host classes, judged by what they import or require?

The metadata of an installed distribution is trusted: only distributions that require a framework,
directly or indirectly, may use its classes. Files that belong to no distribution (in a folder of
the project or of the search path) are searched for imports, like the sources.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from arctic_codegen.build.relevance.class_header_names import top_of
from arctic_codegen.build.relevance.texts import packages_mentioned, searchable
from arctic_codegen.discover.distributions import (
    modules_of,
    normalized,
    requirements,
    with_metadata,
)
from arctic_codegen.discover.finder import Finder
from arctic_codegen.discover.trees import Tree
from arctic_codegen.discover.walk import Walker
from arctic_codegen.frameworks.table import PACKAGES
from arctic_codegen.model.settings import Settings, is_in_output, output_package


class Packages:
    """The packages of one environment. Each is examined once."""

    def __init__(self, finder: Finder, tree: Tree, output: str) -> None:
        self._finder = finder
        self._tree = tree
        self._walker = Walker(tree, output)
        self._innocent: set[str] = set()
        """Distributions that require no framework."""
        self.needs: dict[str, frozenset[str]] = {}
        """The packages that each package imports or requires, if they may lead to a host class."""
        self._complete: set[str] = set()
        """Packages whose files are all among the sources."""

    def add_sources(self, mentioned: Mapping[str, Iterable[str]], paths: Iterable[str]) -> None:
        """Add the packages of the sources, with the packages that each mentions, and the packages
        that these lead to. ``paths`` are the files of the sources."""
        read = frozenset(paths)
        for package, names in mentioned.items():
            unread = sorted(self._files(package) - read)
            if not unread:
                self._complete.add(package)
            self.needs[package] = frozenset(names) | self._imported_by(unread)
        self.add(name for names in tuple(self.needs.values()) for name in names)

    def add(self, packages: Iterable[str]) -> None:
        """Add packages, and the packages that they lead to."""
        pending = set(packages) - self.needs.keys()
        while pending:
            package = pending.pop()
            self.needs[package] = self._needs(package)
            pending |= self.needs[package] - self.needs.keys()

    def reaching(self, first: Iterable[str]) -> frozenset[str]:
        """These packages, and all that need one of them, directly or indirectly."""
        needed_by: dict[str, list[str]] = {}
        for package, needed in self.needs.items():
            for other in needed:
                needed_by.setdefault(other, []).append(package)
        found: set[str] = set()
        pending = list(first)
        while pending:
            package = pending.pop()
            if package not in found:
                found.add(package)
                pending += needed_by.get(package, ())
        return frozenset(found)

    def outside(self, reaching: frozenset[str]) -> frozenset[str]:
        """The packages in ``reaching`` with files that are not among the sources."""
        return reaching - self._complete

    def _needs(self, package: str) -> frozenset[str]:
        """The packages through which a package outside the sources may have host classes: those
        with mixins if its distribution requires them; without a distribution, all packages that its
        files import."""
        if package in PACKAGES:
            return frozenset((package,))
        found = self._finder.find(package)
        if found.path is not None and found.installed and not self._finder.is_editable(package):
            site = os.path.dirname(os.path.dirname(found.path) if found.is_package else found.path)
            if "os.py" in self._tree.names(site):
                return frozenset()  # standard library
            name = _distribution(package, site)
            if name is not None:
                return PACKAGES if self._requires_a_framework(name, site) else frozenset()
        # It belongs to no distribution, or is a namespace package that several share.
        return self._imported_by(self._files(package))

    def _files(self, package: str) -> set[str]:
        found = self._finder.find(package)
        if found.kind not in ("source", "namespace"):
            return set()
        inside = {path for entry in found.search for path in self._walker.files(entry.folder)}
        return inside if found.path is None else {found.path, *inside}

    def _imported_by(self, paths: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        for path in paths:
            try:
                data = searchable(self._tree.read(path))
            except OSError:
                continue
            if data is None:
                return PACKAGES  # it may import anything
            found |= packages_mentioned(data)
        return frozenset(found)

    def _requires_a_framework(self, name: str, site: str) -> bool:
        """Whether a distribution requires a framework, directly or indirectly."""
        installed = with_metadata(site)
        seen = {name} - self._innocent
        pending = list(seen)
        while pending:
            one = pending.pop()
            if one in PACKAGES:
                return True
            if one in installed:
                new = requirements(installed[one]) - seen - self._innocent
                seen |= new
                pending += new
        self._innocent |= seen
        return False


def unread_in(
    reaching: frozenset[str], outside: frozenset[str], finder: Finder, settings: Settings
) -> Callable[[str], bool]:
    """A predicate: does a module outside the sources exist in one of the packages ``reaching``?

    Only packages in ``outside`` have such modules.
    """
    output = output_package(settings)

    @cache
    def is_unread(module: str) -> bool:
        top = top_of(module)
        if top not in reaching:
            return False
        if is_in_output(module, output):
            return True
        return top in outside and finder.find(module).kind in ("source", "namespace")

    return is_unread


@cache
def _named_otherwise(site: str) -> Mapping[str, str]:
    """Distributions by top-level package, if their names differ from those of their packages."""
    present = {normalized(entry.removesuffix(".py")) for entry in os.listdir(site)}
    return {
        top: name
        for name, folder in with_metadata(site).items()
        if name not in present
        for top in modules_of(folder)
    }


def _distribution(package: str, site: str) -> str | None:
    """The distribution in a folder that a package belongs to: the one with its name, otherwise one
    that lists it. Most distributions have the name of their package."""
    name = normalized(package).strip("_")  # `_pytest` comes with pytest
    return name if name in with_metadata(site) else _named_otherwise(site).get(package)
