"""Which names may stand for a host class, and which files have a class that may be one.

Each name counts in its own module. It is followed as the resolver follows it: through imports,
stars, aliases, and attributes of modules; whatever is below a name that may be a host class may be
one as well (an attribute of a class, something of a module that is not read).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from arctic_codegen.relevance.bindings import Bindings, Imported, Path
from arctic_codegen.relevance.index import ImportIndex

Pair = tuple[str, str]
"""A module, and a name in it."""
_ALL = "*"
"""Stands for each name of a module."""


class Names(msgspec.Struct, frozen=True, array_like=True):
    """What has been found out, for a later build to compare with."""

    hosts: frozenset[Pair] = frozenset()
    """Names that may stand for a host class, or hold one."""
    modules: frozenset[tuple[str, str, str]] = frozenset()
    """Names that stand for a module in which there are such names, each with that module."""
    open_modules: frozenset[str] = frozenset()
    """Modules of the sources that have all names of one that is not read."""


class Fact(msgspec.Struct, frozen=True):
    """In ``module``, ``names`` may be what one of the paths leads to, each from its own module;
    where they are those of a class header, that module then matters."""

    module: str
    names: tuple[str, ...]
    paths: tuple[tuple[str, Path], ...]
    is_header: bool = False


class Spreading:
    """Grows the sets until nothing is added."""

    def __init__(
        self,
        sources: frozenset[str],
        is_unread: Callable[[str], bool],
        index: ImportIndex | None = None,
    ) -> None:
        """Modules in ``sources`` are read; ``is_unread`` tells of others that may hold host
        classes."""
        self._sources = sources
        self._packages = frozenset(parent for name in sources for parent in parents_of(name))
        self._is_unread = is_unread
        self._index = index or ImportIndex()
        self.hosts: set[Pair] = set()
        self.modules: dict[Pair, set[str]] = {}
        self.open_modules: set[str] = set()
        self.matter: set[str] = set()
        """Modules with the header of a class that may be a host class."""
        self.wanted: set[str] = set()
        """Modules that import what has been found, or may; their files are to be added."""
        self._warm: dict[str, set[str]] = {}
        """Names that lead to a host class, by module; there are modules that only hold others."""
        self._new: list[Pair] = []
        self._called: dict[str, list[Pair]] = {}
        """What each module is called by others."""
        self._waiting: dict[Pair, dict[int, Fact]] = {}
        """What is applied again when a name comes to lead to a host class, by identity: to hash
        or compare a fact takes as long as it has paths."""
        self._starred: dict[str, list[str]] = {}

    @classmethod
    def resumed(
        cls, names: Names, sources: frozenset[str], is_unread: Callable[[str], bool]
    ) -> Spreading:
        """Where another one ended."""
        spreading = cls(sources, is_unread)
        for pair in names.hosts:
            spreading.begin(pair)
        for module, name, target in names.modules:
            spreading._alias((module, name), target)
        for module in names.open_modules:
            spreading._open(module)
        spreading._follow()
        return spreading

    def adds_nothing(self, module: str, file: Bindings, skipped: frozenset[str]) -> bool:
        """Whether a file leaves all sets as they are, and none of the skipped modules matters."""
        before = self.names()
        self.add(module, file)
        return self.names() == before and self.matter.isdisjoint(skipped)

    def names(self) -> Names:
        """All that is known by now."""
        modules = (
            (*pair, target)
            for pair, targets in self.modules.items()
            for target in targets
            if target in self._warm
        )
        return Names(frozenset(self.hosts), frozenset(modules), frozenset(self.open_modules))

    def asks_outside(self, name: str) -> bool:
        """Whether imports of a file in the index may bring something of a module outside."""
        for module, names in self._index.imports_of(name):
            if not self._is_read(module):
                if self._is_unread(module):
                    return True
            elif module in self._packages and names is not None:
                inside = (f"{module}.{one}" for one in names)
                if any(not self._is_read(one) and self._is_unread(one) for one in inside):
                    return True
        return False

    def refers(self, module: str) -> bool:
        """Whether a file that was added says a name that leads to a host class."""
        return bool(self._warm.get(module)) or module in self.open_modules

    def leads(self, module: str, name: str) -> bool:
        """Whether this name there leads to a host class."""
        return name in self._warm.get(module, ()) or module in self.open_modules

    def begin(self, pair: Pair) -> None:
        """A name that stands for a host class whatever the files say."""
        self._host(pair)
        self._follow()

    def add(self, module: str, file: Bindings) -> None:
        """Takes up one file, and follows what it adds."""
        for imported in file.imports:
            self._import(module, imported)
        for name, paths in file.headers:
            self._fact(Fact(module, (name,), _from(module, paths), is_header=True))
        for names, paths in file.bound:
            self._fact(Fact(module, names, _from(module, paths)))
        self._follow()

    def _import(self, module: str, imported: Imported) -> None:
        if imported.name == _ALL:
            self._star(module, imported.module)
        elif imported.name:
            path = (imported.module, (imported.name,))
            self._fact(Fact(module, (imported.bound,), (path,)))
        else:
            self._fact(Fact(module, (imported.bound,), ((imported.module, ()),)))

    def _star(self, module: str, source: str) -> None:
        if not self._is_read(source):
            if self._is_unread(source):
                self._open(module)
            return
        self._starred.setdefault(source, []).append(module)
        if source in self.open_modules:
            self._open(module)
        for name in tuple(self._warm.get(source, ())):
            self._bring(source, name, module)

    def _bring(self, source: str, name: str, module: str) -> None:
        """A star brings a name."""
        if (source, name) in self.hosts:
            self._host((module, name))
        for target in tuple(self.modules.get((source, name), ())):
            self._alias((module, name), target)

    def _is_read(self, module: str) -> bool:
        return module in self._sources or module in self._packages

    def _fact(self, fact: Fact) -> None:
        if fact.paths:
            self._apply(fact)

    def _apply(self, fact: Fact) -> None:
        if self._is_settled(fact):
            return
        for module, path in fact.paths:
            for target in self._walk(module, path, fact):
                if target is None:
                    if fact.is_header:
                        self.matter.add(fact.module)
                    for name in fact.names:
                        self._host((fact.module, name))
                elif not fact.is_header:
                    for name in fact.names:
                        self._alias((fact.module, name), target)

    def _is_settled(self, fact: Fact) -> bool:
        """Whether a class is known to be one that may be a host class: no base adds to that."""
        return (
            fact.is_header
            and fact.module in self.matter
            and all((fact.module, name) in self.hosts for name in fact.names)
        )

    def _walk(self, module: str, path: Path, fact: Fact) -> Iterator[str | None]:
        """Where a path leads: to a module, or (``None``) to what may be a host class."""
        pending = [(module, path)]
        while pending:
            module, path = pending.pop()
            if not self._is_read(module):
                if self._is_unread(module):
                    yield None
                continue
            if not path:
                yield module
                continue
            name, rest = path[0], path[1:]
            for key in ((module, name), (module, _ALL)):
                self._waiting.setdefault(key, {})[id(fact)] = fact
            if module in self.open_modules or (module, name) in self.hosts:
                yield None
                continue
            pending += ((target, rest) for target in self.modules.get((module, name), ()))
            if module in self._packages:
                pending.append((f"{module}.{name}", rest))

    def _host(self, pair: Pair) -> None:
        if pair not in self.hosts:
            self.hosts.add(pair)
            self._new.append(pair)

    def _alias(self, pair: Pair, target: str) -> None:
        known = self.modules.setdefault(pair, set())
        if target not in known:
            known.add(target)
            self._called.setdefault(target, []).append(pair)
            if target in self._warm:
                self._new.append(pair)

    def _open(self, module: str) -> None:
        pending = [module]
        while pending:
            one = pending.pop()
            if one not in self.open_modules:
                self.open_modules.add(one)
                pending += self._starred.get(one, ())
                self._new.append((one, _ALL))

    def _follow(self) -> None:
        while self._new:
            module, name = self._new.pop()
            if name == _ALL:
                self.wanted |= self._index.importers(module)
            elif name not in self._warm.get(module, ()):
                self.wanted |= self._index.importers_of(module, name)
            self._warm_up(module)
            if name != _ALL:
                self._warm[module].add(name)
                for importer in self._starred.get(module, ()):
                    self._bring(module, name, importer)
            for fact in tuple(self._waiting.get((module, name), {}).values()):
                self._apply(fact)

    def _warm_up(self, module: str) -> None:
        """A module holds a name that leads to a host class: so do its packages."""
        for one in (module, *parents_of(module)):
            if one not in self._warm:
                self._warm[one] = set()
                self.wanted |= self._index.users(one)
                self._new += self._called.get(one, ())


def parents_of(module: str) -> Iterator[str]:
    """The packages that a module is in, from the inside out."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


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


def _from(module: str, paths: Iterable[Path]) -> tuple[tuple[str, Path], ...]:
    return tuple((module, path) for path in paths)
