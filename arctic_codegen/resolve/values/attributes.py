"""Attributes of modules, classes and objects, and what is called when an object is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Union, cast

import msgspec

from arctic_codegen.model.decls import Assign
from arctic_codegen.model.expr import Attr, Expr, Name, Param
from arctic_codegen.resolve.entities import ClassEntity, Entity, OpaqueEntity, Unknown
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import wrappers
from arctic_codegen.resolve.values.records import (
    EMPTY,
    Argument,
    Class,
    Const,
    EnumMember,
    Function,
    Instance,
    Module,
    Opaque,
    Path,
    Special,
    Thunk,
    Undecided,
    Value,
    describe,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

Holder = Union[Class, Instance]

_BARE = {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"}
"""Bases that bring no attributes that a callback could be."""


def attribute(evaluator: Evaluator, base: Value, name: str, thunk: Thunk) -> Value:
    """``base.name``, where ``thunk`` holds the whole expression."""
    match base:
        case Module(name=module):
            return evaluator.follow(_of_module(evaluator, module, name, thunk), thunk)
        case Class(entity=entity):
            return _of_class(evaluator, base, entity, name, thunk)
        case Instance():
            return _of_instance(evaluator, base, name, thunk)
        case EnumMember() if name in ("value", "_value_"):
            return evaluator.evaluate(base.thunk)
        case EnumMember() if name in ("name", "_name_"):
            return Const(base.name)
        case Function() if name in ("__name__", "__qualname__") and base.reachable is not None:
            path = base.reachable[1]
            return Const(path if name == "__qualname__" else path.rpartition(".")[2])
        case Undecided():
            return _of_undecided(evaluator, base, thunk)
        case Opaque(module=module, name=path):
            return Opaque(module, f"{path}.{name}")
    return Undecided(f"'{show(thunk.expr)}' cannot be determined statically", thunk.place)


def _of_module(evaluator: Evaluator, module: str, name: str, thunk: Thunk) -> Entity:
    if is_dotted(thunk.expr) and thunk.env.find(_root(thunk.expr)) is None:
        return evaluator.names.lookup(thunk.expr, thunk.scope)
    return evaluator.names.module_attribute(module, name)


def _of_undecided(evaluator: Evaluator, base: Undecided, thunk: Thunk) -> Value:
    """A dotted name may be found where its first part alone is not."""
    if is_dotted(thunk.expr) and thunk.env.find(_root(thunk.expr)) is None:
        entity = evaluator.names.lookup(thunk.expr, thunk.scope)
        if not isinstance(entity, Unknown):
            found = evaluator.follow(entity, thunk)
            return base if isinstance(found, Undecided) else found
    return base


def _of_class(
    evaluator: Evaluator, base: Class, entity: ClassEntity, name: str, thunk: Thunk
) -> Value:
    if name == "callbacks":
        return evaluator.class_list(entity, thunk.scope)
    if name == "__name__":
        return Const(entity.decl.name)
    if name == "__qualname__":
        return Const(entity.decl.qualname)
    found = evaluator.names.class_attribute(entity, name)
    if found is None:
        return _lacks(evaluator, entity, name, thunk)
    member = _enum_member(evaluator, entity, name, thunk)
    if member is not None:
        return member
    value = evaluator.follow(found, thunk)
    if isinstance(value, Function):
        if value.kind == "class method":
            return bound(evaluator, value, base, thunk)
        if value.kind == "property":
            return Undecided(f"'{show(thunk.expr)}' is a property", thunk.place, code="AC215")
        if value.kind == "static method":
            return msgspec.structs.replace(value, kind="function")
    return value


def _lacks(evaluator: Evaluator, entity: ClassEntity, name: str, thunk: Thunk) -> Undecided:
    mro = evaluator.names.mro(entity)
    if mro.unknown_bases or mro.problem or _unread_bases(evaluator, entity) - _BARE:
        return Undecided(
            f"'{entity.id.name}' may inherit '{name}' from a base that cannot be read", thunk.place
        )
    return Undecided(f"'{entity.id.name}' has no attribute '{name}'", thunk.place, missing=True)


def _enum_member(
    evaluator: Evaluator, entity: ClassEntity, name: str, thunk: Thunk
) -> EnumMember | None:
    bases = _unread_bases(evaluator, entity)
    if name.startswith("_") or not any(base.startswith("enum.") for base in bases):
        return None
    own = evaluator.names.own_attribute(entity, name)
    if own is None:
        return None
    value = getattr(own, "expr", None)
    place = getattr(own, "place", None)
    scope = getattr(own, "scope", None)
    if value is None or place is None or scope is None:
        return None
    text: Literal["no", "str", "StrEnum"] = "no"
    if "enum.StrEnum" in bases:
        text = "StrEnum"
    elif "builtins.str" in bases:
        text = "str"
    return EnumMember(entity, name, Thunk(value, scope, place), text)


def named_tuple_fields(evaluator: Evaluator, entity: ClassEntity) -> dict[str, Thunk | None] | None:
    """The fields of a ``NamedTuple`` class with their defaults; ``None`` for any other class."""
    bases = [evaluator.names.lookup(base, entity.scope) for base in entity.decl.bases]
    if not any(
        isinstance(base, OpaqueEntity) and (base.module, base.name) == ("typing", "NamedTuple")
        for base in bases
    ):
        return None
    fields: dict[str, Thunk | None] = {}
    for stmt in entity.decl.body:
        if isinstance(stmt, Assign) and stmt.annotation is not None:
            (target,) = stmt.targets
            if isinstance(target, Name):
                place = msgspec.structs.replace(entity.place, span=stmt.span)
                fields[target.id] = (
                    None if stmt.value is None else Thunk(stmt.value, entity.scope, place)
                )
    return fields


def _unread_bases(evaluator: Evaluator, entity: ClassEntity) -> set[str]:
    """The dotted names of what a class and its ancestors are derived from outside of any text."""
    return {
        f"{found.module}.{found.name}"
        for cls in evaluator.names.mro(entity).classes
        for base in cls.decl.bases
        if isinstance(found := evaluator.names.lookup(base, cls.scope), OpaqueEntity)
    }


def _of_instance(evaluator: Evaluator, base: Instance, name: str, thunk: Thunk) -> Value:
    found = evaluator.names.class_attribute(base.entity, name)
    if found is not None:
        value = evaluator.follow(found, thunk)
        if isinstance(value, Function):
            if value.kind == "static method":
                return msgspec.structs.replace(value, kind="function")
            if value.kind == "class method":
                return bound(evaluator, value, Class(base.entity), thunk)
            if value.kind == "function":
                return bound(evaluator, value, base, thunk)
    return Undecided(
        f"'{show(thunk.expr)}' is an attribute of an object, which cannot be determined statically",
        thunk.place,
    )


def bound(
    evaluator: Evaluator, function: Function, holder: Holder, thunk: Thunk
) -> Function | Undecided:
    """A method with its object, or its class, already given."""
    name = function.reachable[1].rpartition(".")[2] if function.reachable else None
    if isinstance(thunk.expr, Attr):
        name = thunk.expr.attr
    path = holder_path(evaluator, holder)
    identity = (
        ("class", holder.entity.id.module, holder.entity.id.name)
        if isinstance(holder, Class)
        else holder.identity
    )
    params = function.params
    if params is not None:
        rest = without_first(params)
        if rest is None:
            return Undecided(
                f"'{function.qualname}' takes no object that it could be bound to",
                function.place,
                code="AC215",
            )
        params = rest
    if (wrong := wrappers.inside(function, "the method of an object", thunk)) is not None:
        return wrong
    given = Thunk(thunk.expr, thunk.scope, thunk.place, EMPTY, value=holder)
    return msgspec.structs.replace(
        function,
        params=params,
        bound=(Argument(given), *function.bound),
        is_object=True,
        identity=("bound", *identity, *function.identity),
        reachable=None if path is None or name is None else (path[0], f"{path[1]}.{name}"),
        kind="function",
        entity=None,
        lambda_=None,
    )


def without_first(params: tuple[Param, ...]) -> tuple[Param, ...] | None:
    """The parameters that are left when one positional argument has been given."""
    if params and params[0].kind in ("positional_only", "normal"):
        return params[1:]
    return params if any(param.kind == "var_positional" for param in params) else None


def holder_path(evaluator: Evaluator, holder: Holder) -> Path | None:
    """Where a program finds a class or an object."""
    if isinstance(holder, Instance):
        return holder.reachable
    module, name = holder.entity.id.module, holder.entity.id.name
    first, *rest = name.split(".")
    found: Entity | None = evaluator.names.module_attribute(module, first)
    for part in rest:
        if not isinstance(found, ClassEntity):
            return None
        found = evaluator.names.own_attribute(found, part)
    if not isinstance(found, ClassEntity) or found.decl.span != holder.entity.decl.span:
        return None
    return (module, name) if found.id == holder.entity.id else None


def callable_of(evaluator: Evaluator, value: Value, thunk: Thunk) -> Function | Undecided:
    """The signature of what can be called; its identity is that of the object itself."""
    match value:
        case Function(kind="class method" | "property"):
            return Undecided(
                f"a {value.kind} cannot be called as it stands in the class body",
                value.place,
                code="AC215",
                hint="write it as a plain function",
            )
        case Function():
            return value
        case Instance():
            return _instance_call(evaluator, value, thunk)
        case Class(entity=entity):
            return Undecided(
                f"calling the class '{entity.id.name}' only makes an object",
                entity.place,
                code="AC215",
                hint="write a function that does what the callback is to do, or give an object "
                "of a class that has '__call__'",
            )
        case Opaque(module=module, name=name):
            full = name if module == "builtins" else f"{module}.{name}"
            return Undecided(f"the source of '{full}' cannot be read", code="AC414")
        case Special(name=name):
            return Undecided(f"'{name}' cannot be read", code="AC414")
        case Undecided():
            return value
    return Undecided(f"it is {describe(value)}", code="AC215")


def _instance_call(evaluator: Evaluator, value: Instance, thunk: Thunk) -> Function | Undecided:
    found = evaluator.names.class_attribute(value.entity, "__call__")
    if found is None:
        lacks = _lacks(evaluator, value.entity, "__call__", thunk)
        if not lacks.missing:
            return Undecided(lacks.reason, value.place, code="AC414")
        return Undecided(
            f"objects of '{value.entity.id.name}' have no '__call__'", value.place, code="AC215"
        )
    method = evaluator.follow(found, thunk)
    if isinstance(method, Function):
        if method.kind != "static method":
            holder: Holder = Class(value.entity) if method.kind == "class method" else value
            given = bound(evaluator, method, holder, thunk)
            if isinstance(given, Undecided):
                return given
            method = given
        return msgspec.structs.replace(
            method,
            identity=value.identity,
            reachable=value.reachable,
            kind="function",
            lambda_=None,
            made=value.made,
        )
    if isinstance(method, Undecided):
        return msgspec.structs.replace(method, code=method.code or "AC414")
    return Undecided(
        f"what '{value.entity.id.name}.__call__' is cannot be known", value.place, code="AC414"
    )


def is_dotted(expr: Expr) -> bool:
    """Whether an expression is a name with attributes."""
    while isinstance(expr, Attr):
        expr = expr.value
    return isinstance(expr, Name)


def _root(expr: Expr) -> str:
    while isinstance(expr, Attr):
        expr = expr.value
    return cast(Name, expr).id
