"""Which classes are host classes, and which of these are compiled?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import msgspec

from arctic_codegen.frameworks.framework import Framework
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.resolve.class_list_changes import ListChange
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.at_import import AtImport
from arctic_codegen.resolve.hosts.class_facts import ClassFacts
from arctic_codegen.resolve.hosts.declarations import Declarations
from arctic_codegen.resolve.hosts.decorators import Decorators
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.hosts.methods import Methods
from arctic_codegen.resolve.names.mro import Mro
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.values import Values


class Tools(msgspec.Struct, frozen=True):
    """The tools to analyse classes."""

    sources: frozenset[str]
    """The modules whose classes are compiled."""
    names: Names
    values: Values
    members: Members
    facts: ClassFacts
    declarations: Declarations
    at_import: AtImport
    methods: Methods

    def is_installed(self, cls: ClassEntity) -> bool:
        """Whether a class belongs to an installed package."""
        return self.names.source(cls.id.module).installed


def tools_for(
    sources: frozenset[str], names: Names, values: Values, changes: Iterable[ListChange]
) -> Tools:
    """The tools for classes whose lists are changed by these statements."""
    members = Members(names, Decorators(names, values))
    declarations = Declarations(members, values, tuple(changes))
    return Tools(
        sources=sources,
        names=names,
        values=values,
        members=members,
        facts=ClassFacts(members, values),
        declarations=declarations,
        at_import=AtImport(declarations),
        methods=Methods(members, values),
    )


class Candidate(msgspec.Struct, frozen=True):
    """A host class before its callbacks are resolved."""

    cls: ClassEntity
    mro: Mro
    framework: Framework
    abstract: bool
    final: bool
    """It cannot have subclasses."""
    broken: bool
    """Its MRO is invalid or incomplete: a missing event may be defined in a missing base."""

    @property
    def compiled(self) -> bool:
        """Whether it is compiled."""
        return not self.abstract and not self.final


def candidate(cls: ClassEntity, tools: Tools) -> Candidate | None:
    """The class as a host class; ``None`` if it is not one."""
    framework = tools.facts.framework(cls)
    if framework is None:
        return None
    return tools.members.once("candidate", cls, partial(_candidate, cls, framework, tools))


def _candidate(cls: ClassEntity, framework: Framework, tools: Tools) -> Candidate:
    mro = tools.names.mro(cls)
    return Candidate(
        cls=cls,
        mro=mro,
        framework=framework,
        abstract=tools.facts.is_abstract(mro.classes),
        final=tools.members.decorators.is_final_class(cls),
        broken=bool(mro.unknown_bases) or mro.problem is not None,
    )


def bare_host(found: Candidate, tools: Tools, *, requested: bool) -> HostClass:
    """A host class without its events, for a parent that is not among the sources."""
    cls, facts = found.cls, tools.facts
    root = facts.root(found.mro.classes)
    registered = facts.registered_name(cls)
    return HostClass(
        id=cls.id,
        place=cls.place,
        framework=found.framework.name,
        kind=facts.kind(root.id),
        root=root.id,
        mro=tuple(one.id for one in found.mro.classes),
        compiled=found.compiled,
        requested=requested,
        registered_name=None if registered is None else registered[0],
        registry=facts.registry(cls, found.framework),
        dataclass=tools.members.decorators.dataclass(cls) is not None,
        slots=facts.has_slots(cls),
    )
