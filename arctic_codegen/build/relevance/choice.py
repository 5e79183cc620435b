"""What made a choice of modules, and whether it still does after an edit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from arctic_codegen.build.relevance.bindings import top_of
from arctic_codegen.build.relevance.outline import Outline, package_of
from arctic_codegen.build.relevance.packages import unread_in
from arctic_codegen.build.relevance.spreading import Names, Pair, Spreading
from arctic_codegen.discover.finder import Finder
from arctic_codegen.model.settings import Settings


class Lead(msgspec.Struct, frozen=True, array_like=True):
    """What may lead to some seeds, and with that make a file matter."""

    kind: Literal["hosts", "lists"]
    """The mixins, or the named lists that callbacks are made of: whoever has one of these may
    change it from afar."""
    seeds: frozenset[Pair] = frozenset()
    reaching: frozenset[str] = frozenset()
    """The packages that may import one of the seeds."""
    outside: frozenset[str] = frozenset()
    """Those of them with files that are not among the sources."""
    names: Names = Names()
    """Names that lead to a seed."""
    words: frozenset[bytes] = frozenset()
    """The names of lists outside the sources, which are looked for by these alone."""

    def makes_matter(self, file: Outline, spreading: Spreading) -> bool:
        """Whether a file matters, which ``spreading`` has taken up where it had to."""
        if self.kind == "hosts":
            return file.name in spreading.matter or (
                file.speaks_of_callbacks and spreading.refers(file.name)
            )
        return spreading.refers(file.name) or (
            not file.packages.isdisjoint(self.reaching)
            and any(word in file.text for word in self.words)
        )


class Chosen(msgspec.Struct, frozen=True, array_like=True):
    """What made the choice, for a build that takes up this one."""

    hosts: Lead
    lists: Lead
    plain: frozenset[str]
    """The names of the project's classes without a mixin that host classes derive from."""
    packages: frozenset[str]
    """All packages that were looked at."""
    modules: frozenset[str]
    """The sources."""
    skipped: frozenset[str]
    """Those of them that do not matter."""

    def covers(self, lists: Iterable[Pair], plain: Iterable[Pair], finder: Finder) -> bool:
        """Whether these (see :meth:`Relevance.that_change`) were thought of."""
        return self.lists.seeds.issuperset(lists) and own_classes(plain, finder) <= self.plain


def own_classes(plain: Iterable[Pair], finder: Finder) -> frozenset[str]:
    """The names of those that are the project's: nobody puts callbacks into a library's."""
    return frozenset(
        name.rpartition(".")[2]
        for module, name in plain
        if not finder.find(top_of(module)).installed
    )


def still_chosen(
    chosen: Chosen, name: str, data: bytes, finder: Finder, settings: Settings
) -> bool:
    """Whether a build that takes up another one's choice may keep it, although the file of one
    module has these bytes now. It may where nothing is added: what is chosen without need does no
    harm."""
    found = finder.find(name)
    file = Outline(name, package_of(name, found.is_package), found.path or "", data)
    is_skipped = name in chosen.skipped
    if not file.is_readable or file.bindings is None or not file.packages <= chosen.packages:
        return False
    if is_skipped and (
        file.has_comment_for_us or file.declares or file.says_callbacks_of(chosen.plain)
    ):
        return False
    for lead in (chosen.hosts, chosen.lists):
        if top_of(name) not in lead.reaching and not file.packages.isdisjoint(lead.reaching):
            return False
        spreading = Spreading.resumed(
            lead.names, chosen.modules, unread_in(lead.reaching, lead.outside, finder, settings)
        )
        spreading.add(name, file.bindings)
        if spreading.names() != lead.names or (is_skipped and lead.makes_matter(file, spreading)):
            return False
        if lead.kind == "hosts" and not spreading.matter.isdisjoint(chosen.skipped):
            return False
    return True
