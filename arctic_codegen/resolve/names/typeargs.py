"""Which type arguments does a class pass to its generic ancestors (R29)?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.expr import (
    Attr,
    Call,
    Expr,
    Name,
    Str,
    Subscript,
    dotted_parts,
    named,
)
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.resolve.binder.blocks import parts_of
from arctic_codegen.resolve.entities import (
    ClassEntity,
    OpaqueEntity,
    Scope,
    ValueEntity,
)
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.mro import class_key

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

ANY = Text((Ref("typing", "Any"),))
_VARIABLES = {
    path: path.rpartition(".")[2] for path in from_typing("TypeVar", "ParamSpec", "TypeVarTuple")
}
_GENERIC = from_typing("Generic", "Protocol")


class Parameter(msgspec.Struct, frozen=True):
    """A type parameter of a class, under its name in the module of the class."""

    name: str
    kind: str
    default: Expr | None
    scope: Scope
    in_brackets: bool
    """It is declared by PEP 695 syntax, so no other module can name it."""


class Subscripted(msgspec.Struct, frozen=True):
    """The type arguments after a class name, as in ``Keep[str]("text")``."""

    items: tuple[Expr, ...]
    scope: Scope


class TypeArguments:
    """Propagates type arguments from a class to its ancestors."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def of(self, owner: ClassEntity, ancestor: ClassId) -> dict[str, Text]:
        """The type arguments of ``owner`` for the parameters of ``ancestor``, by name."""
        return self._all(owner).get(ancestor, {})

    def of_object(
        self, owner: ClassEntity, given: Subscripted | None, ancestor: ClassId
    ) -> dict[str, Text]:
        """The type arguments of an object for the parameters of ``ancestor``, by name, where
        ``given`` are those in the call that created it. No type variables remain."""
        if given is None or any(isinstance(part, Str) for part in parts_of(given.items)):
            given = Subscripted((), owner.scope)  # strings in an expression are not parsed
        types = self.erased(given.items, given.scope)
        own = self._assigned(given.scope, types, self.parameters(owner), given.items)
        return self._carry(owner, own).get(ancestor, {})

    def erased(self, annotations: Sequence[Expr], scope: Scope) -> dict[str, Text]:
        """A replacement for each type variable in annotations, by name, that is compatible with any
        type: outside its class or function a type variable has no meaning."""
        bracketed = {param.name: param.kind for one in scope.frames for param in one.type_params}
        found: dict[str, Text] = {}
        for part in parts_of(tuple(annotations)):
            if isinstance(part, Name) and part.id in bracketed:
                found[part.id] = _anything(bracketed[part.id])
            elif isinstance(part, Name | Attr) and self._names.library(part, scope) is not None:
                continue  # such annotations refer to classes of libraries, which are not read
            elif (variable := self.variable(part, scope)) is not None:
                found[variable.name] = _anything(variable.kind)
        return found

    def parameters(self, cls: ClassEntity) -> tuple[Parameter, ...]:
        """The type parameters of a class, in order."""
        return self._names.queries.get(
            ("type parameters", *class_key(cls)), lambda: self._parameters(cls), lambda: ()
        )

    def _all(self, owner: ClassEntity) -> dict[ClassId, dict[str, Text]]:
        return self._names.queries.get(
            ("type arguments", *class_key(owner)),
            lambda: self._carry(owner, self._own(owner)),
            dict,
        )

    def _own(self, owner: ClassEntity) -> dict[str, Text]:
        """The type parameters of a class as its own body refers to them."""
        own: dict[str, Text] = {}
        for parameter in self.parameters(owner):
            text = None
            if not parameter.in_brackets:
                text = self._names.text(named(parameter.name, owner.decl.span), owner.scope)
            own[parameter.name] = text or Text((parameter.name,))
        return own

    def _carry(self, owner: ClassEntity, own: dict[str, Text]) -> dict[ClassId, dict[str, Text]]:
        if not any(self.parameters(cls) for cls in self._names.mro(owner).classes):
            return {}
        given = {class_key(owner): own}
        result = {owner.id: own}
        # In C3 order a class comes before its parents, so its own arguments are already known.
        for cls in self._names.mro(owner).classes:
            types = given.get(class_key(cls), {})
            for base, args in self._bases(cls):
                if class_key(base) not in given:
                    found = self._assigned(cls.scope, types, self.parameters(base), args)
                    given[class_key(base)] = found
                    result.setdefault(base.id, found)
        return result

    def _bases(self, cls: ClassEntity) -> Iterator[tuple[ClassEntity, tuple[Expr, ...]]]:
        for expr in cls.decl.bases:
            entity = self._names.lookup(expr, cls.scope)
            if isinstance(entity, ClassEntity):
                yield entity, expr.items if isinstance(expr, Subscript) else ()

    def _assigned(
        self,
        scope: Scope,
        types: dict[str, Text],
        parameters: Sequence[Parameter],
        args: tuple[Expr, ...],
    ) -> dict[str, Text]:
        """The type arguments in brackets for the parameters of a class. From the first parameter
        that is not a ``TypeVar``, arguments are not matched: each gets a type that fits
        anything."""
        result: dict[str, Text] = {}
        rest = list(args)
        for parameter in parameters:
            if parameter.kind != "TypeVar":
                rest = []
            if rest:
                text = self._names.text(rest.pop(0), scope, types)
                result[parameter.name] = ANY if text is None else text
            else:
                result[parameter.name] = self._missing(parameter, result)
        return result

    def _missing(self, parameter: Parameter, given: dict[str, Text]) -> Text:
        if parameter.default is not None:
            text = self._names.text(parameter.default, parameter.scope, given)
            if text is not None:
                return text
        return _anything(parameter.kind)

    def _parameters(self, cls: ClassEntity) -> tuple[Parameter, ...]:
        scope = cls.scope
        if cls.decl.type_params:
            return tuple(
                Parameter(param.name, param.kind, param.default, scope, True)
                for param in cls.decl.type_params
            )
        listed: dict[str, Parameter] = {}
        found: dict[str, Parameter] = {}
        for base in cls.decl.bases:
            if isinstance(base, Subscript):
                entity = self._names.lookup(base.value, scope)
                generic = isinstance(entity, OpaqueEntity) and dotted_name(entity) in _GENERIC
                into = listed if generic else found
                for part in parts_of(base.items):
                    variable = self.variable(part, scope)
                    if variable is not None:
                        into.setdefault(variable.name, variable)
        return tuple((listed or found).values())

    def variable(self, expr: object, scope: Scope) -> Parameter | None:
        """The type variable that a name refers to."""
        if not isinstance(expr, (Name, Attr)):
            return None
        entity, name = self._names.lookup(expr, scope), dotted(expr)
        if name is None or not isinstance(entity, ValueEntity) or not isinstance(entity.expr, Call):
            return None
        made_by = dotted_name(self._names.lookup(entity.expr.func, entity.scope))
        if made_by not in _VARIABLES:
            return None
        default = next((arg.value for arg in entity.expr.args if arg.keyword == "default"), None)
        return Parameter(name, _VARIABLES[made_by], default, scope, False)


def _anything(kind: str) -> Text:
    """A replacement for a type variable that is compatible with any type."""
    if kind == "ParamSpec":
        return Text(("...",))
    if kind == "TypeVarTuple":
        return Text(("tuple[", Ref("typing", "Any"), ", ...]"))
    return ANY


def dotted(expr: Expr) -> str | None:
    """``a.b.c`` as text; ``None`` for anything else."""
    parts = dotted_parts(expr)
    return None if parts is None else ".".join(parts)
