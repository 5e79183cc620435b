"""Which modules of the sources can matter to a build: only these are parsed.

A module matters if it can hold a host class, can change what one is made of, or has a mistake
that is told of. Whatever else the resolver needs (a base, a callback, a constant) it asks for by
name. ADR 16 says why nothing is lost.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import msgspec

from arctic_codegen.discover.finder import Finder
from arctic_codegen.discover.trees import Tree, is_disk
from arctic_codegen.discover.walk import Walker
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.settings import Settings, is_in_output, output_package
from arctic_codegen.model.source import SourceFile
from arctic_codegen.relevance.bindings import Bindings, bindings
from arctic_codegen.relevance.outside import PACKAGES, Outside
from arctic_codegen.relevance.spreading import Names, Spreading, packages_that_reach
from arctic_codegen.relevance.syntax import SyntaxCheck
from arctic_codegen.relevance.texts import (
    concerns_us,
    has_comment_for_us,
    may_declare_callbacks,
    packages_mentioned,
    searchable,
    speaks_of_callbacks,
    words,
)

_MIXINS = frozenset(mixin.name for framework in FRAMEWORKS for mixin in framework.mixins)
_CALLBACKS = b"callbacks"
_FEW = 50


class Chosen(msgspec.Struct, frozen=True, array_like=True):
    """What made the choice, for a build that takes up this one."""

    names: Names
    reaching: frozenset[str]
    """The packages through which host classes come."""
    mentioned: frozenset[str]
    """All packages that the sources name in imports."""
    modules: frozenset[str]
    """The sources."""
    skipped: frozenset[str]
    """Those of them that do not matter."""
    near_lists: frozenset[str]
    """The packages that may change named lists that callbacks are made of."""
    near_plain: frozenset[str]
    """The packages that may change the list of a class without a mixin."""

    def covers(self, lists: Iterable[str], plain: Iterable[str], finder: Finder) -> bool:
        """Whether these modules (see :meth:`Relevance.that_change`) were thought of."""
        own = _own_packages(plain, finder)
        return _packages(lists) <= self.near_lists and own <= self.near_plain


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
        self._words: dict[str, frozenset[bytes]] = {}
        self._bindings: dict[str, Bindings | None] = {}
        self._texts: dict[str, bytes] = {}
        for name, file in self._files.items():
            text = searchable(file.data)
            if text is not None:
                self._texts[name] = text
        self._matter = set(self._modules - self._texts.keys())
        self._near_lists: frozenset[str] = frozenset()
        self._near_plain: frozenset[str] = frozenset()
        self._with_unread: frozenset[str] = frozenset()
        """Packages of the sources that have files which are none."""
        self._mentioned = {name: packages_mentioned(text) for name, text in self._texts.items()}
        if begin is not None:
            begin(self._certain())
        self._needs = self._needed_packages()
        self._reaching = packages_that_reach(self._needs, {*PACKAGES, *_packages([self._output])})
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
            used = {word for _, uses in file.headers for word in (*uses.last, *uses.before)}
            for imported in file.imports:
                if imported.module in self._modules and (
                    imported.bound in used
                    or b": %s\n" % _word(imported.bound) in self._texts.get(name, b"")
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

    def that_change(self, lists: Iterable[str], plain: Iterable[str]) -> tuple[str, ...]:
        """Further modules that may change what callbacks are made of, sorted.

        ``lists`` are modules with lists that callbacks are made of, ``plain`` those of classes
        without a mixin that host classes derive from.
        """
        self._near_lists = packages_that_reach(self._needs, _packages(lists))
        self._near_plain = packages_that_reach(self._needs, _own_packages(plain, self._finder))
        found = {
            name
            for name in self._modules - self._matter
            if (_package(name) in self._near_plain and _CALLBACKS in self._texts[name])
            or (_package(name) in self._near_lists and self._changes_imported(name))
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
            self._near_lists,
            self._near_plain,
        )

    def _changes_imported(self, name: str) -> bool:
        found = self._read(name)
        return found is None or changes_imported(found, self._near_lists)

    # The choice.

    def _certain(self) -> tuple[str, ...]:
        """The modules that :meth:`_spread` takes for their texts, where their package imports a
        framework by itself, and therefore reaches one."""
        near = PACKAGES.union(
            _package(name)
            for name, mentioned in self._mentioned.items()
            if not mentioned.isdisjoint(PACKAGES)
        )
        return tuple(
            name
            for name, text in self._texts.items()
            if _package(name) in near and concerns_us(text)
        )

    def _choose(self) -> Names:
        near = [name for name in self._texts if _package(name) in self._reaching]
        for name in self._texts.keys() - near:
            text = self._texts[name]
            if has_comment_for_us(text) or self._declares(name):
                self._matter.add(name)
        return self._spread(sorted(near))

    def _declares(self, name: str) -> bool:
        """Whether a class without any host class in reach looks like one (AC102)."""
        if not may_declare_callbacks(self._texts[name]):
            return False
        found = self._read(name)
        return found is None or found.declares

    def _spread(self, near: Sequence[str]) -> Names:
        beside = self._reaching & self._with_unread
        outside = (self._reaching - _packages(self._modules)) | beside
        is_unread = partial(_is_unread, finder=self._finder, output=self._output)
        spreading = Spreading(_MIXINS, self._modules, self._reaching, is_unread)
        waiting: set[str] = set()
        for name in near:
            text = self._texts[name]
            if concerns_us(text):
                self._matter.add(name)
            if not outside.isdisjoint(self._mentioned[name]) or _package(name) in beside:
                self._take(name, spreading)
            else:
                waiting.add(name)
        while spreading.added:
            new = frozenset(_word(name) for name in spreading.added)
            spreading.added.clear()
            # What a module that gathers all names has, an import of it need not spell out.
            every = bool(spreading.open_modules)
            for name in sorted(waiting if every else self._holding(waiting, new)):
                waiting.discard(name)
                self._take(name, spreading)
        self._matter |= spreading.matter
        return spreading.names()

    def _holding(self, names: Iterable[str], new: frozenset[bytes]) -> list[str]:
        """The modules in whose texts one of these words stands."""
        found = []
        for name in names:
            text = self._texts[name]
            # Most texts hold none of a few words, not even as a part of another one.
            if len(new) > _FEW or any(word in text for word in new):
                if name not in self._words:
                    self._words[name] = words(text)
                if not new.isdisjoint(self._words[name]):
                    found.append(name)
        return found

    def _take(self, name: str, spreading: Spreading) -> None:
        found = self._read(name)
        if found is None:
            self._matter.add(name)
        else:
            spreading.add(name, found)

    def _read(self, name: str) -> Bindings | None:
        if name not in self._bindings:
            package = _package_of(name, self._finder.find(name).is_package)
            self._bindings[name] = bindings(self._files[name].data, package)
        return self._bindings[name]

    # Packages.

    def _needed_packages(self) -> dict[str, frozenset[str]]:
        """The packages that each package names, as far as they may lead to a host class."""
        needs: dict[str, set[str]] = {package: set() for package in _packages(self._modules)}
        for name, mentioned in self._mentioned.items():
            needs[_package(name)] |= mentioned
        for name in self._modules - self._mentioned.keys():
            needs[_package(name)] |= PACKAGES  # nobody knows
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


def still_chosen(
    chosen: Chosen, name: str, data: bytes, finder: Finder, settings: Settings
) -> bool:
    """Whether a build that takes up another one's choice may keep it, although the file of one
    module has these bytes now. It may where nothing is added: what is chosen without need does no
    harm."""
    text = searchable(data)
    if text is None:
        return False
    mentioned = packages_mentioned(text)
    skipped = name in chosen.skipped
    if not mentioned <= chosen.mentioned or (skipped and has_comment_for_us(text)):
        return False
    is_near = _package(name) in chosen.reaching
    if not is_near and not chosen.reaching.isdisjoint(mentioned):
        return False
    file = bindings(data, _package_of(name, finder.find(name).is_package))
    if file is None:
        return False
    if is_near:
        is_unread = partial(_is_unread, finder=finder, output=output_package(settings))
        spreading = Spreading.resumed(chosen.names, chosen.modules, chosen.reaching, is_unread)
        if not spreading.adds_nothing(name, file, chosen.skipped):
            return False
    if not skipped:
        return True
    declares = speaks_of_callbacks(text) if is_near else file.declares
    in_plain = _package(name) in chosen.near_plain and _CALLBACKS in text
    return not (declares or in_plain or changes_imported(file, chosen.near_lists))


def changes_imported(file: Bindings, packages: frozenset[str]) -> bool:
    """Whether a file changes something that it imports from one of these packages."""
    return any(
        imported.bound in file.changed and _package(imported.module) in packages
        for imported in file.imports
    )


def _own_packages(modules: Iterable[str], finder: Finder) -> frozenset[str]:
    """The packages of these modules, without Python's own: nobody puts callbacks into those."""
    return frozenset(
        package
        for package in _packages(modules)
        if package not in sys.stdlib_module_names or not finder.find(package).installed
    )


def _is_unread(module: str, finder: Finder, output: str | None) -> bool:
    """Whether there is such a module beside the sources."""
    if is_in_output(module, output):
        return True
    return finder.find(module).kind in ("source", "namespace")


def _package_of(module: str, is_package: bool) -> str:
    """The package that a module's relative imports start from."""
    return module if is_package else module.rpartition(".")[0]


def _package(module: str) -> str:
    return module.partition(".")[0]


def _packages(modules: Iterable[str | None]) -> frozenset[str]:
    return frozenset(_package(module) for module in modules if module is not None)


def _word(name: str) -> bytes:
    return name.encode("utf-8", "replace")
