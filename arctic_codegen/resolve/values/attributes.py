"""What is an attribute of a module, a class or an object, and what does a call run?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union, cast

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.model.expr import Attr, Call, Param, dotted_expr, dotted_parts
from arctic_codegen.resolve.entities import ClassEntity, Scope, Unknown, ValueEntity
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import wrappers
from arctic_codegen.resolve.values.expressions import undetermined
from arctic_codegen.resolve.values.known_functions import OURS
from arctic_codegen.resolve.values.records import (
    Argument,
    Class,
    External,
    Function,
    Instance,
    ModuleValue,
    Value,
    describe,
)
from arctic_codegen.resolve.values.thunks import EMPTY, ImportPath, Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

Holder = Union[Class, Instance]

_BARE = {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"}
"""Bases without attributes that could be a callback."""


def attribute(evaluator: Evaluator, thunk: Thunk, base: Value | None = None) -> Value:
    """``base.name`` in the text; ``base`` may be known already."""
    expr = cast(Attr, thunk.expr)
    name = expr.attr
    if base is None:
        base = evaluator.evaluate(thunk.child(expr.value))
    match base:
        case ModuleValue(name=module):
            if _is_looked_up(thunk):
                return evaluator.follow(evaluator.names.lookup(expr, thunk.scope), thunk)
            return evaluator.follow(evaluator.names.module_attribute(module, name), thunk)
        case Class():
            return _of_class(evaluator, base, name, thunk)
        case Instance():
            return _of_instance(evaluator, base, name, thunk)
        case Unknown():
            # A dotted name may be found where its first part alone is not.
            if _is_looked_up(thunk):
                entity = evaluator.names.lookup(expr, thunk.scope)
                found = evaluator.follow(entity, thunk)
                return base if isinstance(found, Unknown) else found
            return base
        case External(name=path):
            return External(f"{path}.{name}")
    return undetermined(thunk)


def _is_looked_up(thunk: Thunk) -> bool:
    """Whether an expression is a dotted name that no call or comprehension binds."""
    parts = dotted_parts(thunk.expr)
    return parts is not None and thunk.env.find(parts[0]) is None


def _of_class(evaluator: Evaluator, base: Class, name: str, thunk: Thunk) -> Value:
    entity = base.entity
    if name == "callbacks":
        return evaluator.class_lists.seen(entity, thunk.scope)
    found = evaluator.names.class_attribute(entity, name)
    if found is None:
        return _lacks(evaluator, entity, name, thunk)
    is_member = isinstance(found, ValueEntity) and not name.startswith("_")
    if is_member and any(one.startswith("enum.") for one in _unread_bases(evaluator, entity)):
        return Unknown(message("reasons", "enum-members", owner=entity.id.name), thunk.place)
    value = evaluator.follow(found, thunk)
    if isinstance(value, Function) and value.kind == "property":
        return Unknown(message("AC215", "property", expression=show(thunk.expr)), thunk.place)
    if isinstance(value, Function) and value.kind != "function":
        return _taken_from(evaluator, value, base, thunk)
    return value


def _of_instance(evaluator: Evaluator, base: Instance, name: str, thunk: Thunk) -> Value:
    found = evaluator.names.class_attribute(base.owner, name)
    if found is not None:
        value = evaluator.follow(found, thunk)
        if isinstance(value, Function) and value.kind != "property":
            return _taken_from(evaluator, value, base, thunk)
    return Unknown(message("reasons", "object-attribute", expression=show(thunk.expr)), thunk.place)


def _taken_from(
    evaluator: Evaluator, function: Function, holder: Holder, thunk: Thunk
) -> Function | Unknown:
    """A function of a class, accessed through the class or an object of it."""
    if function.kind == "static method":
        return msgspec.structs.replace(function, kind="function")
    if function.kind == "class method" and isinstance(holder, Instance):
        holder = Class(holder.owner)
    return bound(evaluator, function, holder, thunk)


def _lacks(evaluator: Evaluator, entity: ClassEntity, name: str, thunk: Thunk) -> Unknown:
    mro = evaluator.names.mro(entity)
    if mro.unknown_bases or mro.problem or _unread_bases(evaluator, entity) - _BARE:
        why = message("reasons", "maybe-inherited", owner=entity.id.name, name=name)
        return Unknown(why, thunk.place)
    why = message("reasons", "class-lacks", owner=entity.id.name, name=name)
    return Unknown(why, thunk.place, missing=True)


def _unread_bases(evaluator: Evaluator, entity: ClassEntity) -> set[str]:
    """The dotted names of the bases, of a class and its ancestors, without readable source."""
    return {
        f"{base.module}.{base.name}"
        for cls in evaluator.names.mro(entity).classes
        for base in evaluator.names.opaque_bases(cls)
    }


def bound(
    evaluator: Evaluator, function: Function, holder: Holder, thunk: Thunk
) -> Function | Unknown:
    """A method bound to its object or class."""
    name = function.reachable[1].rpartition(".")[2] if function.reachable else None
    if isinstance(thunk.expr, Attr):
        name = thunk.expr.attr
    if isinstance(holder, Class):
        path = _class_path(evaluator, holder.entity)
        identity: tuple[str, ...] = ("class", holder.entity.id.module, holder.entity.id.name)
    else:
        path, identity = holder.reachable, holder.identity
    made = "" if isinstance(holder, Class) or not holder.made else f"{holder.made}.{name}"
    params = function.params
    if params is not None:
        params = without_first(params)
        if params is None:
            why = message("AC215", "takes-no-object", function=function.qualname)
            return Unknown(why, function.place)
    if (wrong := wrappers.why_not_inside(function, "the method of an object", thunk)) is not None:
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
        made=made,
    )


def without_first(params: tuple[Param, ...]) -> tuple[Param, ...] | None:
    """The parameters that remain after one positional argument."""
    if params and params[0].kind in ("positional_only", "normal"):
        return params[1:]
    return params if any(param.kind == "var_positional" for param in params) else None


def _class_path(evaluator: Evaluator, owner: ClassEntity) -> ImportPath | None:
    """The path under which a program can import a class."""
    path = (owner.id.module, owner.id.name)
    found = evaluator.names.lookup(dotted_expr(path[1]), Scope(path[0]))
    if not isinstance(found, ClassEntity) or found.decl.span != owner.decl.span:
        return None
    return path if found.id == owner.id else None


def callable_of(evaluator: Evaluator, value: Value, thunk: Thunk) -> Function | Unknown:
    """The signature of a callable value; its identity is that of the object itself."""
    match value:
        case Function(kind="class method" | "property" as kind):
            return Unknown(message("AC215", "in-class-body", kind=kind), value.place)
        case Function(name=name) if name in OURS:
            # It would take the object for a callback, and call nothing.
            wrapper = name.rpartition(".")[2]
            return Unknown(message("AC215", "without-callback", wrapper=wrapper), thunk.place)
        case Function() | Unknown():
            return value
        case Instance():
            return _instance_call(evaluator, value, thunk)
        case Class(entity=entity):
            why = message("AC215", "only-makes-an-object", owner=entity.id.name)
            return Unknown(why, entity.place)
        case External(name=name, waiting=None):
            why = message("reasons", "unreadable-source", name=name.removeprefix("builtins."))
            return Unknown(why, code="AC414")
    if isinstance(thunk.expr, Call):
        called = show(thunk.expr.func)
        return Unknown(message("AC215", "result", what=describe(value), function=called))
    return Unknown(message("AC215", "what", what=describe(value)))


def _instance_call(evaluator: Evaluator, value: Instance, thunk: Thunk) -> Function | Unknown:
    owner = value.owner
    found = evaluator.names.class_attribute(owner, "__call__")
    if found is None:
        lacks = _lacks(evaluator, owner, "__call__", thunk)
        if not lacks.missing:
            return Unknown(lacks.why, value.place, code="AC414")
        return Unknown(message("AC215", "no-call-method", owner=owner.id.name), value.place)
    method = evaluator.follow(found, thunk)
    if isinstance(method, Function):
        given = _taken_from(evaluator, method, value, thunk)
        if isinstance(given, Unknown):
            return given
        return msgspec.structs.replace(
            given,
            identity=value.identity,
            reachable=value.reachable,
            is_object=True,
            entity=None,
            made=value.made,
        )
    if isinstance(method, Unknown):
        return msgspec.structs.replace(method, code=method.finding_code or "AC414")
    why = message("reasons", "undetermined", expression=f"{owner.id.name}.__call__")
    return Unknown(why, value.place, code="AC414")
