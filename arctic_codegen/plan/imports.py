"""The imports of one generated module: collected as names are used, grouped at the end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal

import msgspec

from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.plan.naming import UniqueNames

Group = Literal[
    "standard", "runtime", "takeover", "source module", "source", "other", "local", "typing",
    "deferred",
]  # fmt: skip
"""Imports are grouped: the standard library, this package, the source, other modules, other
generated modules, those only for type checkers, and those at the end of the module."""

RUNTIME = "arctic_codegen.runtime"
_STANDARD = ("abc", "builtins", "collections.abc", "operator", "typing")
"""Modules whose import takes no time, and runs no code of the user."""


_GROUPS: dict[str, Group] = {
    **dict.fromkeys(_STANDARD, "standard"),
    RUNTIME: "runtime",
    **{one.takeover.module: "takeover" for one in FRAMEWORKS if one.takeover is not None},
}


class PlannedImport(msgspec.Struct):
    """An imported name, or an imported module (``name`` is empty).

    ``runtime`` and ``typed`` tell whether it is used at run time and by type checkers;
    ``deferred`` means that it is imported at the end of the module.
    """

    module: str
    name: str
    alias: str
    runtime: bool
    typed: bool = True
    deferred: bool = False


class Imports:
    """The imports of one module. Its methods return the name of an object, and import it.

    A name that only annotations use is imported only for type checkers, unless importing it takes
    no time: annotations are never evaluated in a generated module.
    """

    def __init__(
        self,
        names: UniqueNames,
        *,
        source: str,
        source_alias: str,
        shadowed: Collection[str],
        hosts: Collection[tuple[str, str]],
        plain: Collection[str],
        source_of: Callable[[str, str], ClassId | None],
    ) -> None:
        self._names = names
        self._source = source
        self._shadowed = shadowed
        self._hosts = hosts
        self._plain = plain
        """The host classes of the source module without type parameters."""
        self._source_of = source_of
        module = PlannedImport(source, "", source_alias, runtime=True)
        self._found: dict[tuple[str, str], PlannedImport] = {(source, ""): module}

    def name(self, module: str, name: str, *, runtime: bool = True, private: bool = False) -> str:
        """``name`` of ``module``, imported; with ``private``, under a name with an underscore."""
        key = (module, name)
        found = self._found.get(key)
        if found is None:
            wanted = name or module.rpartition(".")[2]
            if private or key in self._hosts:
                wanted = "_" + wanted.lstrip("_")
            found = PlannedImport(module, name, self._names.pick(wanted), runtime)
            self._found[key] = found
        found.runtime |= runtime
        return found.alias

    def known(self, module: str, name: str) -> str | None:
        """The alias of an object that is already imported; otherwise ``None``."""
        found = self._found.get((module, name))
        return None if found is None else found.alias

    def compiled(self, module: str, name: str, *, deferred: bool, typed: bool) -> str:
        """A compiled class of another generated module; ``module`` starts with a dot.

        A deferred one is imported after the classes of this module, which the other module needs
        as well.
        """
        found = self._found.get((module, name))
        if found is None:
            alias = self._names.pick("_Compiled" + name.lstrip("_"))
            found = PlannedImport(module, name, alias, not deferred, typed=False, deferred=deferred)
            self._found[module, name] = found
        found.typed |= typed
        return found.alias

    def typing(self, name: str) -> str:
        """A name of :mod:`typing`."""
        return self.name("typing", name)

    def builtin(self, name: str) -> str:
        """A builtin, imported only if the name means something else in the generated module."""
        if name in self._shadowed:
            return self.name("builtins", name)
        return name

    def owner(self, cls: ClassId, *, runtime: bool = True) -> str:
        """A source class, with the classes that contain it."""
        first, dot, rest = cls.name.partition(".")
        return self.name(cls.module, first, runtime=runtime, private=True) + dot + rest

    def ref(self, ref: Ref, *, runtime: bool) -> str:
        """A reference, as text."""
        if not ref.name:
            return self.name(ref.module, "", runtime=runtime and not ref.typing_only)
        first, dot, rest = ref.name.partition(".")
        if ref.builtin or ref.module == "builtins":
            return self.builtin(first) + dot + rest
        compiled = self._source_of(ref.module, first)
        if compiled is not None:
            return self.owner(compiled, runtime=runtime) + dot + rest
        runtime = not ref.typing_only and (
            runtime or ref.module == self._source or ref.module in _STANDARD
        )
        return self.name(ref.module, first, runtime=runtime) + dot + rest

    def text(
        self, text: Text, *, runtime: bool = False, other: Callable[[Ref], str | None] | None = None
    ) -> str:
        """A text with its references filled in; ``other`` may override some of them."""
        pieces = []
        for part in text.parts:
            if isinstance(part, str):
                pieces.append(part)
            else:
                given = other(part) if other else None
                pieces.append(self.ref(part, runtime=runtime) if given is None else given)
        return "".join(pieces)

    def lines(self, group: Group) -> tuple[str, ...]:
        """The import statements of one group, sorted."""
        chosen = (found for found in self._found.values() if group in self._groups(found))
        return import_lines((found.module, found.name, found.alias) for found in chosen)

    def _groups(self, found: PlannedImport) -> Iterator[Group]:
        if found.deferred:
            yield "deferred"
        if not found.runtime:
            if found.typed:
                yield "typing"
        elif found.module in _GROUPS:
            yield _GROUPS[found.module]
        elif found.module != self._source:
            yield "local" if found.module.startswith(".") else "other"
        elif not found.name:
            yield "source module"
        elif not self._is_plain(found):
            yield "source"

    def source_classes(self) -> tuple[str, ...]:
        """The classes of the source module, as type aliases.

        With Python 3.11, a method call on a name bound by an ``import`` takes a tenth longer than
        on another name. Generic classes are imported nevertheless: in an alias of one, pyright
        treats the type parameters as unknown.
        """
        found = sorted(
            (one.name, one.alias)
            for one in self._found.values()
            if one.runtime and one.module == self._source and self._is_plain(one)
        )
        source = self._found[self._source, ""].alias
        return tuple(
            f"{alias}: {self.typing('TypeAlias')} = {source}.{name}" for name, alias in found
        )

    def _is_plain(self, found: PlannedImport) -> bool:
        return found.name in self._plain and found.name != found.alias


def import_lines(items: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    """Import statements, sorted: names of a module without aliases share one statement.

    An item is a module, a name in it (empty for the module itself), and its alias.
    """
    items = sorted(items, key=lambda item: (item[0], _rank(item[1]), item[1]))
    plain: dict[str, list[str]] = {}
    for module, name, alias in items:
        if name and name == alias:
            plain.setdefault(module, []).append(name)
    lines = []
    for module, name, alias in items:
        if not name:
            same = alias == module
            lines.append(f"import {module}" if same else f"import {module} as {alias}")
        elif name != alias:
            lines.append(f"from {module} import {name} as {alias}")
        elif together := plain.pop(module, None):
            lines.append(f"from {module} import {', '.join(together)}")
    return tuple(lines)


def _rank(name: str) -> int:
    """Sort key of a name, as in import sorters: constants, then classes, then the rest."""
    return 0 if name.isupper() else 1 if name[:1].isupper() else 2
