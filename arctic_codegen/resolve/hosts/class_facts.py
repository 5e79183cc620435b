"""Which properties does a host class have apart from callbacks: abstract, final, registered?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.frameworks.framework import Framework
from arctic_codegen.frameworks.table import BUILDING_BLOCKS, framework_of, is_mixin
from arctic_codegen.model.expr import Attr, Expr, Name, Str, Subscript, unquoted
from arctic_codegen.model.hosts import ClassId, HostAttribute
from arctic_codegen.model.parameters import ClassTypeParam
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.resolve.entities import ClassEntity, Scope, ValueEntity
from arctic_codegen.resolve.hosts.copied_expressions import declared_type_param
from arctic_codegen.resolve.hosts.decorators import keyword_flag
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.names.identity import dotted_name, is_protocol, is_union
from arctic_codegen.resolve.values.values import Values


class ClassFacts:
    """Answers simple questions about classes."""

    def __init__(self, members: Members, values: Values) -> None:
        self._names = members.names
        self._values = values
        self._members = members
        self._libraries = members.libraries

    def is_host(self, cls: ClassEntity) -> bool:
        """Whether the class derives from a mixin and is not one itself."""
        return self.framework(cls) is not None

    def framework(self, cls: ClassEntity) -> Framework | None:
        """The framework whose mixin the class derives from."""
        return self._members.once("framework", cls, partial(self._framework, cls))

    def _framework(self, cls: ClassEntity) -> Framework | None:
        if is_mixin(cls.id) or self._libraries.is_library_class(cls):
            return None
        mro = self._names.mro(cls)
        ancestors = list(mro.classes)
        if mro.problem is not None and not mro.problem.too_deep:
            bases = (base for base in self._members.bases(cls) if isinstance(base, ClassEntity))
            ancestors += (one for base in bases for one in self._names.mro(base).classes)
        return framework_of(one.id for one in ancestors)

    def root(self, mro: Sequence[ClassEntity]) -> ClassEntity:
        """The host class nearest to the mixin; the class itself if its MRO is invalid."""
        return [mro[0], *(cls for cls in mro if self.is_host(cls))][-1]

    def kind(self, root: ClassId) -> str | None:
        """The building block that a root class is."""
        name = root.name.rpartition(".")[2]
        return name if name in BUILDING_BLOCKS else None

    def is_abstract(self, mro: Sequence[ClassEntity]) -> bool:
        """Whether Python cannot instantiate the class: it is abstract or a protocol."""
        if any(map(is_protocol, self._members.bases(mro[0]))):
            return True
        for cls in reversed(mro):
            names = self._abstract_names(cls)  # the bases first, to avoid deep recursion
        return bool(names)

    def _abstract_names(self, cls: ClassEntity) -> frozenset[str]:
        """``__abstractmethods__`` as ``ABCMeta`` computes it, from the class body and the sets of
        the bases: an abstract method of a base without ``ABCMeta`` does not count."""
        return self._members.once("abstract", cls, partial(self._computed_abstract_names, cls))

    def _computed_abstract_names(self, cls: ClassEntity) -> frozenset[str]:
        order = self._names.mro(cls)
        if order.problem is not None or not self._names.mros.refuses_abstract(cls):
            return frozenset()
        mro = order.classes
        names = set(self._members.own_names(cls))
        for base in self._members.bases(cls):
            if isinstance(base, ClassEntity):
                names |= self._abstract_names(base)
        found = set()
        for name in names:
            member = self._members.looked_up(self.framework(cls), mro, name)
            is_abstract = member is not None and self._members.is_abstract(member)
            if is_abstract and not self.is_of_library(mro, name):
                found.add(name)
        return frozenset(found)

    def registry(self, cls: ClassEntity, framework: Framework) -> Literal["none", "kept", "root"]:
        """How a registry metaclass handles this class: not at all, or as an entry or root."""
        metaclass = self._names.mros.metaclass_of(cls)
        if metaclass is None or metaclass not in map(str, framework.registries):
            return "none"
        bases = map(dotted_name, self._members.bases(cls))
        return "root" if "abc.ABC" in bases else "kept"

    def registered_name(self, cls: ClassEntity) -> tuple[str, Place] | None:
        """The ``name = "..."`` in the class body, and its place."""
        found: tuple[str, Place] | None = None
        for stmt in self._members.assignments(cls):
            targets = [target.id for target in stmt.targets if isinstance(target, Name)]
            if stmt.value is not None and "name" in targets:
                text = self._values.string(stmt.value, cls.body)
                if text is not None:
                    found = (text, Place(cls.place.path, stmt.value.span))
        return found

    def has_slots(self, cls: ClassEntity) -> bool:
        """Whether the class declares slots, so that it adds no ``__dict__`` to its objects."""
        decorator = self._members.decorators.dataclass(cls)
        said = None if decorator is None else keyword_flag(decorator, "slots")
        return "__slots__" in self._members.own_names(cls) if said is None else said

    def type_params(self, cls: ClassEntity) -> tuple[ClassTypeParam, ...]:
        """The type parameters of a class, in order."""
        bracketed = {param.name: param for param in cls.decl.type_params}
        own = {name: Text((name,)) for name in bracketed}

        def text(expr: Expr) -> Text | None:
            return self._names.text(expr, cls.body, own)

        found = []
        for param in self._names.type_params.parameters(cls):
            star = "*" if param.kind == "TypeVarTuple" else ""
            declaration, ref = None, None
            if param.in_brackets:
                declaration = declared_type_param(bracketed[param.name], text)
            else:
                ref = self._names.reference(param.name, cls.scope.late)
            # `typing.Unpack` is not needed: only generated code for newer Pythons has `*`.
            found.append(ClassTypeParam(param.name, ref, declaration, f"{star}{param.name}"))
        return tuple(found)

    def is_of_library(self, mro: Sequence[ClassEntity], name: str) -> bool:
        """Whether the nearest class that binds an attribute binds it to an object of a library."""
        cls = next((one for one in mro if name in self._members.own_names(one)), None)
        if cls is None:
            return False
        return self._libraries.is_bound(self._members.own_names(cls)[name], cls.body)

    def attributes(self, mro: Sequence[ClassEntity]) -> tuple[HostAttribute, ...]:
        """Class attributes that name host classes, the nearest of each name, sorted (R30)."""
        found: dict[str, HostAttribute] = {}
        decided: set[str] = set()
        for cls in mro:
            here, others = self._members.once("attributes", cls, partial(self._own_attributes, cls))
            for name in here.keys() - decided:
                found[name] = here[name]
            decided.update(here, others)
        return tuple(found[name] for name in sorted(found))

    def _own_attributes(self, cls: ClassEntity) -> tuple[dict[str, HostAttribute], frozenset[str]]:
        """Those in the class body itself, and all names that it binds or annotates."""
        here: dict[str, HostAttribute] = {}
        annotated = list(self._members.annotated(cls))
        for name, annotation in annotated:
            classes = self._classes_in(annotation, cls.body)
            if classes:
                text = self._annotation(annotation, cls.body)
                here[name] = HostAttribute(name, "annotation", classes, text)
        own = self._members.own_names(cls)
        for name in own:
            member = None
            if not self.is_of_library((cls,), name):
                member = self._members.own(cls, name)
            held = None if member is None else member.entity
            if isinstance(held, ClassEntity) and self.is_host(held):
                here[name] = HostAttribute(name, "value", (held.id,))
        return here, frozenset(own).union(name for name, _ in annotated)

    def _annotation(self, expr: Expr, scope: Scope) -> Text | None:
        """The annotation, with a reference for each host class, including nested ones."""
        expr = unquoted(expr) or expr
        if isinstance(expr, Subscript) and self._is_union(expr.value, scope):
            head = self._names.text(expr.value, scope)
            items = [self._annotation(item, scope) for item in expr.items]
            parts = [part for item in items if item is not None for part in (", ", *item.parts)]
            if head is None or None in items:
                return None
            return Text((*head.parts, "[", *parts[1:], "]"))
        entity = self._names.lookup(expr, scope) if isinstance(expr, Name | Attr) else None
        if isinstance(entity, ClassEntity) and self.is_host(entity):
            return Text((Ref(entity.id.module, entity.id.name),))
        if isinstance(entity, ValueEntity) and self._classes_in(entity.expr, entity.scope):
            return self._annotation(entity.expr, entity.scope)
        return self._names.text(expr, scope)

    def _classes_in(self, expr: Expr | None, scope: Scope) -> tuple[ClassId, ...]:
        if isinstance(expr, Str):
            return self._classes_in(expr.quoted, scope)
        if isinstance(expr, Subscript) and self._is_union(expr.value, scope):
            named = (cls for item in expr.items for cls in self._classes_in(item, scope))
            return tuple(dict.fromkeys(named))
        if isinstance(expr, Name | Attr) and not self._libraries.names(expr, scope, typing=True):
            entity = self._names.lookup(expr, scope)
            if isinstance(entity, ClassEntity) and self.is_host(entity):
                return (entity.id,)
            if isinstance(entity, ValueEntity) and isinstance(entity.expr, Subscript):
                return self._classes_in(entity.expr, entity.scope)  # an alias of a union
        return ()

    def _is_union(self, expr: Expr, scope: Scope) -> bool:
        of_library = self._libraries.names(expr, scope, typing=True)
        return not of_library and is_union(self._names.lookup(expr, scope))
