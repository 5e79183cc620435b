"""What was resolved for each module? A later build resolves only what has changed."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.resolution import Resolution


class ClassFinding(msgspec.Struct, frozen=True):
    """A finding, and the class that was examined. A callback that many classes inherit gives one
    finding, about the declaring class if it is one of them."""

    finding: Finding
    cls: ClassId
    declaring: bool

    @property
    def sort_key(self) -> tuple[bool, ClassId]:
        """The finding with the smallest one is reported."""
        return (not self.declaring, self.cls)


class ModuleResult(msgspec.Struct, frozen=True):
    """The result of one requested module: its reads, and the findings about it alone."""

    module: str
    reads: tuple[tuple[str, tuple[str, ...]], ...]
    """Every module that was searched for it, with the names as the lock file spells them, found
    or not; sorted."""
    findings: tuple[Finding, ...] = ()
    of_classes: tuple[ClassFinding, ...] = ()
    covers: tuple[ClassId, ...] = ()
    """The ancestors of its compiled classes, which are checked through these classes."""
    bodies: tuple[tuple[str, str, str], ...] = ()
    """The functions whose bodies were read to check its callbacks: module, qualified name, and a
    digest of the body."""
    by_all: bool = False
    """The text of every module was searched to check its callbacks."""


class ResolutionByModule(Resolution, frozen=True):
    """A resolution, with the origin of each part of it."""

    module_results: tuple[ModuleResult, ...] = ()
    common: tuple[Finding, ...] = ()
    """The findings that belong to no single module."""
    far_changes: bool = False
    """Statements change the callbacks of classes in other modules."""
    touched: tuple[str, ...] = ()
    """Modules of classes that are handled through their subclasses (R53), sorted."""


class ModuleSubset(msgspec.Struct, frozen=True):
    """The modules to resolve, if the results of the others are known."""

    modules: tuple[str, ...]
    covered: frozenset[ClassId]
    """The ancestors that the other modules cover."""


def each_once(of_classes: Iterable[ClassFinding]) -> list[Finding]:
    """One finding for each declaration, however many classes inherit it."""
    best: dict[tuple[object, ...], ClassFinding] = {}
    for one in of_classes:
        finding = one.finding
        message = finding.message
        if finding.code in ("AC201", "AC202"):
            # The messages of these two name the examined class after the event. A callback object
            # may have several events.
            message = message.partition(" ")[0]
        key = (finding.code, finding.place, message)
        other = best.get(key)
        if other is None or one.sort_key < other.sort_key:
            best[key] = one
    return [one.finding for one in best.values()]
