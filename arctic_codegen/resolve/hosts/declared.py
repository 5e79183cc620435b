"""What one class declares itself: its entries, its callback methods, what it drops."""

from __future__ import annotations

from typing import Literal

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.decls import SuperCall
from arctic_codegen.model.hosts import ClassId, FunctionReach, LiftedLambda, Reach, ScriptReach
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.hosts.events import Phase
from arctic_codegen.resolve.interfaces import CallableValue, Change


class Declaration(msgspec.Struct, frozen=True):
    """A callback as declared, before it is looked at in any one class."""

    phase: Phase
    event: str
    """Spelled with underscores."""
    kind: Literal["entry", "method"]
    owner: ClassEntity
    declared_at: Place
    event_place: Place
    """Where a finding about the event stands."""
    callable: CallableValue
    reach: Reach | None
    """How generated code has it; ``None`` for an entry without a name of its own, whose object is
    taken from the list at import."""
    inner: FunctionReach | ScriptReach | None
    """How what stands inside wrappers is reached, where it has a name of its own."""
    event_text: str = ""
    """As the entry spells it; empty for a method."""
    lifted: LiftedLambda | None = None
    change: Change | None = None
    """The later statement that adds the entry to the list (R12)."""
    index: int = 0
    """Its position in what the class body or that statement gives."""
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

    @property
    def added_by(self) -> str | None:
        """The module whose statement added the entry."""
        return None if self.change is None else self.change.module

    @property
    def in_script(self) -> bool:
        """Whether that module imports the output."""
        return self.change is not None and self.change.in_script

    @property
    def on(self) -> str:
        """Phase and event as a person writes them: ``pre-create-model``."""
        return f"{self.phase}-{self.event.replace('_', '-')}"

    @property
    def short(self) -> str:
        """What a message calls it."""
        return self.method or self.callable.name.rpartition(".")[2]

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
