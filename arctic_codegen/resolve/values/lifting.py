"""May a lambda's text be copied into a generated module, and what do its names become (R29)?"""

from __future__ import annotations

import msgspec

from arctic_codegen.model.expr import Attr, Call, LambdaExpr, Name, Subscript
from arctic_codegen.model.text import THE_OBJECT, Ref, Text
from arctic_codegen.model.wrappers import LiftedLambda
from arctic_codegen.resolve.binder.free_names import can_move, free_names
from arctic_codegen.resolve.entities import (
    LambdaEntity,
    OpaqueEntity,
    Scope,
    Unknown,
)
from arctic_codegen.resolve.names.identity import known_path
from arctic_codegen.resolve.names.names import Names

_FRAME_BOUND = frozenset(
    {"super", "locals", "globals", "vars", "dir", "eval", "exec", "breakpoint", "__class__"}
)
"""Builtins that inspect the calling frame or module."""


def lifted(entity: LambdaEntity, names: Names) -> LiftedLambda | None:
    """The lambda as text with references; ``None`` if the object of the source is needed.

    A global that the source module imports is referenced through the source module: a copy of the
    import would not follow a later rebinding there.
    """
    body = _lifted(entity, entity.expr, names, None)
    return None if body is None else LiftedLambda(_params(entity.expr), body)


def lifted_condition(entity: LambdaEntity, names: Names) -> LiftedLambda | None:
    """The same for a condition; :data:`THE_OBJECT` replaces its parameter in the body."""
    params = _params(entity.expr)
    if len(params) != 1:
        return None
    expr = msgspec.structs.replace(entity.expr, params=())
    body = _lifted(entity, expr, names, params[0])
    if body is None:
        return None
    if not isinstance(expr.body, (Attr, Call, Name, Subscript)) or "\n" in expr.text:
        body = Text(("(", *body.parts, ")"))
    return LiftedLambda(params, body, inline=can_move(expr, in_class=True))


def _params(expr: LambdaExpr) -> tuple[str, ...]:
    return tuple(param.name for param in expr.params)


def _lifted(
    entity: LambdaEntity, expr: LambdaExpr, names: Names, the_object: str | None
) -> Text | None:
    """The body of a lambda; the name ``the_object`` is its parameter."""
    scope = entity.scope
    if scope.in_function or expr.is_generator:
        return None
    if not can_move(entity.expr, in_class=bool(scope.frames)):
        return None
    if any(
        p.default is not None or p.kind not in ("normal", "keyword_only")
        for p in entity.expr.params
    ):
        return None
    parts: list[str | Ref] = []
    position = 0
    for name, start, end in free_names(expr):
        ref = (THE_OBJECT,) if name == the_object else _global(name, entity, names)
        if ref is None:
            return None
        parts += [expr.text[position:start], *ref]
        position = end
    parts.append(expr.text[position:])
    return Text(tuple(part for part in parts if part != ""))


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
    path = bound.reachable if isinstance(bound, LambdaEntity) else None
    if (known_path(bound) or ".".join(path or ())) == f"{module}.{name}":
        return (Ref(module, ""), f".{name}")
    return None
