"""Finished plans: everything that the text of an output file needs.

Pieces of text are complete (a ``def`` line, a statement, an import), so a template only has to
arrange them. Optional pieces are tuples of one or none, for a template to loop over.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.hosts import ClassId


class PlanKey(msgspec.Struct, frozen=True):
    """Which callback, or which method, a piece of output stands for.

    ``event`` is the event's label. For a callback, ``phase`` and ``index`` are its place in
    that phase of that event of that class; both are ``None`` for the event's own method.
    ``name`` is the module and qualified name of either. ``wrapper`` is the number of the callback's
    wrapper whose condition it is, from the outermost.
    """

    owner: ClassId
    event: str
    phase: Literal["pre", "post"] | None
    index: int | None
    name: str
    wrapper: int | None = None


class PlannedCall(msgspec.Struct, frozen=True):
    """One statement of a compiled method that calls one thing: ``callee``, a dotted name.

    Its comment stands on the line itself (``trailing``) or on the line ``above``. ``before`` and
    ``after`` are the lines of what is wrapped around the call, which is then indented. ``guards``
    has an item for each ``if`` among them: the number of the wrapper whose condition it tests.
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
    """A lambda as a function of the generated module. ``key`` is its first use."""

    name: str
    comment: str
    definition: str
    statement: str
    key: PlanKey


class MethodPlan(msgspec.Struct, frozen=True):
    """An event that is overridden: ``overloads`` and ``definition`` end with their colon."""

    name: str
    key: PlanKey
    overload_decorator: str
    overloads: tuple[str, ...]
    definition: str
    opening: tuple[str, ...]
    """Statements before the calls: values that a dataclass would only make in its own
    ``__init__``."""
    calls: tuple[PlannedCall, ...]
    closing: tuple[str, ...]
    """What follows the calls: ``return result``, or nothing."""


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
    """What the entrance needs."""
    entrance: tuple[tuple[str, ...], ...]
    """For a module that may be loaded by its path, the lines that find its source; the second is
    indented under the first."""
    first_imports: tuple[tuple[str, ...], ...]
    staleness_check: tuple[str, ...]
    """The lines that check that the output is not stale, before anything is looked up in the
    project's modules; the second is indented under the first."""
    proof_call: str
    """What compares the classes of the source with ``proof``, which it is given as a text."""
    proof: tuple[str, ...]
    imports: tuple[tuple[str, ...], ...]
    typing_test: tuple[str, ...]
    """``if TYPE_CHECKING:``, under the name that the module has for it, if it is needed."""
    typing_imports: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[LiftedFunction, ...]
    classes: tuple[ClassPlan, ...]
    deferred_test: str
    deferred: tuple[str, ...]
    """What can only be done when the classes exist, and is of no concern to a type checker."""

    @property
    def origin(self) -> str:
        """What its header says that it is generated from."""
        return self.module


class PackagePlan(msgspec.Struct, frozen=True):
    """The ``__init__`` of a package that has no compiled classes of its own."""

    package: str
    path: str

    @property
    def origin(self) -> str:
        """What its header says that it is generated from."""
        return self.package


class RegistryBranch(msgspec.Struct, frozen=True):
    """One registered name: ``type`` is its class's type, ``literal`` the name as text."""

    literal: str
    type: str


class RegistryFunction(msgspec.Struct, frozen=True):
    """``get_trainer`` and its like."""

    name: str
    what: str
    table: str
    """The name of the table in which it looks."""
    fallback: str
    """The return type for a name that is only known as a ``str``."""
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
    """For each function, the statement that says where its classes are."""
    functions: tuple[RegistryFunction, ...]
    origin: ClassVar[str] = "the sources"


class Plans(msgspec.Struct, frozen=True):
    """All that one build writes, apart from the lock file; and what stands in its way."""

    modules: tuple[ModulePlan, ...]
    packages: tuple[PackagePlan, ...]
    registry: RegistryPlan
    findings: tuple[Finding, ...] = ()
