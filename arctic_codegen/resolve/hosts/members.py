"""What does a class have under a name: a method, or something that only looks like one?"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Literal, TypeVar

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.frameworks.framework import Framework
from arctic_codegen.frameworks.table import framework_of, is_mixin
from arctic_codegen.model.decls import Assign, FunctionDecl
from arctic_codegen.model.expr import Call, Expr, Name, Seq, Starred, is_none_literal
from arctic_codegen.model.spelling import mangled
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.hosts.decorators import Decoration, Decorators
from arctic_codegen.resolve.hosts.libraries import Libraries
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.mro import class_key
from arctic_codegen.resolve.names.names import Names

T = TypeVar("T")

What = Literal[
    "method",
    "property",
    "static method",
    "class method",
    "class",
    "partialmethod",
    "singledispatchmethod",
    "plain attribute",
    "undecided",
    "dataclass __init__",
]

_DESCRIPTORS: dict[str, What] = {
    "builtins.property": "property",
    "functools.cached_property": "property",
    "functools.partialmethod": "partialmethod",
    "functools.singledispatchmethod": "singledispatchmethod",
    "builtins.staticmethod": "static method",
    "builtins.classmethod": "class method",
}


class Member(msgspec.Struct, frozen=True):
    """One attribute, as bound by the nearest class.

    ``name`` is the attribute's name as it is looked up at run time, so ``__x`` is mangled.
    """

    name: str
    owner: ClassEntity
    entity: Entity
    what: What
    decoration: Decoration = Decoration()


class _Written(msgspec.Struct, frozen=True):
    """The live statements of a class body by the names they bind."""

    functions: dict[str, list[FunctionDecl]]
    typed: set[str]
    """Names bound with an annotation."""
    bound: dict[str, Span]
    """Where a ``def`` or an assignment last binds each name."""


def is_none(entity: Entity | None) -> bool:
    """Whether a name is bound to ``None``."""
    return isinstance(entity, ValueEntity) and is_none_literal(entity.expr)


def _unpacked(targets: Iterable[Expr]) -> Iterator[Name]:
    """The names that an assignment to these targets binds."""
    for target in targets:
        if isinstance(target, Name):
            yield target
        elif isinstance(target, Seq):
            yield from _unpacked(target.items)
        elif isinstance(target, Starred):
            yield from _unpacked((target.value,))


class Members:
    """Reads class bodies, each member of a class once for all modules."""

    def __init__(self, names: Names, decorators: Decorators) -> None:
        self.names = names
        self.decorators = decorators
        self.libraries = Libraries(names)

    def once(self, what: str, cls: ClassEntity, compute: Callable[[], T], *key: Hashable) -> T:
        """A fact about a class that depends on names only, computed once for all modules."""
        return self.names.queries.get(("class", what, *class_key(cls), *key), compute)

    def own_names(self, owner: ClassEntity) -> dict[str, str]:
        """Names that the class body binds, by attribute name, in order of binding."""
        return self.once("own names", owner, partial(self._own_names, owner))

    def _own_names(self, owner: ClassEntity) -> dict[str, str]:
        return {mangled(name, owner.decl.name): name for name in self.names.own_names(owner)}

    def own(self, owner: ClassEntity, name: str) -> Member | None:
        """The member that the class body itself binds; ``name`` is the attribute name."""
        written = self.own_names(owner).get(name)
        if written is None:
            return None
        return self.once("own", owner, partial(self._own, owner, name, written), name)

    def _own(self, owner: ClassEntity, name: str, written: str) -> Member | None:
        entity = self.names.own_attribute(owner, written)
        return None if entity is None else self._member(owner, name, entity)

    def nearest(self, mro: Sequence[ClassEntity], name: str) -> Member | None:
        """The member of the first class in ``mro`` that has one."""
        return next(filter(None, (self.own(cls, name) for cls in mro)), None)

    def looked_up(
        self, framework: Framework | None, mro: Sequence[ClassEntity], name: str
    ) -> Member | None:
        """What attribute look-up on the first class of ``mro`` finds, given its framework.

        ArcticTraining's ``CallbackMixin.__init_subclass__`` copies every method that a base has
        wrapped, including inherited ones, into the new class. So look-up of these does not follow
        the MRO: in a diamond, the first base's inherited method hides a later base's override.
        """
        if framework is None or not framework.event_decorators:
            return self.nearest(mro, name)
        return self._with_copies(mro, name)

    def _with_copies(self, mro: Sequence[ClassEntity], name: str) -> Member | None:
        found = (
            self.own(cls, name) or self.once("copied", cls, partial(self._copied, cls, name), name)
            for cls in mro
        )
        return next(filter(None, found), None)

    def _copied(self, cls: ClassEntity, name: str) -> Member | None:
        """The member that the framework copies into a class that does not define it."""
        above = self.names.mro(cls).classes[1:]
        if is_mixin(cls.id) or framework_of(one.id for one in above) is None:
            return None
        members = (self.own(one, name) for one in above)
        if all(one is None or one.decoration.event_name is None for one in members):
            return None
        return self._with_copies(above, name)

    def bases(self, owner: ClassEntity) -> Iterator[Entity]:
        """The entities of the bases of a class, without subscripts."""
        return (self.names.lookup(base, owner.scope) for base in owner.decl.bases)

    def assignments(self, owner: ClassEntity) -> Iterator[Assign]:
        """The live assignments and annotations of a class body, in order."""
        for live in self.names.live(owner.decl.body, owner.body):
            if isinstance(live.stmt, Assign):
                yield live.stmt

    def annotated(self, owner: ClassEntity) -> Iterator[tuple[str, Expr]]:
        """The names that a class body annotates, with their annotations, in order."""
        for stmt in self.assignments(owner):
            if stmt.annotation is not None and isinstance(stmt.targets[0], Name):
                yield stmt.targets[0].id, stmt.annotation

    def names_in(self, mro: Sequence[ClassEntity]) -> tuple[str, ...]:
        """Every attribute name that any of these classes binds, sorted."""
        return tuple(sorted({name for cls in mro for name in self.own_names(cls)}))

    def definitions(self, owner: ClassEntity, name: str) -> tuple[FunctionDecl, ...]:
        """Every live ``def`` of this attribute in a class body, including overloads and setters."""
        written = self.own_names(owner).get(name, name)
        return tuple(self._body(owner).functions.get(written, ()))

    def has_declared_type(self, owner: ClassEntity, name: str) -> bool:
        """Whether the class body annotates the attribute, which then overrides the type of its
        value: ``forward: Callable[..., Any] = _forward_unimplemented``."""
        return self.own_names(owner).get(name, name) in self._body(owner).typed

    def bound_at(self, owner: ClassEntity, name: str) -> Span | None:
        """Where a statement of the class body binds the attribute, if one does."""
        return self._body(owner).bound.get(self.own_names(owner).get(name, name))

    def binding_place(self, owner: ClassEntity, name: str) -> Place:
        """The same as a place: the ``def``, the target of an assignment, or else the class."""
        return Place(owner.place.path, self.bound_at(owner, name) or owner.place.span)

    def _body(self, owner: ClassEntity) -> _Written:
        return self.once("written", owner, partial(self._read_body, owner))

    def _read_body(self, owner: ClassEntity) -> _Written:
        found = _Written({}, set(), {})
        for live in self.names.live(owner.decl.body, owner.body):
            stmt = live.stmt
            if isinstance(stmt, FunctionDecl):
                found.functions.setdefault(stmt.name, []).append(stmt)
                found.bound[stmt.name] = stmt.span
            elif isinstance(stmt, Assign) and stmt.value is not None:
                for target in _unpacked(stmt.targets):
                    found.bound[target.id] = target.span
                    if stmt.annotation is not None:
                        found.typed.add(target.id)
            else:
                found.bound.update(dict.fromkeys(bound_names(stmt), stmt.span))
        return found

    def is_abstract(self, member: Member) -> bool:
        """Whether ``abc`` treats the member as abstract."""
        if member.decoration.abstract:
            return True
        if member.what != "property" or not isinstance(member.entity, FunctionEntity):
            return False
        owner = member.owner
        inside = Scope(owner.id.module, owner.body.frames, owner.scope.before)
        return any(
            self.decorators.of(decl, inside).abstract
            for decl in self.definitions(member.owner, member.name)
        )

    def _member(self, owner: ClassEntity, name: str, entity: Entity) -> Member:
        what: What = "plain attribute"
        decoration = Decoration()
        match entity:
            case FunctionEntity():
                decoration = self.decorators.of(entity.decl, entity.scope)
                what = decoration.kind
                if entity.owner != owner.id and what == "static method":
                    # ``f = Other.f`` gives the function inside the ``staticmethod``.
                    what = "method"
            case LambdaEntity():
                what = "method"
            case ClassEntity():
                what = "class"
            case Unknown():
                what = "undecided"
            case ValueEntity(expr=Call(func=func), scope=scope):
                made_by = dotted_name(self.names.lookup(func, scope))
                what = _DESCRIPTORS.get(made_by or "", what)
        return Member(name, owner, entity, what, decoration)
