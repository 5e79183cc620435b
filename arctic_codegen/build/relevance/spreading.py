"""Which names may lead to a mixin, and which files have a class on one.

Each name counts in its own module. It is followed as the resolver follows it: through imports,
stars, aliases, and attributes of modules; whatever is below a name that leads there may lead there
as well (an attribute of a class, something of a module that is not read).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from arctic_codegen.build.relevance.class_header_names import DottedName, HeaderNames, Imported
from arctic_codegen.build.relevance.outline import Outline

Pair = tuple[str, str]
"""A module, and a name in it."""
_ALL = "*"
"""Stands for each name of a module."""
_SOME = "?"
"""Stands for any name that is imported from a module."""
_ITSELF = ""
"""Stands for the module."""


class SpreadingNames(msgspec.Struct, frozen=True, array_like=True):
    """What has been found out, for a later build to compare with."""

    hosts: frozenset[Pair] = frozenset()
    """Names that may stand for what is looked for, or hold it."""
    modules: frozenset[tuple[str, str, str]] = frozenset()
    """Names that stand for a module in which there are such names, each with that module."""
    open_modules: frozenset[str] = frozenset()
    """Modules of the sources that have all names of one that is not read."""


class ImportIndex:
    """Files by the modules and names that their import statements say: a little more than there
    is, and no less."""

    def __init__(self, files: Iterable[Outline] = ()) -> None:
        self._importers: dict[Pair, list[str]] = {}
        for file in files:
            self._add(file)

    def _add(self, file: Outline) -> None:
        for module, names in file.imports:
            said = (_SOME, *names) if names else (_ITSELF,)
            for name in said:
                self._importers.setdefault((module, name), []).append(file.name)
            if names is None:
                for parent in parents_of(module):
                    self._importers.setdefault((parent, _ITSELF), []).append(file.name)

    def importers(self, module: str, name: str = _SOME) -> set[str]:
        """The modules that may import a name (any, where none is given) from a module."""
        found = self._importers.get((module, name), ())
        return {*found, *self._importers.get((module, _ALL), ())}

    def users(self, module: str) -> set[str]:
        """The modules that may have a module under a name of their own."""
        parent, _, last = module.rpartition(".")
        return {*self._importers.get((module, _ITSELF), ()), *self.importers(parent, last)}


class _Fact(msgspec.Struct, frozen=True):
    """In ``module``, ``names`` may be what one of the paths leads to, each from its own module;
    where they are those of a class header, that module then matters."""

    module: str
    names: tuple[str, ...]
    paths: tuple[tuple[str, DottedName], ...]
    is_header: bool = False


class Spreading:
    """Grows the sets until nothing is added."""

    def __init__(
        self,
        sources: frozenset[str],
        is_unread: Callable[[str], bool],
        index: ImportIndex | None = None,
    ) -> None:
        """Modules in ``sources`` are read; ``is_unread`` answers for others that may have what is
        looked for."""
        self._sources = sources
        self._packages = frozenset(parent for name in sources for parent in parents_of(name))
        self._is_unread = is_unread
        self._index = index or ImportIndex()
        self._hosts: set[Pair] = set()
        self._modules: dict[Pair, set[str]] = {}
        self._open_modules: set[str] = set()
        self.matter: set[str] = set()
        """Modules with a class header that leads there."""
        self.wanted: set[str] = set()
        """Modules that import what has been found, or may; their files are to be added."""
        self._warm: dict[str, set[str]] = {}
        """Names that lead there, by module; there are modules that only hold others."""
        self._new: list[Pair] = []
        self._called: dict[str, list[Pair]] = {}
        """What each module is called by others."""
        self._waiting: dict[Pair, dict[int, _Fact]] = {}
        """What is applied again when a name comes to lead there, by identity: to hash or compare
        a fact takes as long as it has paths."""
        self._starred: dict[str, list[str]] = {}

    @classmethod
    def resumed(
        cls, names: SpreadingNames, sources: frozenset[str], is_unread: Callable[[str], bool]
    ) -> Spreading:
        """Where another one ended."""
        spreading = cls(sources, is_unread)
        for pair in names.hosts:
            spreading._host(pair)
        for module, name, target in names.modules:
            spreading._alias((module, name), target)
        for module in names.open_modules:
            spreading._open(module)
        spreading._follow()
        return spreading

    def names(self) -> SpreadingNames:
        """All that is known by now."""
        modules = (
            (*pair, target)
            for pair, targets in self._modules.items()
            for target in targets
            if target in self._warm
        )
        return SpreadingNames(
            frozenset(self._hosts), frozenset(modules), frozenset(self._open_modules)
        )

    def asks_outside(self, file: Outline) -> bool:
        """Whether imports of a file may bring something of a module outside the sources."""
        for module, names in file.imports:
            if not self._is_read(module):
                if self._is_unread(module):
                    return True
            elif module in self._packages and names is not None:
                inside = (f"{module}.{one}" for one in names)
                if any(not self._is_read(one) and self._is_unread(one) for one in inside):
                    return True
        return False

    def refers(self, module: str) -> bool:
        """Whether a file that was added says a name that leads there."""
        return bool(self._warm.get(module)) or module in self._open_modules

    def begin(self, module: str, name: str) -> None:
        """Something that is looked for, whatever the files say."""
        self._host((module, name))
        self.wanted.add(module)
        self._follow()

    def add(self, module: str, file: HeaderNames) -> None:
        """Takes up one file, and follows what it adds."""
        for imported in file.imports:
            self._import(module, imported)
        for name, paths in file.headers:
            self._apply(_Fact(module, (name,), _from(module, paths), is_header=True))
        for names, paths in file.bound:
            self._apply(_Fact(module, names, _from(module, paths)))
        self._follow()

    def _import(self, module: str, imported: Imported) -> None:
        if imported.name == _ALL:
            self._star(module, imported.module)
        else:
            path = (imported.name,) if imported.name else ()
            self._apply(_Fact(module, (imported.bound,), ((imported.module, path),)))

    def _star(self, module: str, source: str) -> None:
        if not self._is_read(source):
            if self._is_unread(source):
                self._open(module)
            return
        self._starred.setdefault(source, []).append(module)
        if source in self._open_modules:
            self._open(module)
        for name in tuple(self._warm.get(source, ())):
            self._bring(source, name, module)

    def _bring(self, source: str, name: str, module: str) -> None:
        """A star brings a name."""
        if (source, name) in self._hosts:
            self._host((module, name))
        for target in tuple(self._modules.get((source, name), ())):
            self._alias((module, name), target)

    def _is_read(self, module: str) -> bool:
        return module in self._sources or module in self._packages

    def _apply(self, fact: _Fact) -> None:
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

    def _is_settled(self, fact: _Fact) -> bool:
        """Whether a class is known to lead there: no further base adds to that."""
        return (
            fact.is_header
            and fact.module in self.matter
            and all((fact.module, name) in self._hosts for name in fact.names)
        )

    def _walk(self, module: str, path: DottedName, fact: _Fact) -> Iterator[str | None]:
        """Where a path leads: to a module, or (``None``) to what is looked for."""
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
            if module in self._open_modules or (module, name) in self._hosts:
                yield None
                continue
            pending += ((target, rest) for target in self._modules.get((module, name), ()))
            if module in self._packages:
                pending.append((f"{module}.{name}", rest))

    def _host(self, pair: Pair) -> None:
        if pair not in self._hosts:
            self._hosts.add(pair)
            self._new.append(pair)

    def _alias(self, pair: Pair, target: str) -> None:
        known = self._modules.setdefault(pair, set())
        if target not in known:
            known.add(target)
            self._called.setdefault(target, []).append(pair)
            if target in self._warm:
                self._new.append(pair)

    def _open(self, module: str) -> None:
        pending = [module]
        while pending:
            one = pending.pop()
            if one not in self._open_modules:
                self._open_modules.add(one)
                pending += self._starred.get(one, ())
                self._new.append((one, _ALL))

    def _follow(self) -> None:
        while self._new:
            module, name = self._new.pop()
            if name == _ALL:
                self.wanted |= self._index.importers(module)
            elif name not in self._warm.get(module, ()):
                self.wanted |= self._index.importers(module, name)
            self._warm_up(module)
            if name != _ALL:
                self._warm[module].add(name)
                for importer in self._starred.get(module, ()):
                    self._bring(module, name, importer)
            for fact in tuple(self._waiting.get((module, name), {}).values()):
                self._apply(fact)

    def _warm_up(self, module: str) -> None:
        """A module holds a name that leads there: so do its packages."""
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


def _from(module: str, paths: tuple[DottedName, ...]) -> tuple[tuple[str, DottedName], ...]:
    return tuple((module, path) for path in paths)
