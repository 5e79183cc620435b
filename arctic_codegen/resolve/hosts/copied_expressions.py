"""What of a source may be copied into a generated module: types and defaults (R29)?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from arctic_codegen.model.decls import SuperCall, TypeParam
from arctic_codegen.model.expr import (
    Attr,
    Call,
    Expr,
    LambdaExpr,
    Literal_,
    Name,
    Seq,
    Str,
    UnaryOp,
    unquoted,
)
from arctic_codegen.model.parameters import Default
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.resolve.binder.blocks import parts_of
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.typeargs import dotted

SELF = Text((Ref("typing_extensions", "Self"),))
"""Type checkers know it for every Python version; it is not evaluated at run time."""


def copied_default(expr: Expr) -> Default:
    """A default that can be copied as text, or one that must be the object of the source."""
    match expr:
        case Literal_(text=text):
            return Default(text)
        case Str(value=value):
            return Default(repr(value))
        case UnaryOp(op="-", operand=Literal_(kind="int" | "float" | "complex", text=text)):
            return Default(f"-{text}")
        case Seq(kind="tuple", items=()):
            return Default("()")
    return Default(None)


def declared_type_param(param: TypeParam, text: Callable[[Expr], Text | None]) -> Text:
    """A type parameter of PEP 695 as it is declared: ``T: int = bool``, ``*Ts``, ``**P``."""
    stars = {"TypeVarTuple": "*", "ParamSpec": "**"}.get(param.kind, "")
    parts: list[str | Ref] = [f"{stars}{param.name}"]
    for sign, expr in ((": ", param.bound), (" = ", param.default)):
        found = None if expr is None else text(expr)
        if found is not None:
            parts.extend((sign, *found.parts))
    return Text(tuple(parts))


def self_variable(
    annotation: Expr | None, own: frozenset[str], scope: Scope, names: Names
) -> str | None:
    """The ``T`` of ``self: T``, as written; ``own`` are the method's own type parameters.

    A compiled class is not the class that the variable is bound to. In its methods the variable
    would be wider than the object; ``Self`` is the right type.
    """
    annotation = unquoted(annotation)
    if not isinstance(annotation, (Name, Attr)):
        return None
    name = dotted(annotation)
    if name is None or name in own:
        return name
    variable = names.type_params.variable(annotation, scope)
    return None if variable is None or variable.kind != "TypeVar" else name


def called_by_lambda(expr: LambdaExpr) -> tuple[SuperCall, ...]:
    """The calls in a lambda that may reach a parent's method, in the form used for a ``def``
    (R18)."""
    return tuple(_super_calls(expr.body, expr.params[0].name)) if expr.params else ()


def _super_calls(body: Expr, first: str) -> Iterator[SuperCall]:
    for part in parts_of(body, lambdas=False):
        if not isinstance(part, Call) or not isinstance(part.func, Attr):
            continue
        on = part.func.value
        if isinstance(on, Call) and isinstance(on.func, Name) and on.func.id == "super":
            yield SuperCall(part.func.attr, None, part.span)
        elif part.args and isinstance(part.args[0].value, Name) and part.args[0].value.id == first:
            yield SuperCall(part.func.attr, on, part.span)
