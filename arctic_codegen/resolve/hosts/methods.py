"""The method behind an event, with the signature that its callers see (R7, R22, R23, R29)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import FunctionDecl, TypeParam
from arctic_codegen.model.expr import (
    Expr,
    Literal_,
    Param,
    Seq,
    Starred,
    Str,
    Subscript,
    UnaryOp,
)
from arctic_codegen.model.hosts import (
    ClassId,
    Default,
    Method,
    MethodParam,
    Overload,
    Ref,
    Text,
)
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    Scope,
)
from arctic_codegen.resolve.hosts.context_managers import made_class, manager_type, yielded
from arctic_codegen.resolve.hosts.dataclass_init import dataclass_params
from arctic_codegen.resolve.hosts.events import EventTarget, NotAnEvent
from arctic_codegen.resolve.hosts.members import Member, Members
from arctic_codegen.resolve.hosts.self_types import SELF, self_variable
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.callables import Decorated

_POSITIONAL = ("positional_only", "normal")
_NONE = Text(("None",))

SeenThrough = Callable[[FunctionEntity], Decorated]
"""The signature that callers of a decorated function see."""


class _Definition(NamedTuple):
    """A ``def`` or lambda that a class has under the event's name."""

    owner: ClassId
    params: tuple[Param, ...]
    returns: Expr | None
    scope: Scope
    place: Place
    decl: FunctionDecl | None
    is_async: bool = False
    is_generator: bool = False
    behind: str = ""
    hidden: tuple[str, ...] = ()
    looks_plain: bool = False

    @property
    def generator(self) -> Literal["no", "sync", "async"]:
        if not self.is_generator:
            return "no"
        return "async" if self.is_async else "sync"


class Methods:
    """Builds the :class:`Method` of each event of a class."""

    def __init__(self, names: Names, members: Members, seen_through: SeenThrough) -> None:
        self._names = names
        self._members = members
        self._seen_through = seen_through

    def method(
        self, cls: ClassEntity, mro: Sequence[ClassEntity], target: EventTarget
    ) -> Method | NotAnEvent:
        """The method, or why its signature cannot be known."""
        member = target.member
        if member is None:
            return _of_object(cls, target.opaque)
        if member.what == "dataclass __init__":
            return self._dataclass_init(cls, member)
        nearest = self._definition(member)
        if isinstance(nearest, NotAnEvent):
            what = f"a method whose signature cannot be known: {nearest.what}"
            return msgspec.structs.replace(nearest, what=what)
        if self._members.has_declared_type(member.owner, member.name):
            nearest = nearest._replace(returns=None)
        chain = [nearest, *self._overridden(mro, member)]
        params = self._object_first(nearest.params)
        if params is None:
            return NotAnEvent("a function without a parameter for the object", member)
        if member.name == "__init__":
            returns: Text | None = _NONE
            returns_none: bool | None = True
        else:
            returns, returns_none = self._returns(cls, chain)
        decl = nearest.decl
        return Method(
            name=member.name,
            defined_in=member.owner.id,
            place=nearest.place,
            params=tuple(
                self._param(cls, [nearest] if nearest.hidden else chain, param, index)
                for index, param in enumerate(params)
            ),
            returns=returns,
            returns_none=returns_none,
            is_async=nearest.is_async and not nearest.is_generator,
            generator=nearest.generator,
            overloads=self._overloads(cls, member, nearest),
            type_ignore=None if decl is None else decl.type_ignore,
            type_params=() if decl is None else self._type_params(cls, nearest, decl),
            behind=nearest.behind,
            hidden=nearest.hidden,
            looks_plain=nearest.looks_plain,
            decorated=bool(member.decoration.others),
            borrowed=all(base.id != nearest.owner for base in mro),
        )

    def bare(self, cls: ClassEntity, target: EventTarget) -> Method:
        """The method of an event that no callback surrounds: its name and place alone.

        Its annotations are not looked up: what no output depends on is not read.
        """
        member = target.member
        if member is None:
            return _of_object(cls, target.opaque)
        if isinstance(member.entity, FunctionEntity):
            decl = member.entity.decl
            return Method(
                name=member.name,
                defined_in=member.owner.id,
                place=member.entity.place,
                params=tuple(MethodParam(param.name, param.kind) for param in decl.params),
                returns=None,
                returns_none=None if decl.returns is None else is_none_annotation(decl.returns),
                is_async=decl.is_async and not decl.is_generator,
                generator=("async" if decl.is_async else "sync") if decl.is_generator else "no",
                type_ignore=decl.type_ignore,
            )
        place = (
            member.entity.place
            if isinstance(member.entity, LambdaEntity | ClassEntity)
            else member.owner.place
        )
        return Method(
            member.name, member.owner.id, place, (MethodParam("self", "normal"),), None, None
        )

    def _definition(self, member: Member) -> _Definition | NotAnEvent:
        """The definition whose signature callers see, or why none is known."""
        entity = member.entity
        if isinstance(entity, LambdaEntity):
            return _Definition(
                member.owner.id, entity.expr.params, None, entity.scope, entity.place, None
            )
        if not isinstance(entity, FunctionEntity):
            return NotAnEvent("it is bound to no function", member)
        owner = entity.owner or member.owner.id
        if not member.decoration.others:
            decl = entity.decl
            return _Definition(
                owner,
                decl.params,
                decl.returns,
                entity.scope,
                entity.place,
                decl,
                decl.is_async,
                decl.is_generator,
            )
        seen = self._seen_through(entity)
        if not seen.known:
            return NotAnEvent(seen.reason, member, seen.hint)
        return _Definition(
            owner,
            seen.params,
            seen.returns,
            seen.scope or entity.scope,
            entity.place,
            seen.definition,
            seen.is_async,
            seen.is_generator,
            seen.definition.name if seen.definition and seen.definition is not entity.decl else "",
            seen.hidden,
            seen.looks_plain,
        )

    def _overridden(self, mro: Sequence[ClassEntity], nearest: Member) -> Iterator[_Definition]:
        """The definitions of the same method in the classes after ``nearest``, in order."""
        behind = False
        for cls in mro:
            if behind:
                member = self._members.own(cls, nearest.name)
                if (
                    member is not None
                    and member.what == "method"
                    and not self._members.has_declared_type(cls, nearest.name)
                ):
                    definition = self._definition(member)
                    if isinstance(definition, _Definition):
                        yield definition
            behind = behind or cls.id == nearest.owner.id

    def _returns(
        self, cls: ClassEntity, chain: Sequence[_Definition]
    ) -> tuple[Text | None, bool | None]:
        for definition in chain:
            if definition.returns is not None:
                made = self._context_manager(definition)
                if made is not None:
                    inner = yielded(definition.returns)
                    of = None if inner is None else self._text(cls, definition, inner)
                    return manager_type(made, of), False
                text = self._text(cls, definition, definition.returns)
                return text, is_none_annotation(definition.returns)
        return None, None

    def _context_manager(self, definition: _Definition) -> str | None:
        decorators = self._members.decorators
        return made_class(
            [
                decorators.identity(expr, definition.scope)
                for expr in (definition.decl.decorators if definition.decl else ())
            ]
        )

    def _param(
        self, cls: ClassEntity, chain: Sequence[_Definition], param: Param, index: int
    ) -> MethodParam:
        annotation: Text | None = None
        for definition in chain:
            found = _corresponding(definition.params, param, index)
            if found is not None and found.annotation is not None:
                # What is `Self` stands without an annotation.
                if found is not definition.params[0] or self._self_variable(definition) is None:
                    annotation = self._text(cls, definition, found.annotation)
                    if param.kind == "var_positional" and annotation is not None:
                        annotation = _unpacked(found.annotation, annotation)
                break
        default = None if param.default is None else default_of(param.default)
        return MethodParam(param.name, param.kind, annotation, default)

    def _text(self, cls: ClassEntity, definition: _Definition, expr: Expr) -> Text | None:
        types = self._names.type_arguments(cls, definition.owner)
        if definition.decl is not None and definition.decl.type_params:
            own = {param.name: Text((param.name,)) for param in definition.decl.type_params}
            types = {**types, **own}
        variable = self._self_variable(definition)
        if variable is not None:
            types = {**types, variable: SELF}
        return self._names.text(expr, late(definition.scope), types)

    def _self_variable(self, definition: _Definition) -> str | None:
        decl = definition.decl
        own = frozenset(
            param.name for param in (decl.type_params if decl else ()) if param.kind == "TypeVar"
        )
        first = definition.params[0] if definition.params else None
        annotation = first.annotation if first and first.kind in _POSITIONAL else None
        return self_variable(annotation, own, late(definition.scope), self._names)

    def _type_params(
        self, cls: ClassEntity, definition: _Definition, decl: FunctionDecl
    ) -> tuple[Text, ...]:
        variable = self._self_variable(definition)
        return tuple(
            declared_type_param(param, lambda expr: self._text(cls, definition, expr))
            for param in decl.type_params
            if param.name != variable
        )

    def _overloads(
        self, cls: ClassEntity, member: Member, nearest: _Definition
    ) -> tuple[Overload, ...]:
        if not isinstance(member.entity, FunctionEntity) or nearest.decl is None:
            return ()
        found = []
        for decl in self._members.definitions(member.owner, member.name):
            if not self._members.decorators.of(decl, member.entity.scope).overload:
                continue
            params = self._object_first(decl.params)
            if params is None:
                continue
            one = nearest._replace(params=params, returns=decl.returns, decl=decl)
            found.append(
                Overload(
                    params=tuple(
                        self._param(cls, [one], param, index) for index, param in enumerate(params)
                    ),
                    returns=None if decl.returns is None else self._text(cls, one, decl.returns),
                    type_ignore=decl.type_ignore,
                    type_params=self._type_params(cls, one, decl),
                )
            )
        return tuple(found)

    def _object_first(self, params: tuple[Param, ...]) -> tuple[Param, ...] | None:
        """The parameters with the object in front, also for ``def f(*args)``."""
        if params and params[0].kind in _POSITIONAL:
            return params
        if params and params[0].kind == "var_positional":
            taken = {param.name for param in params}
            name = next(n for n in ("self", "self_", "self__") if n not in taken)
            return (Param(name, "positional_only", params[0].span), *params)
        return None

    def _dataclass_init(self, cls: ClassEntity, member: Member) -> Method:
        owner = member.owner
        params = dataclass_params(cls, owner, self._names, self._members, default_of)
        return Method(
            name="__init__",
            defined_in=owner.id,
            place=owner.place,
            params=(MethodParam("self", "normal"), *params),
            returns=_NONE,
            returns_none=True,
            written_by_decorator=True,
        )


def _unpacked(expr: Expr, text: Text) -> Text:
    """``*args: *Ts`` where a subclass has given types for ``Ts``: they stand in one tuple."""
    if not isinstance(expr, Starred):
        unpack = isinstance(expr, Subscript) and show(expr.value).rpartition(".")[2] == "Unpack"
        if not unpack or (text.parts and getattr(text.parts[0], "name", "") == "Unpack"):
            return text
    elif text.parts and str(text.parts[0]).startswith("*"):
        return text
    given = text.parts or ("()",)
    return Text(("*tuple[", *given, "]"))


def is_none_annotation(expr: Expr) -> bool:
    """``None``, also as a string."""
    if isinstance(expr, Str) and expr.quoted is not None:
        expr = expr.quoted
    return isinstance(expr, Literal_) and expr.kind == "none"


def default_of(expr: Expr) -> Default:
    """A default that may be repeated as text, or one that has to be the source's object."""
    if isinstance(expr, Literal_):
        return Default(expr.text)
    if isinstance(expr, Str):
        return Default(repr(expr.value))
    if (
        isinstance(expr, UnaryOp)
        and expr.op == "-"
        and isinstance(expr.operand, Literal_)
        and expr.operand.kind in ("int", "float", "complex")
    ):
        return Default(f"-{expr.operand.text}")
    if isinstance(expr, Seq) and expr.kind == "tuple" and not expr.items:
        return Default("()")
    return Default(None)


def declared_type_param(param: TypeParam, text: Callable[[Expr], Text | None]) -> Text:
    """What stands in brackets for a parameter of PEP 695: ``T: int = bool``, ``*Ts``, ``**P``."""
    stars = {"TypeVarTuple": "*", "ParamSpec": "**"}.get(param.kind, "")
    parts: list[str | Ref] = [f"{stars}{param.name}"]
    for sign, expr in ((": ", param.bound), (" = ", param.default)):
        found = None if expr is None else text(expr)
        if found is not None:
            parts.extend((sign, *found.parts))
    return Text(tuple(parts))


def late(scope: Scope) -> Scope:
    """The scope as it is once its module has been executed."""
    return Scope(scope.module, scope.frames, None)


def _corresponding(params: tuple[Param, ...], wanted: Param, index: int) -> Param | None:
    """The parameter of an overridden method that ``wanted`` stands for."""
    if wanted.kind in ("var_positional", "var_keyword"):
        return next((param for param in params if param.kind == wanted.kind), None)
    for param in params:
        if param.name == wanted.name and not param.kind.startswith("var_"):
            return param
    if wanted.kind in _POSITIONAL and index < len(params) and params[index].kind in _POSITIONAL:
        return params[index]
    return None


def _of_object(cls: ClassEntity, opaque: bool) -> Method:
    any_ = Text((Ref("typing", "Any"),))
    params = [MethodParam("self", "normal")]
    if opaque:  # the fields of a class, what `__new__` takes, or what cannot be read
        params.append(MethodParam("args", "var_positional", any_))
        params.append(MethodParam("kwargs", "var_keyword", any_))
    return Method(
        name="__init__",
        defined_in=ClassId("builtins", "object"),
        place=cls.place,
        params=tuple(params),
        returns=_NONE,
        returns_none=True,
    )
