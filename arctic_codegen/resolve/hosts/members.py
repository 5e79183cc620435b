"""What a class has under each name: methods, and what looks like one and is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Literal

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import Assign, FunctionDecl
from arctic_codegen.model.expr import Call, Expr, Literal_, Name, Seq, Starred
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.hosts.decorators import Decoration, Decorators
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names

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
    """One attribute, as the nearest class that binds it has it.

    ``name`` is the attribute's name as it is looked up at run time, so ``__x`` is mangled.
    """

    name: str
    owner: ClassEntity
    entity: Entity
    what: What
    decoration: Decoration = Decoration()


ClassKey = tuple[ClassId, Span]


class _Written(msgspec.Struct, frozen=True):
    """What the live statements of a class body are, by name."""

    functions: dict[str, list[FunctionDecl]]
    typed: set[str]
    """Names that are bound and annotated in one statement."""
    bound: dict[str, Span]
    """Where a ``def`` or an assignment binds a name the last time."""


def class_key(cls: ClassEntity) -> ClassKey:
    """A short key of a class statement; ``class A(A)`` gives a name to two of them."""
    return (cls.id, cls.decl.span)


def mangled(owner: str, name: str) -> str:
    """The attribute that a class body binds by ``name``."""
    if name.startswith("__") and not name.endswith("__"):
        stripped = owner.lstrip("_")
        return f"_{stripped}{name}" if stripped else name
    return name


def is_none(entity: Entity | None) -> bool:
    """Whether a name is bound to ``None``."""
    return (
        isinstance(entity, ValueEntity)
        and isinstance(entity.expr, Literal_)
        and entity.expr.kind == "none"
    )


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
    """Reads class bodies; each member of a class once, whichever module asks for it."""

    def __init__(self, names: Names, decorators: Decorators) -> None:
        self._names = names
        self.answers = names.answers
        self.decorators = decorators

    def own_names(self, owner: ClassEntity) -> dict[str, str]:
        """Names that the class body binds, by attribute name, in the order of their binding."""
        return self.answers.get(
            ("own names", owner.id.module, id(owner.decl)), partial(self._own_names, owner)
        )

    def _own_names(self, owner: ClassEntity) -> dict[str, str]:
        return {mangled(owner.decl.name, name): name for name in self._names.own_names(owner)}

    def own(self, owner: ClassEntity, name: str) -> Member | None:
        """The member that the class body itself binds; ``name`` is the attribute's."""
        written = self.own_names(owner).get(name)
        if written is None:
            return None
        return self.answers.get(
            ("own", owner.id.module, id(owner.decl), name), partial(self._own, owner, name, written)
        )

    def _own(self, owner: ClassEntity, name: str, written: str) -> Member | None:
        entity = self._names.own_attribute(owner, written)
        return None if entity is None else self._member(owner, name, entity)

    def nearest(self, mro: Sequence[ClassEntity], name: str) -> Member | None:
        """The member that the first class in ``mro`` has that has one."""
        for cls in mro:
            member = self.own(cls, name)
            if member is not None:
                return member
        return None

    def names_in(self, mro: Sequence[ClassEntity]) -> tuple[str, ...]:
        """Every attribute name that one of these classes binds, sorted."""
        return tuple(sorted({name for cls in mro for name in self.own_names(cls)}))

    def definitions(self, owner: ClassEntity, name: str) -> tuple[FunctionDecl, ...]:
        """Every live ``def`` of that attribute in a class body, overloads and setters too."""
        written = self.own_names(owner).get(name, name)
        return tuple(self._body(owner).functions.get(written, ()))

    def has_declared_type(self, owner: ClassEntity, name: str) -> bool:
        """Whether the class body gives the attribute a type of its own, which then counts and not
        that of what it is bound to: ``forward: Callable[..., Any] = _forward_unimplemented``."""
        return self.own_names(owner).get(name, name) in self._body(owner).typed

    def bound_at(self, owner: ClassEntity, name: str) -> Span | None:
        """Where the class body binds the attribute, if a statement of it does."""
        return self._body(owner).bound.get(self.own_names(owner).get(name, name))

    def _body(self, owner: ClassEntity) -> _Written:
        return self.answers.get(
            ("written", owner.id.module, id(owner.decl)), partial(self._read_body, owner)
        )

    def _read_body(self, owner: ClassEntity) -> _Written:
        found = _Written({}, set(), {})
        for live in self._names.live(owner.decl.body, owner.id.module):
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
        """Whether ``abc`` counts the member as one that a subclass has to define."""
        if member.decoration.abstract:
            return True
        if member.what != "property" or not isinstance(member.entity, FunctionEntity):
            return False
        inside = msgspec.structs.replace(
            member.owner.scope, frames=(*member.owner.scope.frames, member.owner.decl)
        )
        return any(
            self.decorators.of(decl, inside).abstract
            for decl in self.definitions(member.owner, member.name)
        )

    def _member(self, owner: ClassEntity, name: str, entity: Entity) -> Member:
        if isinstance(entity, FunctionEntity):
            decoration = self.decorators.of(entity.decl, entity.scope)
            what: What = decoration.kind
            if entity.owner != owner.id and what == "static method":
                # ``f = Other.f`` takes the function out of its ``staticmethod``.
                what = "method"
            return Member(name, owner, entity, what, decoration)
        if isinstance(entity, LambdaEntity):
            return Member(name, owner, entity, "method")
        if isinstance(entity, ClassEntity):
            return Member(name, owner, entity, "class")
        if isinstance(entity, Unknown):
            return Member(name, owner, entity, "undecided")
        if isinstance(entity, ValueEntity) and isinstance(entity.expr, Call):
            return Member(name, owner, entity, self._made(entity.expr.func, entity))
        return Member(name, owner, entity, "plain attribute")

    def _made(self, func: Expr, value: ValueEntity) -> What:
        name = dotted_name(self._names.lookup(func, value.scope))
        return _DESCRIPTORS.get(name or "", "plain attribute")
