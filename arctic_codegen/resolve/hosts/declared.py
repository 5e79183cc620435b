"""What one class declares itself: its entries, its callback methods, what it drops."""

from __future__ import annotations

from typing import Literal

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.decls import SuperCall
from arctic_codegen.model.hosts import ClassId, FunctionReach, LiftedLambda, Reach, ScriptReach
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.hosts.events import Phase
from arctic_codegen.resolve.interfaces import CallableValue


class ListPlace(msgspec.Struct, frozen=True):
    """The entry has no name of its own: its object is taken from the list at import.

    It is the ``index``-th that the ``operation``-th change of ``module`` gives, or that the class
    body does (``module`` is ``None`` then).
    """

    module: str | None
    operation: int
    index: int


class Declaration(msgspec.Struct, frozen=True):
    """A callback as declared, before it is looked at in any one class."""

    phase: Phase
    event: str
    """Spelled with underscores."""
    event_text: str
    """As the entry spells it; empty for a method."""
    kind: Literal["entry", "method"]
    owner: ClassEntity
    declared_at: Place
    event_place: Place
    """Where a finding about the event stands."""
    callable: CallableValue
    reach: Reach | ListPlace
    lifted: LiftedLambda | None = None
    inner: FunctionReach | ScriptReach | None = None
    """How what stands inside wrappers is reached, where it has a name of its own."""
    method: str = ""
    """The name of a callback method; empty for an entry."""
    super_calls: tuple[SuperCall, ...] = ()
    super_scope: Scope | None = None
    defined_in: ClassId | None = None
    """The class whose body holds the ``def`` of a callback method: ``super()`` starts there."""
    replaces: bool = False
    """Marked ``@replaces_inherited``."""
    abstract: bool = False
    """An abstract callback method is there to be overridden: it is never run by itself."""
    added_by: str | None = None
    """The module whose statement added the entry (R12)."""
    in_script: bool = False
    """That module imports the output."""
    main_only: bool = False
    """The statement runs in the main program alone."""
    change_place: Place | None = None

    @property
    def told_at(self) -> Place:
        """Where findings about the signature stand."""
        return self.declared_at if self.callable.installed else self.callable.place


class OwnDeclarations(msgspec.Struct, frozen=True):
    """One class's own part of the walk, in order."""

    entries: tuple[Declaration, ...] = ()
    methods: tuple[Declaration, ...] = ()
    dropped: tuple[str, ...] = ()
    """Names of callback methods that the class body sets to ``None`` (R19)."""
    findings: tuple[Finding, ...] = ()
    written: tuple[Declaration | None, ...] = ()
    """The list of the class body alone, without later changes; ``None`` holds the place of an
    entry that could not be read."""
