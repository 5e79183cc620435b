"""Is a module relevant, and is a choice of modules still valid after an edit?"""

from __future__ import annotations

import msgspec

from arctic_codegen.build.relevance.class_header_names import top_of
from arctic_codegen.build.relevance.outline import Outline, package_of
from arctic_codegen.build.relevance.packages import unread_in
from arctic_codegen.build.relevance.spreading import Spreading
from arctic_codegen.discover.finder import Finder
from arctic_codegen.model.settings import Settings


class Chosen(msgspec.Struct, frozen=True, array_like=True):
    """A choice of relevant modules, and what it depends on, for the next build."""

    reaching: frozenset[str]
    """The packages that may import a mixin."""
    outside: frozenset[str]
    """The packages in ``reaching`` with files that are not among the sources."""
    names: dict[str, frozenset[str]]
    """Names that may lead to a mixin, by module; ``*`` means all names of a module."""
    packages: frozenset[str]
    """All packages that were examined."""
    modules: frozenset[str]
    """The modules of the sources."""
    skipped: frozenset[str]
    """The modules that are not relevant."""
    lists: frozenset[str]
    """The names in values of ``callbacks``, in relevant modules."""

    @property
    def relevant(self) -> tuple[str, ...]:
        """The relevant modules, sorted."""
        return tuple(sorted(self.modules - self.skipped))


def matters(file: Outline, spreading: Spreading) -> bool:
    """Whether a file is relevant, given the names that ``spreading`` has found."""
    return (
        file.name in spreading.matter
        or file.may_have_ignores
        or (file.mentions_callbacks and file.name in spreading.names)
        or file.declares
    )


def still_chosen(
    chosen: Chosen, name: str, data: bytes, finder: Finder, settings: Settings
) -> bool:
    """Whether the choice of the last build is still valid if the file of one module now has these
    bytes. It is, if the change adds nothing that matters: unnecessary modules do no harm."""
    found = finder.find(name)
    file = Outline(name, package_of(name, found.is_package), found.path or "", data)
    if not file.is_readable or file.header_names is None or not file.packages <= chosen.packages:
        return False
    if top_of(name) not in chosen.reaching and not file.packages.isdisjoint(chosen.reaching):
        return False
    is_unread = unread_in(chosen.reaching, chosen.outside, finder, settings)
    spreading = Spreading(chosen.modules, is_unread, chosen.names)
    if spreading.read(name, file.header_names) or not spreading.matter.isdisjoint(chosen.skipped):
        return False
    if name in chosen.skipped:
        return not matters(file, spreading) and not file.changes(chosen.lists)
    return file.lists <= chosen.lists
