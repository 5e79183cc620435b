"""Attributes of modules, classes and objects, and what is called when an object is."""

from __future__ import annotations

from typing import Literal, Union, cast

import msgspec

from arctic_codegen.model.decls import Assign
from arctic_codegen.model.expr import Attr, Expr, Name, Param
from arctic_codegen.resolve.entities import ClassEntity, Entity, OpaqueEntity, Unknown
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import wrappers
from arctic_codegen.resolve.values.describe import describe
from arctic_codegen.resolve.values.objects import (
    EMPTY,
    Argument,
    Cell,
    Class,
    Const,
    EnumMember,
    Function,
    Instance,
    Looker,
    Module,
    Opaque,
    Path,
    Special,
    Undecided,
    Value,
)

Holder = Union[Class, Instance]

_BARE = {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"}
"""Bases that bring no attributes that a callback could be."""


def attribute(looker: Looker, base: Value, name: str, cell: Cell) -> Value:
    """``base.name``, where ``cell`` holds the whole expression."""
    match base:
        case Module(name=module):
            return looker.follow(_of_module(looker, module, name, cell), cell)
        case Class(entity=entity):
            return _of_class(looker, base, entity, name, cell)
        case Instance():
            return _of_instance(looker, base, name, cell)
        case EnumMember() if name in ("value", "_value_"):
            return looker.look(base.cell)
        case EnumMember() if name in ("name", "_name_"):
            return Const(base.name)
        case Function() if name in ("__name__", "__qualname__") and base.reachable is not None:
            path = base.reachable[1]
            return Const(path if name == "__qualname__" else path.rpartition(".")[2])
        case Undecided():
            return _of_undecided(looker, base, cell)
        case Opaque(module=module, name=path):
            return Opaque(module, f"{path}.{name}")
    return Undecided(f"'{show(cell.expr)}' cannot be determined statically", cell.place)


def _of_module(looker: Looker, module: str, name: str, cell: Cell) -> Entity:
    if is_dotted(cell.expr) and cell.env.find(_root(cell.expr)) is None:
        return looker.names.lookup(cell.expr, cell.scope)
    return looker.names.module_attribute(module, name)


def _of_undecided(looker: Looker, base: Undecided, cell: Cell) -> Value:
    """A dotted name may be found where its first part alone is not."""
    if is_dotted(cell.expr) and cell.env.find(_root(cell.expr)) is None:
        entity = looker.names.lookup(cell.expr, cell.scope)
        if not isinstance(entity, Unknown):
            found = looker.follow(entity, cell)
            return base if isinstance(found, Undecided) else found
    return base


def _of_class(looker: Looker, base: Class, entity: ClassEntity, name: str, cell: Cell) -> Value:
    if name == "callbacks":
        return looker.class_list(entity, cell.scope)
    if name == "__name__":
        return Const(entity.decl.name)
    if name == "__qualname__":
        return Const(entity.decl.qualname)
    found = looker.names.class_attribute(entity, name)
    if found is None:
        return _lacks(looker, entity, name, cell)
    member = _enum_member(looker, entity, name, cell)
    if member is not None:
        return member
    value = looker.follow(found, cell)
    if isinstance(value, Function):
        if value.kind == "class method":
            return bound(looker, value, base, cell)
        if value.kind == "property":
            return Undecided(f"'{show(cell.expr)}' is a property", cell.place, code="AC215")
        if value.kind == "static method":
            return msgspec.structs.replace(value, kind="function")
    return value


def _lacks(looker: Looker, entity: ClassEntity, name: str, cell: Cell) -> Undecided:
    mro = looker.names.mro(entity)
    if mro.unknown_bases or mro.problem or _unread_bases(looker, entity) - _BARE:
        return Undecided(
            f"'{entity.id.name}' may inherit '{name}' from a base that cannot be read", cell.place
        )
    return Undecided(f"'{entity.id.name}' has no attribute '{name}'", cell.place, missing=True)


def _enum_member(looker: Looker, entity: ClassEntity, name: str, cell: Cell) -> EnumMember | None:
    bases = _unread_bases(looker, entity)
    if name.startswith("_") or not any(base.startswith("enum.") for base in bases):
        return None
    own = looker.names.own_attribute(entity, name)
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
    return EnumMember(entity, name, Cell(value, scope, place), text)


def named_tuple_fields(looker: Looker, entity: ClassEntity) -> dict[str, Cell | None] | None:
    """The fields of a ``NamedTuple`` class with their defaults; ``None`` for any other class."""
    bases = [looker.names.lookup(base, entity.scope) for base in entity.decl.bases]
    if not any(
        isinstance(base, OpaqueEntity) and (base.module, base.name) == ("typing", "NamedTuple")
        for base in bases
    ):
        return None
    fields: dict[str, Cell | None] = {}
    for stmt in entity.decl.body:
        if isinstance(stmt, Assign) and stmt.annotation is not None:
            (target,) = stmt.targets
            if isinstance(target, Name):
                place = msgspec.structs.replace(entity.place, span=stmt.span)
                fields[target.id] = (
                    None if stmt.value is None else Cell(stmt.value, entity.scope, place)
                )
    return fields


def _unread_bases(looker: Looker, entity: ClassEntity) -> set[str]:
    """The dotted names of what a class and its ancestors are derived from outside of any text."""
    return {
        f"{found.module}.{found.name}"
        for cls in looker.names.mro(entity).classes
        for base in cls.decl.bases
        if isinstance(found := looker.names.lookup(base, cls.scope), OpaqueEntity)
    }


def _of_instance(looker: Looker, base: Instance, name: str, cell: Cell) -> Value:
    found = looker.names.class_attribute(base.entity, name)
    if found is not None:
        value = looker.follow(found, cell)
        if isinstance(value, Function):
            if value.kind == "static method":
                return msgspec.structs.replace(value, kind="function")
            if value.kind == "class method":
                return bound(looker, value, Class(base.entity), cell)
            if value.kind == "function":
                return bound(looker, value, base, cell)
    return Undecided(
        f"'{show(cell.expr)}' is an attribute of an object, which cannot be determined statically",
        cell.place,
    )


def bound(looker: Looker, function: Function, holder: Holder, cell: Cell) -> Function | Undecided:
    """A method with its object, or its class, already given."""
    name = function.reachable[1].rpartition(".")[2] if function.reachable else None
    if isinstance(cell.expr, Attr):
        name = cell.expr.attr
    path = holder_path(looker, holder)
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
    if (wrong := wrappers.inside(function, "the method of an object", cell)) is not None:
        return wrong
    given = Cell(cell.expr, cell.scope, cell.place, EMPTY, value=holder)
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


def holder_path(looker: Looker, holder: Holder) -> Path | None:
    """Where a program finds a class or an object."""
    if isinstance(holder, Instance):
        return holder.reachable
    module, name = holder.entity.id.module, holder.entity.id.name
    first, *rest = name.split(".")
    found: Entity | None = looker.names.module_attribute(module, first)
    for part in rest:
        if not isinstance(found, ClassEntity):
            return None
        found = looker.names.own_attribute(found, part)
    if not isinstance(found, ClassEntity) or found.decl.span != holder.entity.decl.span:
        return None
    return (module, name) if found.id == holder.entity.id else None


def callable_of(looker: Looker, value: Value, cell: Cell) -> Function | Undecided:
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
            return _instance_call(looker, value, cell)
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


def _instance_call(looker: Looker, value: Instance, cell: Cell) -> Function | Undecided:
    found = looker.names.class_attribute(value.entity, "__call__")
    if found is None:
        lacks = _lacks(looker, value.entity, "__call__", cell)
        if not lacks.missing:
            return Undecided(lacks.reason, value.place, code="AC414")
        return Undecided(
            f"objects of '{value.entity.id.name}' have no '__call__'", value.place, code="AC215"
        )
    method = looker.follow(found, cell)
    if isinstance(method, Function):
        if method.kind != "static method":
            holder: Holder = Class(value.entity) if method.kind == "class method" else value
            given = bound(looker, method, holder, cell)
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
