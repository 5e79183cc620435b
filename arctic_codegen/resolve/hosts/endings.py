"""Whether a callback can end without a ``return``, with what it calls taken into account."""

from __future__ import annotations

from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Attr, Expr, Name, Str
from arctic_codegen.resolve.entities import ClassEntity, Entity, FunctionEntity, OpaqueEntity, Scope
from arctic_codegen.resolve.interfaces import CallableValue
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names

_NEVER = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("NoReturn", "Never")
)


def falls_through(value: CallableValue, cls: ClassEntity, names: Names) -> bool:
    """Whether control can run off the end of a callback of ``cls``: not past the call of a
    function that is annotated ``-> NoReturn``."""
    code = value.definition
    if code is None or not code.falls_through:
        return False
    scope = Scope(value.scope.module, (*value.scope.frames, code))
    return not code.calls_at_the_end or not all(
        _never_returns(_called(dotted, code, scope, cls, names), names)
        for dotted in code.calls_at_the_end
    )


def _called(
    dotted: str, code: FunctionDecl, scope: Scope, cls: ClassEntity, names: Names
) -> Entity | None:
    first, *rest = dotted.split(".")
    if code.params and first == code.params[0].name:
        return names.class_attribute(cls, rest[0]) if len(rest) == 1 else None
    expr: Expr = Name(code.span, first)
    for attribute in rest:
        expr = Attr(code.span, expr, attribute, code.span)
    return names.lookup(expr, scope)


def _never_returns(entity: Entity | None, names: Names) -> bool:
    if not isinstance(entity, FunctionEntity) or entity.decl.is_async:
        return False
    returns = entity.decl.returns
    if isinstance(returns, Str) and returns.quoted is not None:
        returns = returns.quoted
    if not isinstance(returns, (Name, Attr)):
        return False
    found = names.lookup(returns, entity.scope)
    return isinstance(found, OpaqueEntity) and dotted_name(found) in _NEVER
