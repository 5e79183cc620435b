"""Finished plans: everything that the text of an output file needs.

Pieces of text are complete (a ``def`` line, a statement, an import), so a template only has to
arrange them. Optional pieces are tuples of one or none, for a template to loop over.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.spelling import Phase


class PlanKey(msgspec.Struct, frozen=True):
    """The callback or method that a piece of output corresponds to.

    ``event`` is the event's label. For a callback, ``phase`` and ``index`` are its position in
    that phase of that event of that class; both are ``None`` for the event's own method.
    ``name`` is the module and qualified name of either. For a condition, ``wrapper`` is the number
    of its wrapper, counted from the outermost.
    """

    owner: ClassId
    event: str
    phase: Phase | None
    index: int | None
    name: str
    wrapper: int | None = None


class PlannedCall(msgspec.Struct, frozen=True):
    """One statement of a compiled method with one call of ``callee``, a dotted name.

    Its comment is on the same line (``trailing``) or on the line ``above``. ``before`` and
    ``after`` are the lines around the call, which is then indented. ``guards`` has an item for each
    ``if`` among them: the number of the wrapper whose condition it tests.
    """

    statement: str
    callee: str
    trailing: tuple[str, ...]
    above: tuple[str, ...]
    key: PlanKey
    before: tuple[str, ...] = ()
    indent: str = ""
    after: tuple[str, ...] = ()
    guards: tuple[int | None, ...] = ()


class LiftedFunction(msgspec.Struct, frozen=True):
    """A lambda as a function of the generated module; ``key`` is its first use."""

    name: str
    comment: str
    definition: str
    statement: str
    key: PlanKey


class MethodPlan(msgspec.Struct, frozen=True):
    """An overridden event; ``overloads`` and ``definition`` end with a colon."""

    name: str
    key: PlanKey
    overload_decorator: str
    overloads: tuple[str, ...]
    definition: str
    opening: tuple[str, ...]
    """Statements before the calls: values that a dataclass would only create in its own
    ``__init__``."""
    calls: tuple[PlannedCall, ...]
    closing: tuple[str, ...]
    """The statements after the calls: ``return result``, or none."""


class ClassPlan(msgspec.Struct, frozen=True):
    """A compiled class: its ``class`` line, docstring, attributes, and methods."""

    id: ClassId
    name: str
    header: str
    docstring: tuple[str, ...]
    attributes: tuple[str, ...]
    methods: tuple[MethodPlan, ...]


class ModulePlan(msgspec.Struct, frozen=True):
    """A generated module. Groups of imports are separated by blank lines."""

    module: str
    path: str
    """With slashes, relative to the output folder."""
    docstring: str
    opening_imports: tuple[tuple[str, ...], ...]
    """The imports that ``entrance`` needs."""
    entrance: tuple[tuple[str, ...], ...]
    """For a module that may be loaded by its path, the lines that find its source; the second line
    is indented under the first."""
    first_imports: tuple[tuple[str, ...], ...]
    staleness_check: tuple[str, ...]
    """The lines that check that the output is up to date, before anything is imported from the
    project's modules; the second line is indented under the first."""
    proof_call: str
    """The call that compares the classes of the source with ``proof``, given as text."""
    proof: tuple[str, ...]
    imports: tuple[tuple[str, ...], ...]
    typing_test: tuple[str, ...]
    """``if TYPE_CHECKING:``, under the module's own name for it, if it is needed."""
    typing_imports: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[LiftedFunction, ...]
    classes: tuple[ClassPlan, ...]
    deferred_test: str
    deferred: tuple[str, ...]
    """Statements that need the classes to exist, and do not matter to a type checker."""

    @property
    def origin(self) -> str:
        """The source module in the header."""
        return self.module


class PackagePlan(msgspec.Struct, frozen=True):
    """The ``__init__`` of a package that has no compiled classes of its own."""

    package: str
    path: str

    @property
    def origin(self) -> str:
        """The source package in the header."""
        return self.package


class RegistryBranch(msgspec.Struct, frozen=True):
    """One registered name: ``type`` is the type of its class, ``literal`` the name as text."""

    literal: str
    type: str


class RegistryFunction(msgspec.Struct, frozen=True):
    """``get_trainer`` and similar functions."""

    name: str
    what: str
    table: str
    """The name of the table that it searches."""
    fallback: str
    """The return type for a name that is not known statically."""
    branches: tuple[RegistryBranch, ...]


class RegistryPlan(msgspec.Struct, frozen=True):
    """The static registry, which is the ``__init__`` of the output folder (R33)."""

    path: str
    imports: tuple[str, ...]
    typing_test: tuple[str, ...]
    typing_imports: tuple[str, ...]
    exported: str
    """The statement that lists the functions."""
    tables: tuple[str, ...]
    """For each function, the statement with the modules of its classes."""
    functions: tuple[RegistryFunction, ...]
    origin: ClassVar[str] = "the sources"


class Plans(msgspec.Struct, frozen=True):
    """Everything that one build writes, except the lock file, and the findings that prevent it."""

    modules: tuple[ModulePlan, ...]
    packages: tuple[PackagePlan, ...]
    registry: RegistryPlan
    findings: tuple[Finding, ...] = ()
