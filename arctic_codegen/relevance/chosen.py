"""What made a choice of modules, and whether it still does after an edit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache, partial

import msgspec

from arctic_codegen.discover.finder import Finder
from arctic_codegen.model.settings import Settings, is_in_output, output_package
from arctic_codegen.relevance.bindings import Bindings, bindings
from arctic_codegen.relevance.spreading import Names, Pair, Spreading
from arctic_codegen.relevance.texts import (
    has_comment_for_us,
    may_declare_callbacks,
    packages_mentioned,
    searchable,
    speaks_of_callbacks,
)

_CALLBACKS = b"callbacks"


class Far(msgspec.Struct, frozen=True, array_like=True):
    """Who may change from afar what callbacks are made of."""

    seeds: frozenset[Pair] = frozenset()
    """The named lists that callbacks are made of, and the classes without a mixin that host
    classes derive from."""
    names: Names = Names()
    """Names that lead there."""
    reaching: frozenset[str] = frozenset()
    """The packages that may import one of these."""
    outside: frozenset[bytes] = frozenset()
    """The names of those that stand outside the sources."""

    def changed_by(self, text: bytes, file: Bindings, spreading: Spreading, name: str) -> bool:
        """Whether a file, which ``spreading`` has taken up, may change one of the sources."""
        speaks = _CALLBACKS in text and spreading.refers(name)
        return speaks or any(spreading.leads(name, one) for one in file.changed)

    def changed_outside_by(
        self, text: bytes, mentioned: frozenset[str], read: Callable[[], Bindings | None]
    ) -> bool:
        """Whether a file, which mentions these packages, may change one of those outside."""
        if mentioned.isdisjoint(self.reaching) or not any(word in text for word in self.outside):
            return False
        file = None if _CALLBACKS in text else read()
        return file is None or any(
            imported.bound in file.changed and top_of(imported.module) in self.reaching
            for imported in file.imports
        )


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
    far: Far

    def covers(self, lists: Iterable[Pair], plain: Iterable[Pair], finder: Finder) -> bool:
        """Whether these (see :meth:`Relevance.that_change`) were thought of."""
        return far_seeds(lists, plain, finder) <= self.far.seeds


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
    is_near = top_of(name) in chosen.reaching
    if not is_near and not chosen.reaching.isdisjoint(mentioned):
        return False
    file = bindings(data, package_of(name, finder.find(name).is_package))
    if file is None:
        return False
    unread = partial(unread_in, finder=finder, output=output_package(settings))
    refers = False
    if is_near:
        near = Spreading.resumed(chosen.names, chosen.modules, unread(chosen.reaching))
        if not near.adds_nothing(name, file, chosen.skipped):
            return False
        refers = near.refers(name) and speaks_of_callbacks(text)
    far = chosen.far
    spreading = Spreading.resumed(far.names, chosen.modules, unread(far.reaching))
    if not spreading.adds_nothing(name, file, frozenset()):
        return False
    if not skipped:
        return True
    declares = may_declare_callbacks(text) and file.declares
    changes = far.changed_by(text, file, spreading, name)
    return not (
        refers or declares or changes or far.changed_outside_by(text, mentioned, lambda: file)
    )


def far_seeds(lists: Iterable[Pair], plain: Iterable[Pair], finder: Finder) -> frozenset[Pair]:
    """Those of which a change can count: nobody puts callbacks into Python's own classes."""
    own = (
        pair
        for pair in plain
        if top_of(pair[0]) not in sys.stdlib_module_names
        or not finder.find(top_of(pair[0])).installed
    )
    return frozenset((*lists, *own))


def unread_in(
    reaching: frozenset[str],
    finder: Finder,
    output: str | None,
    complete: frozenset[str] = frozenset(),
) -> Callable[[str], bool]:
    """Tells of a module that is none of the sources whether it is there, in a package that is
    reached; those that are ``complete`` have no others."""

    @cache
    def is_unread(module: str) -> bool:
        top = top_of(module)
        if top not in reaching:
            return False
        if is_in_output(module, output):
            return True
        return top not in complete and finder.find(module).kind in ("source", "namespace")

    return is_unread


def package_of(module: str, is_package: bool) -> str:
    """The package that a module's relative imports start from."""
    return module if is_package else module.rpartition(".")[0]


def top_of(module: str) -> str:
    """The package that a module is in, from the outside."""
    return module.partition(".")[0]


def tops_of(modules: Iterable[str | None]) -> frozenset[str]:
    """Those of several."""
    return frozenset(top_of(module) for module in modules if module is not None)
