"""Which method is behind an event, and which signature do callers see (R7, R22, R23, R29)?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Literal, NamedTuple

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import ClassDecl, FunctionDecl
from arctic_codegen.model.expr import Expr, Param, is_none_literal, unquoted
from arctic_codegen.model.hosts import ClassId, Method
from arctic_codegen.model.parameters import CallbackSignature, MethodParam, Overload, Taken
from arctic_codegen.model.text import Text
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    Scope,
    Unknown,
)
from arctic_codegen.resolve.hosts.copied_expressions import (
    SELF,
    copied_default,
    declared_type_param,
    self_variable,
)
from arctic_codegen.resolve.hosts.dataclass_init import dataclass_params
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.events import EventTarget, NotAnEvent
from arctic_codegen.resolve.hosts.members import Member, Members
from arctic_codegen.resolve.names.typeargs import ANY
from arctic_codegen.resolve.values.records import Function
from arctic_codegen.resolve.values.values import Values

_POSITIONAL = ("positional_only", "normal")
_NONE = Text(("None",))
_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_CACHES = frozenset({"functools.lru_cache", "functools.cache"})
_OVERRIDES_A_CACHE = "type: ignore[override, unused-ignore]"
"""Type checkers have an object in place of the method, which no method can override."""
_INFERRED = "pyright: ignore[reportIncompatibleMethodOverride]"
"""pyright infers what the method returns, such as ``Literal[1]``, where the method that it
overrides says ``int``."""


class _Definition(NamedTuple):
    """The ``def`` or lambda of a class for an event, with the signature that callers see."""

    owner: ClassId
    params: tuple[Param, ...]
    returns: Expr | None
    scope: Scope
    place: Place
    decl: FunctionDecl | None
    seen: Function | None = None
    """The result of its decorators, if some are not known by name."""


class Methods:
    """Builds the :class:`Method` of each event of a class."""

    def __init__(self, members: Members, values: Values) -> None:
        self._names = members.names
        self._members = members
        self._values = values

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
            return nearest
        if self._members.has_declared_type(member.owner, member.name):
            nearest = nearest._replace(returns=None)
        chain = [nearest, *self._overridden(mro, member)]
        params = self._object_first(nearest.params)
        if params is None:
            return NotAnEvent(message("AC202", "without-object"), member)
        if member.name == "__init__":
            returns: Text | None = _NONE
            returns_none: bool | None = True
        else:
            returns, returns_none = self._returns(cls, chain)
        decl = nearest.decl
        seen = nearest.seen
        hidden = () if seen is None else seen.hidden
        kind = seen or decl
        replaced = decl is not None and decl is not getattr(member.entity, "decl", None)
        return Method(
            name=member.name,
            defined_in=member.owner.id,
            place=nearest.place,
            params=tuple(
                self._param(cls, [nearest] if hidden else chain, param, index)
                for index, param in enumerate(params)
            ),
            returns=returns,
            returns_none=returns_none,
            is_async=kind is not None and kind.is_async and not kind.is_generator,
            generator=_generator(kind),
            overloads=self._overloads(cls, member, nearest),
            type_ignore=self._type_ignore(nearest, inherits=returns_none is False),
            type_params=() if decl is None else self._type_params(cls, nearest, decl),
            behind=decl.name if decl is not None and replaced else "",
            hidden=hidden,
            hides_async=seen is not None and seen.hides_async,
            may_be_untyped=bool(member.decoration.others) or self._is_of_untyped_class(member),
            called_untyped=isinstance(member.entity, LambdaEntity)
            or all(base.id != nearest.owner for base in mro),
        )

    def bare(self, cls: ClassEntity, target: EventTarget) -> Method:
        """The method of an event without callbacks: only its name and place.

        Its signature is not read, since no output depends on it.
        """
        member = target.member
        if member is None:
            return _of_object(cls, target.opaque)
        entity, place = member.entity, member.owner.place
        if isinstance(entity, FunctionEntity | LambdaEntity | ClassEntity):
            place = entity.place
        return Method(
            member.name, member.owner.id, place, (MethodParam("self", "normal"),), None, None
        )

    def of_callback(self, declaration: Declaration, cls: ClassEntity) -> CallbackSignature:
        """How a callback is called; ``cls`` determines the values of type parameters."""
        value, names = declaration.callable, self._names
        params = value.params or ()
        types: dict[str, Text] = {}
        variable = None
        if declaration.kind == "entry":
            types = self._types_of_entry(value)
        else:
            if declaration.defined_in is not None:
                types = names.type_arguments(cls, declaration.defined_in)
            if params and value.definition is not None:
                own = frozenset(param.name for param in value.definition.type_params)
                variable = self_variable(params[0].annotation, own, value.scope.late, names)
        if variable is not None:
            types = {**types, variable: SELF}

        def text(expr: Expr | None) -> Text | None:
            return None if expr is None else names.text(expr, value.scope.late, types)

        return CallbackSignature(
            takes=tuple(
                Taken(param.name, param.kind == "keyword_only", text(param.annotation))
                for param in params[1:]
            ),
            is_async=value.is_async,
            object_name=params[0].name if params else "",
            object_annotation=text(params[0].annotation) if params and not variable else None,
            returns=text(value.returns),
        )

    def _types_of_entry(self, value: Function) -> dict[str, Text]:
        """The values of type variables in a module that names the type of an entry."""
        scope, definition = value.scope.late, value.definition
        annotations = [value.returns, *(param.annotation for param in value.params or ())]
        types = self._names.type_params.erased([one for one in annotations if one], scope)
        if definition is not None:
            types.update((param.name, ANY) for param in definition.type_params)
        receiver = value.receiver
        if receiver is not None and isinstance(scope.frame, ClassDecl):
            ancestor = ClassId(scope.module, scope.frame.qualname)
            owner, given = receiver.owner, receiver.type_args
            types.update(self._names.type_params.of_object(owner, given, ancestor))
        return types

    def _definition(self, member: Member) -> _Definition | NotAnEvent:
        """The definition whose signature callers see, or why it is not known."""
        entity = member.entity
        if isinstance(entity, LambdaEntity):
            return _Definition(
                member.owner.id, entity.expr.params, None, entity.scope, entity.place, None
            )
        if not isinstance(entity, FunctionEntity):
            return NotAnEvent(message("AC202", "not-a-function"), member)
        owner, decl = entity.owner or member.owner.id, entity.decl
        if not member.decoration.others:
            return _Definition(owner, decl.params, decl.returns, entity.scope, entity.place, decl)
        seen = self._values.decorated(entity)
        if isinstance(seen, Unknown):
            why = message("AC202", "unknown-signature", reason=seen.why)
            return NotAnEvent(why, member)
        return _Definition(
            owner, seen.taken, seen.returns, seen.scope, entity.place, seen.definition, seen
        )

    def _overridden(self, mro: Sequence[ClassEntity], nearest: Member) -> Iterator[_Definition]:
        """The definitions of the same method in the classes after ``nearest``, in order."""
        ids = [cls.id for cls in mro]
        for cls in mro[ids.index(nearest.owner.id) + 1 :] if nearest.owner.id in ids else ():
            member = self._members.own(cls, nearest.name)
            if member is None or member.what != "method":
                continue
            if not self._members.has_declared_type(cls, nearest.name):
                definition = self._definition(member)
                if isinstance(definition, _Definition):
                    yield definition

    def _returns(
        self, cls: ClassEntity, chain: Sequence[_Definition]
    ) -> tuple[Text | None, bool | None]:
        for definition in chain:
            returns = definition.returns
            if returns is None:
                continue
            decorators = definition.decl.decorators if definition.decl else ()
            identity = self._members.decorators.identity
            if any(identity(expr, definition.scope) in _MANAGERS for expr in decorators):
                return ANY, False  # the annotation is that of the generator, not of the result
            return self._text(cls, definition, returns), is_none_annotation(returns)
        return None, None

    def _param(
        self, cls: ClassEntity, chain: Sequence[_Definition], param: Param, index: int
    ) -> MethodParam:
        annotation: Text | None = None
        for definition in chain:
            found = _corresponding(definition.params, param, index)
            if found is not None and found.annotation is not None:
                # A `self` that means `Self` has no annotation.
                if found is not definition.params[0] or self._self_variable(definition) is None:
                    annotation = self._text(cls, definition, found.annotation)
                break
        default = None if param.default is None else copied_default(param.default)
        return MethodParam(param.name, param.kind, annotation, default)

    def _text(self, cls: ClassEntity, definition: _Definition, expr: Expr) -> Text | None:
        types = self._names.type_arguments(cls, definition.owner)
        if definition.decl is not None and definition.decl.type_params:
            own = {param.name: Text((param.name,)) for param in definition.decl.type_params}
            types = {**types, **own}
        variable = self._self_variable(definition)
        if variable is not None:
            types = {**types, variable: SELF}
        return self._names.text(expr, definition.scope.late, types)

    def _self_variable(self, definition: _Definition) -> str | None:
        decl = definition.decl
        own = frozenset(
            param.name for param in (decl.type_params if decl else ()) if param.kind == "TypeVar"
        )
        first = definition.params[0] if definition.params else None
        annotation = first.annotation if first and first.kind in _POSITIONAL else None
        return self_variable(annotation, own, definition.scope.late, self._names)

    def _type_params(
        self, cls: ClassEntity, definition: _Definition, decl: FunctionDecl
    ) -> tuple[Text, ...]:
        variable = self._self_variable(definition)
        return tuple(
            declared_type_param(param, partial(self._text, cls, definition))
            for param in decl.type_params
            if param.name != variable
        )

    def _is_of_untyped_class(self, member: Member) -> bool:
        """Whether type checkers may see ``Any`` in place of a library's class, as of transformers'
        ``@requires(...) class Trainer``."""
        library = self._names.source(member.owner.id.module).installed
        return library and self._members.decorators.may_change(member.owner)

    def _type_ignore(self, definition: _Definition, *, inherits: bool) -> str | None:
        """The comment of the ``def``, or one for what type checkers infer without it. ``inherits``
        says that some definition has a return annotation."""
        decl = definition.decl
        if decl is None or decl.type_ignore is not None:
            return None if decl is None else decl.type_ignore
        identity = self._members.decorators.identity
        if any(identity(one, definition.scope) in _CACHES for one in decl.decorators):
            return _OVERRIDES_A_CACHE
        return _INFERRED if inherits and decl.returns is None else None

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
        """The parameters with ``self`` first, also for ``def f(*args)``."""
        if params and params[0].kind in _POSITIONAL:
            return params
        if params and params[0].kind == "var_positional":
            taken = {param.name for param in params}
            name = next(n for n in ("self", "self_", "self__") if n not in taken)
            return (Param(name, "positional_only", params[0].span), *params)
        return None

    def _dataclass_init(self, cls: ClassEntity, member: Member) -> Method | NotAnEvent:
        owner = member.owner
        params = dataclass_params(cls, owner, self._members)
        positional = [param for param in params if param.kind == "normal"]
        for before, after in pairwise(positional):
            if before.default is not None and after.default is None:
                why = message("AC202", "fields-out-of-order", field=after.name, before=before.name)
                return NotAnEvent(why, member)
        return Method(
            name="__init__",
            defined_in=owner.id,
            place=owner.place,
            params=(MethodParam("self", "normal"), *params),
            returns=_NONE,
            returns_none=True,
            written_by_decorator=True,
        )


def is_none_annotation(expr: Expr) -> bool:
    """``None``, also as a string."""
    return is_none_literal(unquoted(expr))


def _generator(
    kind: FunctionDecl | Function | None,
) -> Literal["no", "sync", "async"]:
    if kind is None or not kind.is_generator:
        return "no"
    return "async" if kind.is_async else "sync"


def _corresponding(params: tuple[Param, ...], wanted: Param, index: int) -> Param | None:
    """The parameter of an overridden method that corresponds to ``wanted``."""
    if wanted.kind in ("var_positional", "var_keyword"):
        return next((param for param in params if param.kind == wanted.kind), None)
    for param in params:
        if param.name == wanted.name and not param.kind.startswith("var_"):
            return param
    if wanted.kind in _POSITIONAL and index < len(params) and params[index].kind in _POSITIONAL:
        return params[index]
    return None


def _of_object(cls: ClassEntity, opaque: bool) -> Method:
    params = [MethodParam("self", "normal")]
    if opaque:  # fields of a class, parameters of `__new__`, or an unreadable base
        params.append(MethodParam("args", "var_positional", ANY))
        params.append(MethodParam("kwargs", "var_keyword", ANY))
    return Method(
        name="__init__",
        defined_in=ClassId("builtins", "object"),
        place=cls.place,
        params=tuple(params),
        returns=_NONE,
        returns_none=True,
    )
