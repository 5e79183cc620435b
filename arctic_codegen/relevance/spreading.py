"""Which names may stand for a host class, and which files have a class that may be one.

Names count without their modules: what one file calls a host class is one in every file. That is
more than there are, and never less. A dotted name counts by its last part, or where what comes
before may be a module that is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from arctic_codegen.relevance.bindings import Bindings, Imported, Uses


class Names(msgspec.Struct, frozen=True, array_like=True):
    """What has been found out, for a later build to compare with."""

    hosts: frozenset[str]
    """Names that may stand for a host class."""
    modules: frozenset[str]
    """Names that may stand for a module outside the sources that holds some."""
    open_modules: frozenset[str]
    """Modules of the sources that have all names of such a module."""


class _Fact(msgspec.Struct, frozen=True):
    """If ``uses`` may be a host class, so may ``names``; ``header_of`` then matters."""

    uses: Uses
    names: tuple[str, ...]
    header_of: str | None = None


class Spreading:
    """Grows the sets until nothing is added."""

    def __init__(
        self,
        first: Iterable[str],
        sources: frozenset[str],
        reaching: frozenset[str],
        is_unread: Callable[[str], bool],
    ) -> None:
        """``first`` are the names to begin with, ``reaching`` the packages through which host
        classes come; of these, modules in ``sources`` are read, and others are not."""
        self._sources = sources
        self._reaching = reaching
        self._is_unread = is_unread
        self.hosts: set[str] = set(first)
        self.modules: set[str] = set()
        self.open_modules: set[str] = set()
        self.matter: set[str] = set()
        self._facts: dict[str, list[_Fact]] = {}
        self._imports_of: dict[str, list[tuple[str, Imported]]] = {}
        self._with_classes: set[str] = set()
        self._new: list[str] = list(self.hosts)
        self.added: set[str] = set(self.hosts)
        """The names found since this was emptied last."""

    @classmethod
    def resumed(
        cls,
        names: Names,
        sources: frozenset[str],
        reaching: frozenset[str],
        is_unread: Callable[[str], bool],
    ) -> Spreading:
        """Where another one ended."""
        spreading = cls(names.hosts, sources, reaching, is_unread)
        spreading.modules |= names.modules
        spreading.open_modules |= names.open_modules
        spreading.added.clear()
        return spreading

    def adds_nothing(self, module: str, file: Bindings, skipped: frozenset[str]) -> bool:
        """Whether a file leaves all sets as they are, and none of the skipped modules matters."""
        before = len(self.open_modules)
        self.add(module, file)
        return (
            not self.added and len(self.open_modules) == before and self.matter.isdisjoint(skipped)
        )

    def names(self) -> Names:
        """All that is known by now."""
        return Names(frozenset(self.hosts), frozenset(self.modules), frozenset(self.open_modules))

    def add(self, module: str, file: Bindings) -> None:
        """Takes up one file, and follows what it adds."""
        if file.headers:
            self._with_classes.add(module)
            if module in self.open_modules:
                self.matter.add(module)
        for name, uses in file.headers:
            self._fact(_Fact(uses, (name,), module))
        for names, uses in file.bound:
            self._fact(_Fact(uses, names))
        for imported in file.imports:
            self._import(module, imported)
        self._follow()

    def _fact(self, fact: _Fact) -> None:
        for name in fact.uses.last | fact.uses.before:
            self._facts.setdefault(name, []).append(fact)
        self._apply(fact)

    def _apply(self, fact: _Fact) -> None:
        uses = fact.uses
        through = not self.modules.isdisjoint(uses.before) or not self.modules.isdisjoint(uses.last)
        if not through and self.hosts.isdisjoint(uses.last):
            return
        if fact.header_of is not None:
            self.matter.add(fact.header_of)
        for name in fact.names:
            self._note(self.hosts, name)
            if through:
                self._note(self.modules, name)

    def _note(self, known: set[str], name: str) -> None:
        if name not in known:
            known.add(name)
            self._new.append(name)
            self.added.add(name)

    def _follow(self) -> None:
        while self._new:
            for fact in tuple(self._facts.get(self._new.pop(), ())):
                self._apply(fact)

    def _import(self, module: str, imported: Imported) -> None:
        inner = f"{imported.module}.{imported.name}"
        read = [name for name in (imported.module, inner) if name in self._sources]
        if inner not in read and imported.name not in ("", "*") and self._is_unread(inner):
            read = []  # a module that stands beside the sources
        for name in read:
            self._imports_of.setdefault(name, []).append((module, imported))
        if read:
            if imported.bound != imported.name and imported.name not in ("", "*"):
                self._fact(_Fact(Uses(frozenset((imported.name,)), frozenset()), (imported.bound,)))
            if not self.open_modules.isdisjoint(read):
                self._from_open(module, imported)
        elif imported.module.partition(".")[0] in self._reaching:
            self._from_open(module, imported)

    def _from_open(self, module: str, imported: Imported) -> None:
        """An import of a module that may have any name."""
        if imported.name == "*":
            self._open(module)
        else:
            self._note(self.modules, imported.bound)
            self._note(self.hosts, imported.bound)

    def _open(self, module: str) -> None:
        pending = [module]
        while pending:
            one = pending.pop()
            if one in self.open_modules:
                continue
            self.open_modules.add(one)
            self.added.add(one)
            if one in self._with_classes:
                self.matter.add(one)
            for importer, imported in self._imports_of.get(one, ()):
                if imported.name == "*":
                    pending.append(importer)
                else:
                    self._from_open(importer, imported)


def packages_that_reach(needs: Mapping[str, Iterable[str]], first: Iterable[str]) -> frozenset[str]:
    """The packages that need one of these, directly or through others, and these."""
    needed_by: dict[str, list[str]] = {}
    for package, needed in needs.items():
        for other in needed:
            needed_by.setdefault(other, []).append(package)
    reaching: set[str] = set()
    pending = list(first)
    while pending:
        package = pending.pop()
        if package not in reaching:
            reaching.add(package)
            pending += needed_by.get(package, ())
    return frozenset(reaching)
