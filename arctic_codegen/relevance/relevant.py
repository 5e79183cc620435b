"""Which modules of the sources can matter to a build: only these are parsed.

A module matters if it can hold a host class, can change what one is made of, or has a mistake
that is told of. Whatever else the resolver needs (a base, a callback, a constant) it asks for by
name. ADR 16 says why nothing is lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from arctic_codegen.discover.finder import Finder
from arctic_codegen.discover.trees import Tree, is_disk
from arctic_codegen.discover.walk import Walker
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.settings import Settings, output_package
from arctic_codegen.model.source import SourceFile
from arctic_codegen.relevance.bindings import Bindings, bindings
from arctic_codegen.relevance.chosen import (
    Chosen,
    Far,
    far_seeds,
    package_of,
    top_of,
    tops_of,
    unread_in,
)
from arctic_codegen.relevance.index import ImportIndex
from arctic_codegen.relevance.outside import PACKAGES, Outside
from arctic_codegen.relevance.spreading import Names, Pair, Spreading, packages_that_reach
from arctic_codegen.relevance.syntax import SyntaxCheck
from arctic_codegen.relevance.texts import (
    has_comment_for_us,
    imports_mentioned,
    may_declare_callbacks,
    packages_of,
    searchable,
    speaks_of_callbacks,
)

_MIXINS = frozenset(
    (mixin.module, mixin.name) for framework in FRAMEWORKS for mixin in framework.mixins
)
_CALLBACKS = b"callbacks"


class Relevance:
    """Chooses among the modules of the sources."""

    def __init__(
        self,
        files: Mapping[str, SourceFile | None],
        finder: Finder,
        tree: Tree,
        settings: Settings,
        begin: Callable[[Iterable[str]], object] | None = None,
    ) -> None:
        """``files`` has each module's file; ``None`` where that cannot be read. ``begin`` is told
        of modules that are certain to matter before all others are known."""
        self._modules = frozenset(files)
        self._files = {name: file for name, file in files.items() if file is not None}
        self._finder = finder
        self._tree = tree
        self._settings = settings
        self._output = output_package(settings)
        self._bindings: dict[str, Bindings | None] = {}
        self._texts: dict[str, bytes] = {}
        for name, file in self._files.items():
            text = searchable(file.data)
            if text is not None:
                self._texts[name] = text
        self._matter = set(self._modules - self._texts.keys())
        self._far = Far()
        self._index = ImportIndex()
        self._with_unread: frozenset[str] = frozenset()
        """Packages of the sources that have files which are none."""
        self._imports = {name: imports_mentioned(text) for name, text in self._texts.items()}
        self._mentioned = {name: frozenset(packages_of(all)) for name, all in self._imports.items()}
        if begin is not None:
            begin(self._certain())
        self._needs = self._needed_packages()
        self._reaching = packages_that_reach(self._needs, {*PACKAGES, *tops_of([self._output])})
        self._names = self._choose()
        self._syntax = SyntaxCheck(
            {
                self._files[name].path: self._files[name].data
                for name in self._modules - self._matter
                if self._bindings.get(name) is None
            },
            on_disk=is_disk(tree),
        )

    @property
    def relevant(self) -> tuple[str, ...]:
        """The modules that matter as far as is known, sorted."""
        return tuple(sorted(self._matter))

    def likely(self) -> tuple[str, ...]:
        """Other modules of the sources that will probably be asked for: what the class headers of
        those that matter use, and what stands alone behind a colon, as annotations in classes do.
        It is a guess for whoever can have them scanned at no cost meanwhile."""
        found: set[str] = set()
        for name in self._matter:
            file = self._bindings.get(name)
            if file is None:
                continue
            used = {path[0] for _, paths in file.headers for path in paths}
            for imported in file.imports:
                if imported.module in self._modules and (
                    imported.bound in used
                    or b": %s\n" % word(imported.bound) in self._texts.get(name, b"")
                ):
                    found.add(imported.module)
        return tuple(sorted(found - self._matter))

    def with_mistakes(self) -> tuple[str, ...]:
        """Further modules that Python may not read, sorted; they matter from now on."""
        suspects = self._syntax.suspects()
        found = {
            name for name in self._modules - self._matter if self._files[name].path in suspects
        }
        self._matter |= found
        return tuple(sorted(found))

    def that_change(self, lists: Iterable[Pair], plain: Iterable[Pair]) -> tuple[str, ...]:
        """Further modules that may change what callbacks are made of, sorted.

        ``lists`` are named lists that callbacks are made of, ``plain`` classes without a mixin
        that host classes derive from, each by module and name.
        """
        seeds = far_seeds(lists, plain, self._finder)
        if seeds <= self._far.seeds:
            return ()
        reaching = packages_that_reach(self._needs, tops_of(module for module, _ in seeds))
        near = sorted(name for name in self._texts if top_of(name) in reaching)
        spreading = self._spread(near, reaching, seeds)
        outside = frozenset(word(name) for module, name in seeds if module not in self._modules)
        self._far = Far(seeds, spreading.names(), reaching, outside)
        found = {
            name for name in near if name not in self._matter and self._changes(name, spreading)
        }
        self._matter |= found
        return tuple(sorted(found))

    def chosen(self) -> Chosen:
        """The choice as it stands."""
        return Chosen(
            self._names,
            self._reaching,
            frozenset(self._needs),
            self._modules,
            frozenset(self._modules - self._matter),
            self._far,
        )

    def _changes(self, name: str, spreading: Spreading) -> bool:
        text = self._texts[name]
        if name in spreading.wanted:
            file = self._read(name)
            if file is None or self._far.changed_by(text, file, spreading, name):
                return True
        mentioned = self._mentioned[name]
        return self._far.changed_outside_by(text, mentioned, lambda: self._read(name))

    # The choice.

    def _certain(self) -> tuple[str, ...]:
        """Modules that will hardly be left out in the end: they import a framework by themselves,
        and a class of theirs may declare callbacks."""
        return tuple(
            name
            for name, text in self._texts.items()
            if not self._mentioned[name].isdisjoint(PACKAGES) and may_declare_callbacks(text)
        )

    def _choose(self) -> Names:
        near = sorted(name for name in self._texts if top_of(name) in self._reaching)
        spreading = self._spread(near, self._reaching, _MIXINS)
        self._matter |= spreading.matter
        for name, text in self._texts.items():
            if (
                has_comment_for_us(text)
                or (spreading.refers(name) and speaks_of_callbacks(text))
                or self._declares(name)
            ):
                self._matter.add(name)
        return spreading.names()

    def _declares(self, name: str) -> bool:
        """Whether a class without any host class in reach looks like one (AC102)."""
        if name in self._matter or not may_declare_callbacks(self._texts[name]):
            return False
        found = self._read(name)
        return found is None or found.declares

    def _spread(
        self, near: Sequence[str], reaching: frozenset[str], first: Iterable[Pair]
    ) -> Spreading:
        """What follows from these names, and from the modules outside that may have others."""
        complete = tops_of(self._modules) - self._with_unread
        is_unread = unread_in(reaching, self._finder, self._output, complete)
        for name in near:
            if name not in self._index:
                self._index.add(name, self._package_of(name), self._imports[name])
        spreading = Spreading(self._modules, is_unread, self._index)
        for module, name in first:
            if module in self._modules:
                spreading.begin((module, name))
                spreading.wanted.add(module)
        outside = {*(reaching - complete), *tops_of([self._output])}
        for name in near:
            asks = top_of(name) in outside or not outside.isdisjoint(self._mentioned[name])
            if asks and spreading.asks_outside(name):
                spreading.wanted.add(name)
        taken: set[str] = set()
        while spreading.wanted - taken:
            for name in sorted(spreading.wanted - taken):
                taken.add(name)
                self._take(name, spreading)
        return spreading

    def _take(self, name: str, spreading: Spreading) -> None:
        found = None if name not in self._texts else self._read(name)
        if found is None:
            self._matter.add(name)
        else:
            spreading.add(name, found)

    def _read(self, name: str) -> Bindings | None:
        if name not in self._bindings:
            self._bindings[name] = bindings(self._files[name].data, self._package_of(name))
        return self._bindings[name]

    def _package_of(self, name: str) -> str:
        path = self._files[name].path
        return package_of(name, os.path.basename(path).startswith("__init__."))

    # Packages.

    def _needed_packages(self) -> dict[str, frozenset[str]]:
        """The packages that each package names, as far as they may lead to a host class."""
        needs: dict[str, set[str]] = {package: set() for package in tops_of(self._modules)}
        for name, mentioned in self._mentioned.items():
            needs[top_of(name)] |= mentioned
        for name in self._modules - self._mentioned.keys():
            needs[top_of(name)] |= PACKAGES  # nobody knows
        outside = Outside(self._finder, self._tree, self._settings.output)
        read = {file.path for file in self._files.values()}
        self._with_unread = frozenset(
            package for package in tuple(needs) if self._note_unread(package, read, needs, outside)
        )
        pending = {one for mentioned in needs.values() for one in mentioned} - needs.keys()
        while pending:
            package = pending.pop()
            needs[package] = set(outside.needs(package))
            pending |= needs[package] - needs.keys()
        return {package: frozenset(found) for package, found in needs.items()}

    def _note_unread(
        self, package: str, read: set[str], needs: dict[str, set[str]], outside: Outside
    ) -> bool:
        """Whether a package has files that are not among the sources; notes what they import."""
        walker = Walker(self._tree, self._settings.output)
        found = self._finder.find(package)
        paths = {path for entry in found.search for path in walker.files(entry.folder)}
        if found.path is not None:
            paths.add(found.path)
        unread = sorted(paths - read)
        needs[package].update(outside.imported_by(unread))
        return bool(unread)


def word(name: str) -> bytes:
    """A name as it stands in a text."""
    return name.encode("utf-8", "replace")
