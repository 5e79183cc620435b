"""Which names may lead to a mixin, and which files have a class that may derive from one?

Names belong to their module. They are followed as in the resolver: through imports, star imports,
aliases, and attributes of modules. If a name may lead to a mixin, so may all of its attributes (of
a class, or of a module that is not read).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from arctic_codegen.build.relevance.class_header_names import DottedName, HeaderNames
from arctic_codegen.build.relevance.outline import Outline

_ALL = "*"
"""Stands for all names of a module."""
_SOME = "?"
"""Stands for any name that is imported from a module."""
_ITSELF = ""
"""Stands for the module itself."""


class ImportIndex:
    """Files by the modules and names that they import. May contain imports that do not exist, but
    misses none."""

    def __init__(self, files: Iterable[Outline]) -> None:
        self._importers: dict[tuple[str, str], list[str]] = {}
        for file in files:
            for module, names in file.imports:
                mentioned = [(module, name) for name in ((_SOME, *names) if names else (_ITSELF,))]
                if names is None:
                    mentioned += ((parent, _ITSELF) for parent in parents_of(module))
                for one in mentioned:
                    self._importers.setdefault(one, []).append(file.name)

    def users(self, module: str, names: Iterable[str]) -> Iterator[str]:
        """The modules that may import one of these names from a module, or the module itself, or
        one of its parent packages."""
        found = [(module, _SOME if name == _ALL else name) for name in names]
        found.append((module, _ALL))
        for one in (module, *parents_of(module)):
            parent, _, last = one.rpartition(".")
            found += (one, _ITSELF), (parent, last), (parent, _ALL)
        for pair in found:
            yield from self._importers.get(pair, ())


class Spreading:
    """The names that may lead to a mixin, as far as known."""

    def __init__(
        self,
        sources: frozenset[str],
        is_unread: Callable[[str], bool],
        names: Mapping[str, Collection[str]],
    ) -> None:
        """Modules in ``sources`` are read; ``is_unread`` tells whether another module may have such
        names. ``names`` are the initial ones, by module."""
        self._sources = sources
        self._packages = frozenset(parent for name in sources for parent in parents_of(name))
        self._is_unread = is_unread
        self._names = {module: frozenset(found) for module, found in names.items()}
        self._holding = {one for module in names for one in (module, *parents_of(module))}
        """The modules with such names, and their parent packages."""
        self.matter: set[str] = set()
        """Modules with a class header that may lead to a mixin."""

    @property
    def names(self) -> dict[str, frozenset[str]]:
        """The names in each module that may lead to a mixin; ``*`` means all of them."""
        return dict(self._names)

    def follow(self, files: Mapping[str, Outline]) -> None:
        """Read the files that may add names, until no names are added."""
        index = ImportIndex(files.values())
        wanted = {name for name, file in files.items() if self._asks_outside(file)}
        grown = self.names
        wanted |= grown.keys() & files.keys()
        while wanted or grown:
            wanted.update(user for one, new in grown.items() for user in index.users(one, new))
            grown = {}
            for name in sorted(wanted):
                found = files[name].header_names
                if found is None:
                    self.matter.add(name)
                elif new := self.read(name, found):
                    grown[name] = new
            wanted.clear()

    def read(self, module: str, file: HeaderNames) -> frozenset[str]:
        """Add the names of one file; returns the new ones."""
        imported: dict[str, list[tuple[str, DottedName]]] = {}
        known = self._names.get(module, frozenset())
        stars: set[str] = set()
        for one in file.imports:
            if one.name == _ALL:
                stars |= self._all_of(one.module)
            else:
                path = (one.name,) if one.name else ()
                imported.setdefault(one.bound, []).append((one.module, path))
        # Imported names are looked up in their module: not all of its names may lead to a mixin.
        own = {*stars, *(name for name in known if name not in imported)}

        def leads(path: DottedName) -> bool:
            return (
                path[0] in own
                or _ALL in own
                or any(
                    self._leads(source, (*start, *path[1:]))
                    for source, start in imported.get(path[0], ())
                )
            )

        headers = [((name,), paths) for name, paths in file.headers]
        size = -1
        while size != len(own):
            size = len(own)
            for names, paths in (*file.bound, *headers):
                if any(map(leads, paths)):
                    own.update(names)
        if any(leads(path) for _, paths in file.headers for path in paths):
            self.matter.add(module)
        new = own.union(name for name in imported if leads((name,))) - known
        if new:
            self._names[module] = known | new
            self._holding.update((module, *parents_of(module)))
        return frozenset(new)

    def _asks_outside(self, file: Outline) -> bool:
        """Whether a file may import such names from a module outside the sources."""
        return any(
            self._leads(module, path, outside=True)
            for module, names in file.imports
            for path in ([(name,) for name in names] if names else [()])
        )

    def _is_read(self, module: str) -> bool:
        return module in self._sources or module in self._packages

    def _all_of(self, module: str) -> frozenset[str]:
        """The names that a star import of a module binds."""
        if self._is_read(module):
            return self._names.get(module, frozenset())
        return frozenset((_ALL,) if self._is_unread(module) else ())

    def _leads(self, module: str, path: DottedName, *, outside: bool = False) -> bool:
        """Whether a path that starts in a module may lead to a mixin, or to a module with such a
        name; with ``outside``, only through a module that is not read."""
        for name in path:
            if not self._is_read(module):
                break
            known = () if outside else self._names.get(module, ())
            if name in known or _ALL in known:
                return True
            if module not in self._packages:
                return False
            module = f"{module}.{name}"
        if self._is_read(module):
            return module in self._holding and not outside
        return self._is_unread(module)


def parents_of(module: str) -> Iterator[str]:
    """The packages that contain a module, innermost first."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module
