"""Which findings concern the effects of a module's callbacks, and what was read to find them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.resolve.effects.collectives import Collectives
from arctic_codegen.resolve.effects.hazards import Hazards
from arctic_codegen.resolve.effects.mentions import Mentions
from arctic_codegen.resolve.effects.rank_checks import RankChecks
from arctic_codegen.resolve.effects.touches import Touches
from arctic_codegen.resolve.hosts.host import ResolvedHost
from arctic_codegen.resolve.names.names import Names


class Checked(msgspec.Struct, frozen=True):
    """The findings about a module, and what they depend on."""

    findings: tuple[Finding, ...]
    reads: tuple[tuple[str, tuple[str, ...]], ...]
    """All look-ups for the module, including those for its classes."""
    bodies: tuple[tuple[str, str, str], ...]
    by_all: bool


class CallbackChecks:
    """Checks one module after another; knowledge about function bodies is shared."""

    def __init__(self, names: Names, project: Iterable[str]) -> None:
        self._names = names
        self._collectives = Collectives(names)
        self._touches = Touches(names, self._collectives)
        self._mentions = Mentions(names, project)
        self._hazards = Hazards(names, self._collectives, self._touches, self._mentions)
        self._ranks = RankChecks(names, self._collectives, self._touches)

    def of_module(self, module: str, classes: Sequence[ResolvedHost]) -> Checked:
        """The findings about the callbacks of a module's classes."""
        self._mentions.asked = False
        with self._names.recorded_for(f"{module} checks"):
            findings = tuple(dict.fromkeys(self._findings(classes)))
        own = self._names.dependencies(module, f"{module} checks")
        return Checked(
            findings,
            own.by_module(),
            tuple((*body, self._digest(*body)) for body in sorted(own.bodies)),
            self._mentions.asked,
        )

    def _findings(self, classes: Sequence[ResolvedHost]) -> Iterator[Finding]:
        for one in classes:
            if one.ordered:
                cls, mro = one.found.cls, one.found.mro.classes
                yield from self._ranks.of_class(cls, mro, one.ordered)
                complete = not one.found.broken
                yield from self._hazards.of_class(cls, mro, one.ordered, complete=complete)

    def _digest(self, module: str, qualname: str) -> str:
        tree = self._names.trees.of(module)
        return "" if tree is None else tree.digest(qualname)
