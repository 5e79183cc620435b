"""Which files import what, as far as their bytes tell: a little more than there is, and no less."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.relevance.texts import Mention

Absolute = tuple[str, "frozenset[str] | None"]
"""A module, and what is imported from it; ``None`` where it is imported itself."""


class ImportIndex:
    """Files by the modules and names that their import statements say."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], list[str]] = {}
        self._from: dict[str, list[str]] = {}
        self._plain: dict[str, list[str]] = {}
        self._added: dict[str, tuple[Absolute, ...]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._added

    def add(self, name: str, package: str, mentions: Iterable[Mention]) -> None:
        """Takes up the file of one module; its relative imports start from ``package``."""
        self._added[name] = tuple((one.absolute(package), one.names) for one in mentions)
        for module, names in self._added[name]:
            if names is None:
                while module:
                    self._plain.setdefault(module, []).append(name)
                    module = module.rpartition(".")[0]
                continue
            self._from.setdefault(module, []).append(name)
            for imported in names:
                self._names.setdefault((module, imported), []).append(name)

    def imports_of(self, name: str) -> tuple[Absolute, ...]:
        """What the file of one module imports."""
        return self._added[name]

    def importers_of(self, module: str, name: str) -> set[str]:
        """The modules that may import a name from a module."""
        found = self._names.get((module, name), ())
        return {*found, *self._names.get((module, "*"), ())}

    def importers(self, module: str) -> set[str]:
        """The modules that import anything from a module."""
        return set(self._from.get(module, ()))

    def users(self, module: str) -> set[str]:
        """The modules that may have a module under a name of their own."""
        parent, _, last = module.rpartition(".")
        return {*self._plain.get(module, ()), *self.importers_of(parent, last)}
