"""Which modules of the sources are relevant to a build? Only these are parsed.

A module is relevant if it can define a host class, can change one, or has a mistake that is
reported. Everything else that the resolver needs (a base, a callback, a constant) is looked up by
name. ADR 16 explains why this is sound.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from arctic_codegen.build.relevance.choice import Chosen, matters
from arctic_codegen.build.relevance.class_header_names import top_of
from arctic_codegen.build.relevance.outline import Outline, package_of
from arctic_codegen.build.relevance.packages import Packages, unread_in
from arctic_codegen.build.relevance.spreading import Spreading
from arctic_codegen.build.relevance.syntax import SyntaxCheck
from arctic_codegen.discover.finder import Finder
from arctic_codegen.discover.trees import Tree, is_disk
from arctic_codegen.frameworks.table import FRAMEWORKS, PACKAGES
from arctic_codegen.model.settings import Settings, output_package
from arctic_codegen.model.source import SourceFile


class Relevance:
    """Selects the relevant modules of the sources."""

    def __init__(
        self,
        files: Mapping[str, SourceFile | None],
        finder: Finder,
        tree: Tree,
        settings: Settings,
        begin: Callable[[Iterable[str]], object] | None = None,
    ) -> None:
        """``files`` has the file of each module; ``None`` if it cannot be read. ``begin`` is called
        early with modules that are almost certainly relevant."""
        self._modules = frozenset(files)
        self._finder = finder
        self._settings = settings
        output = output_package(settings)
        self._output = frozenset() if output is None else frozenset((top_of(output),))
        every = [_outline(name, file) for name, file in files.items() if file is not None]
        self._files = {file.name: file for file in every if file.is_readable}
        self._matter = set(self._modules - self._files.keys())
        if begin is not None:
            certain = self._certain()
            begin(certain)
            begin(self._used_by(certain))
        self._packages = Packages(finder, tree, settings.output)
        self._packages.add_sources(self._mentioned(), (file.path for file in every))
        self._reaching = self._packages.reaching({*PACKAGES, *self._output})
        self._outside = self._packages.outside(self._reaching)
        spreading = self._follow()
        self._names = spreading.names
        self._matter |= {name for name, file in self._files.items() if matters(file, spreading)}
        self._lists = frozenset[str]().union(
            *(file.lists for name, file in self._files.items() if name in self._matter)
        )
        self._matter |= {
            name
            for name, file in self._files.items()
            if name not in self._matter and file.changes(self._lists)
        }
        self._syntax = SyntaxCheck(
            {
                file.path: file.data
                for file in self._files.values()
                if file.name not in self._matter and not file.was_parsed
            },
            on_disk=is_disk(tree),
        )

    def likely(self) -> tuple[str, ...]:
        """Other modules of the sources that will probably be needed: a guess, for scanning them in
        advance."""
        return self._used_by(self._matter)

    def add_invalid(self) -> None:
        """Add the modules that may not be valid Python."""
        suspects = self._syntax.suspects()
        self._matter |= {name for name, file in self._files.items() if file.path in suspects}

    def chosen(self) -> Chosen:
        """The current choice."""
        return Chosen(
            self._reaching,
            self._outside,
            self._names,
            frozenset(self._packages.needs),
            self._modules,
            self._modules - self._matter,
            self._lists,
        )

    def _certain(self) -> tuple[str, ...]:
        """Modules that are almost certainly relevant: they import a framework directly, and one of
        their classes may declare callbacks."""
        return tuple(
            file.name
            for file in self._files.values()
            if not file.packages.isdisjoint(PACKAGES) and file.may_declare
        )

    def _used_by(self, names: Iterable[str]) -> tuple[str, ...]:
        """Modules that these modules probably need: names imported from them are used in class
        headers, or are the only name after a colon, like annotations in classes."""
        found: set[str] = set()
        for name in names:
            file = self._files.get(name)
            if file is None or file.header_names is None:
                continue
            used = {path[0] for _, paths in file.header_names.headers for path in paths}
            for imported in file.header_names.imports:
                if imported.module in self._modules:
                    annotation = b": %s\n" % imported.bound.encode("utf-8", "replace")
                    if imported.bound in used or annotation in file.text:
                        found.add(imported.module)
        return tuple(sorted(found.difference(names)))

    def _mentioned(self) -> dict[str, set[str]]:
        """The packages that each package of the sources mentions in imports."""
        found: dict[str, set[str]] = {}
        for name in self._modules:
            file = self._files.get(name)
            named = PACKAGES if file is None else file.packages  # it may import anything
            found.setdefault(top_of(name), set()).update(named)
        return found

    def _follow(self) -> Spreading:
        """The names that may lead to a mixin, directly or through modules outside the sources that
        may have host classes."""
        is_unread = unread_in(self._reaching, self._outside, self._finder, self._settings)
        mixins: dict[str, set[str]] = {}
        for framework in FRAMEWORKS:
            for mixin in framework.mixins:
                if mixin.module in self._modules:
                    mixins.setdefault(mixin.module, set()).add(mixin.name)
        spreading = Spreading(self._modules, is_unread, mixins)
        spreading.follow(
            {name: file for name, file in self._files.items() if top_of(name) in self._reaching}
        )
        return spreading


def _outline(name: str, file: SourceFile) -> Outline:
    is_package = os.path.basename(file.path).startswith("__init__.")
    return Outline(name, package_of(name, is_package), file.path, file.data)
