"""Class attributes that name host classes, and tests against them (R30)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from arctic_codegen.model.expr import Attr, Expr, Name, Str, Subscript, unquoted
from arctic_codegen.model.hosts import ClassId, HostAttribute, Ref, Text
from arctic_codegen.resolve.entities import ClassEntity, Scope, ValueEntity
from arctic_codegen.resolve.hosts.class_facts import ClassFacts
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.names.identity import is_union


class HostAttributes:
    """Reads class attributes in which a compiled class has compiled classes."""

    def __init__(self, members: Members, facts: ClassFacts) -> None:
        self._names = members.names
        self._members = members
        self._facts = facts

    def of(self, mro: Sequence[ClassEntity]) -> tuple[HostAttribute, ...]:
        """The nearest attribute of each name, sorted."""
        found: dict[str, HostAttribute] = {}
        decided: set[str] = set()
        for cls in mro:
            here, others = self._members.once("attributes", cls, partial(self._own, cls))
            for name in here.keys() - decided:
                found[name] = here[name]
            decided.update(here, others)
        return tuple(found[name] for name in sorted(found))

    def _own(self, cls: ClassEntity) -> tuple[dict[str, HostAttribute], frozenset[str]]:
        """Those that the class body itself states, and the names that it binds or annotates."""
        here: dict[str, HostAttribute] = {}
        annotated = list(self._members.annotated(cls))
        for name, annotation in annotated:
            classes = self._classes_in(annotation, cls.inside)
            if classes:
                text = self._text(annotation, cls.inside)
                here[name] = HostAttribute(name, "annotation", classes, text)
        own = self._members.own_names(cls)
        for name in own:
            member = None
            if not self._facts.is_of_library((cls,), name):
                member = self._members.own(cls, name)
            held = None if member is None else member.entity
            if isinstance(held, ClassEntity) and self._facts.is_host(held):
                here[name] = HostAttribute(name, "value", (held.id,))
        return here, frozenset(own).union(name for name, _ in annotated)

    def _text(self, expr: Expr, scope: Scope) -> Text | None:
        """The annotation, in which each host class is one reference, nested ones too."""
        expr = unquoted(expr) or expr
        if isinstance(expr, Subscript) and self._is_union(expr.value, scope):
            head = self._names.text(expr.value, scope)
            items = [self._text(item, scope) for item in expr.items]
            if head is None:
                return None
            parts: list[str | Ref] = [*head.parts, "["]
            for number, item in enumerate(items):
                if item is None:
                    return None
                parts.extend([", "] if number else [])
                parts.extend(item.parts)
            return Text((*parts, "]"))
        entity = self._names.lookup(expr, scope) if isinstance(expr, Name | Attr) else None
        if isinstance(entity, ClassEntity) and self._facts.is_host(entity):
            return Text((Ref(entity.id.module, entity.id.name),))
        if isinstance(entity, ValueEntity) and self._classes_in(entity.expr, entity.scope):
            return self._text(entity.expr, entity.scope)
        return self._names.text(expr, scope)

    def _classes_in(self, expr: Expr | None, scope: Scope) -> tuple[ClassId, ...]:
        if isinstance(expr, Str):
            return self._classes_in(expr.quoted, scope)
        if isinstance(expr, Subscript) and self._is_union(expr.value, scope):
            named = (cls for item in expr.items for cls in self._classes_in(item, scope))
            return tuple(dict.fromkeys(named))
        if isinstance(expr, Name | Attr) and not self._facts.libraries.is_annotation(expr, scope):
            entity = self._names.lookup(expr, scope)
            if isinstance(entity, ClassEntity) and self._facts.is_host(entity):
                return (entity.id,)
            if isinstance(entity, ValueEntity) and isinstance(entity.expr, Subscript):
                return self._classes_in(entity.expr, entity.scope)  # an alias of a union
        return ()

    def _is_union(self, expr: Expr, scope: Scope) -> bool:
        if self._facts.libraries.is_annotation(expr, scope):
            return False
        return is_union(self._names.lookup(expr, scope))
