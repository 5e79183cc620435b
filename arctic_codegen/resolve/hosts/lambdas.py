"""Whether a lambda may stand in the generated module, and its text there (R29)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from arctic_codegen.model.decls import FunctionDecl, SuperCall
from arctic_codegen.model.expr import Attr, Call, Expr, LambdaExpr, Name
from arctic_codegen.model.hosts import LiftedLambda, Ref, Text
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.names import Names

_FRAME_BOUND = frozenset(
    {"super", "locals", "globals", "vars", "dir", "eval", "exec", "breakpoint", "__class__"}
)
"""Builtins that look at the frame or module that they are called in."""


def lifted(entity: LambdaEntity, names: Names) -> LiftedLambda | None:
    """The lambda as text with references; ``None`` where the source's object is needed.

    A global that the source module imports stays the source's business: were it rebound there,
    a copy of the import would not follow.
    """
    expr = entity.expr
    if not expr.liftable or expr.is_generator:
        return None
    if any(isinstance(frame, FunctionDecl) for frame in entity.scope.frames):
        return None
    if any(p.default is not None or p.kind not in ("normal", "keyword_only") for p in expr.params):
        return None
    parts: list[str | Ref] = []
    position = 0
    for name in expr.names:
        ref = _global(name.id, entity, names)
        if ref is None:
            return None
        parts.append(expr.text[position : name.start])
        parts.extend(ref)
        position = name.end
    parts.append(expr.text[position:])
    return LiftedLambda(
        params=tuple(param.name for param in expr.params),
        body=Text(tuple(part for part in parts if part != "")),
    )


def called_by_lambda(expr: LambdaExpr) -> tuple[SuperCall, ...]:
    """The calls in a lambda that may reach a parent's method, as a ``def`` has them (R18)."""
    if not expr.params:
        return ()
    return tuple(_super_calls(expr.body, expr.params[0].name))


def _super_calls(record: Any, first: str) -> Iterator[SuperCall]:
    if isinstance(record, Call) and isinstance(record.func, Attr):
        on = record.func.value
        if _is_super(on):
            yield SuperCall(record.func.attr, None, record.span)
        elif record.args and _is_name(record.args[0].value, first):
            yield SuperCall(record.func.attr, on, record.span)
    if isinstance(record, tuple):
        for item in record:
            yield from _super_calls(item, first)
    elif isinstance(record, msgspec.Struct) and not isinstance(record, LambdaExpr):
        for field in record.__struct_fields__:
            yield from _super_calls(getattr(record, field), first)


def _is_super(expr: Expr) -> bool:
    return isinstance(expr, Call) and _is_name(expr.func, "super")


def _is_name(expr: Expr, name: str) -> bool:
    return isinstance(expr, Name) and expr.id == name


def _global(name: str, entity: LambdaEntity, names: Names) -> tuple[str | Ref, ...] | None:
    if name in _FRAME_BOUND or (name.startswith("__") and name.endswith("__")):
        return None
    module = entity.module
    bound = names.module_attribute(module, name)
    if isinstance(bound, Unknown):
        if not bound.missing:
            return None
        builtin = names.lookup(Name(entity.expr.span, name), Scope(module, (), None))
        if isinstance(builtin, OpaqueEntity) and builtin.module == "builtins":
            return (Ref("builtins", name, builtin=True),)
        return None
    if isinstance(bound, OpaqueEntity) and bound.module == "builtins" and bound.name == name:
        return (Ref("builtins", name, builtin=True),)
    if _is_defined_there(bound, module, name):
        return (Ref(module, ""), f".{name}")
    return None


def _is_defined_there(bound: Entity, module: str, name: str) -> bool:
    if isinstance(bound, FunctionEntity):
        return bound.module == module and bound.decl.qualname == name
    if isinstance(bound, ClassEntity):
        return bound.id.module == module and bound.id.name == name
    if isinstance(bound, ValueEntity | LambdaEntity):
        return bound.reachable == (module, name)
    return False
