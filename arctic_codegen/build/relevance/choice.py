"""Is a module relevant, and is a choice of modules still right after an edit?"""

from __future__ import annotations

import msgspec

from arctic_codegen.build.relevance.class_header_names import top_of
from arctic_codegen.build.relevance.outline import Outline, package_of
from arctic_codegen.build.relevance.packages import unread_in
from arctic_codegen.build.relevance.spreading import Spreading
from arctic_codegen.discover.finder import Finder
from arctic_codegen.model.settings import Settings


class Chosen(msgspec.Struct, frozen=True, array_like=True):
    """What made the choice, for a build that takes up this one."""

    reaching: frozenset[str]
    """The packages that may import a mixin."""
    outside: frozenset[str]
    """Those of them with files that are not among the sources."""
    names: dict[str, frozenset[str]]
    """Names that lead to a mixin, by module; ``*`` stands for all of its names."""
    packages: frozenset[str]
    """All packages that were looked at."""
    modules: frozenset[str]
    """The sources."""
    skipped: frozenset[str]
    """Those of them that do not matter."""
    lists: frozenset[str]
    """The names that values of ``callbacks`` use, in those that do."""

    @property
    def relevant(self) -> tuple[str, ...]:
        """Those that do, sorted."""
        return tuple(sorted(self.modules - self.skipped))


def matters(file: Outline, spreading: Spreading) -> bool:
    """Whether a file matters, which ``spreading`` has taken up where it had to."""
    return (
        file.name in spreading.matter
        or file.has_comment_for_us
        or (file.speaks_of_callbacks and file.name in spreading.names)
        or file.declares
    )


def still_chosen(
    chosen: Chosen, name: str, data: bytes, finder: Finder, settings: Settings
) -> bool:
    """Whether a build that takes up another one's choice may keep it, although the file of one
    module has these bytes now. It may where nothing is added: what is chosen without need does no
    harm."""
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
