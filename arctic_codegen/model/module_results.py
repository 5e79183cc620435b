"""What was resolved for each module? A later build resolves only what has changed."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.resolution import Resolution


class ClassFinding(msgspec.Struct, frozen=True):
    """A finding, and the class that was looked at: a callback that many classes inherit gives
    one finding, about the class that declares it if that is one of them."""

    finding: Finding
    cls: ClassId
    declaring: bool

    @property
    def rank(self) -> tuple[bool, ClassId]:
        """The smallest is reported."""
        return (not self.declaring, self.cls)


class ModuleResult(msgspec.Struct, frozen=True):
    """One requested module: what was read for it, and what was found about it alone."""

    module: str
    reads: tuple[tuple[str, tuple[str, ...]], ...]
    """Every module in which something was looked up for it, found or not, with the names as the
    lock file spells them; sorted."""
    findings: tuple[Finding, ...] = ()
    of_classes: tuple[ClassFinding, ...] = ()
    covers: tuple[ClassId, ...] = ()
    """The ancestors of its compiled classes, which check those for them."""
    bodies: tuple[tuple[str, str, str], ...] = ()
    """The functions whose bodies were read to check its callbacks: module, qualified name, and a
    digest of the body."""
    by_all: bool = False
    """Its callbacks were checked by a look at the text of every module."""


class ResolutionByModule(Resolution, frozen=True):
    """A resolution, and where each piece of it comes from."""

    module_results: tuple[ModuleResult, ...] = ()
    common: tuple[Finding, ...] = ()
    """Those of the findings that no module has on its own."""
    far_changes: bool = False
    """Statements change the callbacks of classes of other modules."""
    touched: tuple[str, ...] = ()
    """Modules of classes that others stand in for (R53), sorted."""


class ModuleSubset(msgspec.Struct, frozen=True):
    """The modules that are to be resolved, where the others are known."""

    modules: tuple[str, ...]
    covered: frozenset[ClassId]
    """What the others cover."""


def each_once(of_classes: Iterable[ClassFinding]) -> list[Finding]:
    """One finding for each declaration, however many classes inherit it."""
    best: dict[tuple[object, ...], ClassFinding] = {}
    for one in of_classes:
        finding = one.finding
        message = finding.message
        if finding.code in ("AC201", "AC202"):
            # These two name the class that was looked at, and first the event: a callback object
            # may have several.
            message = message.partition(" ")[0]
        key = (finding.code, finding.place, message)
        other = best.get(key)
        if other is None or one.rank < other.rank:
            best[key] = one
    return [one.finding for one in best.values()]
