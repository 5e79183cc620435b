"""Which packages outside the sources may hold host classes, without reading them.

An installed distribution is believed: classes of a framework are in one that states, directly or
through others, that it requires the framework. What belongs to no distribution (a folder of the
project, or of the search path) is searched for imports, as the sources are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from arctic_codegen.discover.distributions import normalized
from arctic_codegen.discover.finder import Finder
from arctic_codegen.discover.trees import Tree
from arctic_codegen.discover.walk import Walker
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.relevance.texts import packages_mentioned, searchable

PACKAGES = frozenset(
    mixin.module.partition(".")[0] for framework in FRAMEWORKS for mixin in framework.mixins
)
"""The packages that hold the mixins."""
_FRAMEWORKS = frozenset(normalized(package) for package in PACKAGES)

_INFO = re.compile(r"(.+?)-[^-]+\.(?:dist|egg)-info$")
_REQUIRES = re.compile(rb"^Requires-Dist:[ \t]*([\w.-]+)", re.MULTILINE | re.IGNORECASE)


class Outside:
    """Answers for one environment, each package looked at once."""

    def __init__(self, finder: Finder, tree: Tree, output: str) -> None:
        self._finder = finder
        self._tree = tree
        self._walker = Walker(tree, output)
        self._infos: dict[str, dict[str, str]] = {}
        self._innocent: set[str] = set()
        """Distributions that require no framework."""
        self._named_otherwise: dict[str, dict[str, str]] = {}

    def needs(self, package: str) -> tuple[str, ...]:
        """The packages through which this one may come to hold host classes, sorted: those of
        the mixins where its distribution requires them; for one of no distribution, all that
        its files import."""
        if package in PACKAGES:
            return (package,)
        found = self._finder.find(package)
        if found.kind not in ("source", "namespace"):
            return ()
        folders = [entry.folder for entry in found.search]
        if found.path is not None and found.installed and not self._finder.is_editable(package):
            base = os.path.dirname(found.path) if found.is_package else found.path
            site = os.path.dirname(base)
            if "os.py" in self._tree.names(site):
                return ()  # Python's own
            name = self._distribution(package, site)
            if name is not None:
                return tuple(sorted(PACKAGES)) if self._requires_a_framework(name, site) else ()
        # No distribution's, or a namespace that several of them share.
        return self.imported_by(self._files(found.path, folders))

    def imported_by(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The packages that these files import, sorted."""
        found: set[str] = set()
        for path in paths:
            try:
                data = searchable(self._tree.read(path))
            except OSError:
                continue
            if data is None:
                return tuple(sorted(PACKAGES))  # it may import anything
            found |= packages_mentioned(data)
        return tuple(sorted(found))

    def _files(self, path: str | None, folders: list[str]) -> Iterator[str]:
        if path is not None:
            yield path
        for folder in folders:
            yield from self._walker.files(folder)

    def _distribution(self, package: str, site: str) -> str | None:
        """The distribution in a folder that a package belongs to: that of its name, or else one
        that lists it; most have the name of their package."""
        name = normalized(package).strip("_")  # `_pytest` comes with pytest
        infos = self._infos_in(site)
        if name in infos:
            return name
        if site not in self._named_otherwise:
            present = {normalized(entry.removesuffix(".py")) for entry in self._tree.names(site)}
            self._named_otherwise[site] = {
                top: other
                for other, info in infos.items()
                if other not in present
                for top in self._listed(os.path.join(site, info))
            }
        return self._named_otherwise[site].get(package)

    def _infos_in(self, site: str) -> dict[str, str]:
        """The folders of metadata in a folder of packages, by the distributions' names."""
        if site not in self._infos:
            self._infos[site] = {
                normalized(match[1]): entry
                for entry in self._tree.names(site)
                if entry.endswith("-info") and (match := _INFO.match(entry)) is not None
            }
        return self._infos[site]

    def _listed(self, info: str) -> frozenset[str]:
        """The modules and packages that a distribution installs."""
        for name in ("top_level.txt", "RECORD"):
            try:
                lines = self._tree.read(os.path.join(info, name)).decode("utf-8", "replace")
            except OSError:
                continue
            paths = (line.split(",")[0] for line in lines.splitlines())
            return frozenset(path.split("/")[0].removesuffix(".py") for path in paths)
        return frozenset()

    def _requires_a_framework(self, name: str, site: str) -> bool:
        """Whether a distribution does, directly or through others."""
        infos = self._infos_in(site)
        seen = {name} - self._innocent
        pending = list(seen)
        while pending:
            one = pending.pop()
            if one in _FRAMEWORKS:
                return True
            if one in infos:
                new = self._required(os.path.join(site, infos[one])) - seen - self._innocent
                seen |= new
                pending += new
        self._innocent |= seen
        return False

    def _required(self, info: str) -> frozenset[str]:
        """What a distribution states that it requires."""
        for name in ("METADATA", "PKG-INFO"):
            try:
                data = self._tree.read(os.path.join(info, name))
            except OSError:
                continue
            return frozenset(
                normalized(each.decode("ascii", "replace")) for each in _REQUIRES.findall(data)
            )
        return frozenset()
