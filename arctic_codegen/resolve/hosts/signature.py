"""How a callback is called, with its own annotations."""

from __future__ import annotations

from arctic_codegen.model.expr import Expr
from arctic_codegen.model.hosts import CallbackSignature, Taken, Text
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.methods import late
from arctic_codegen.resolve.hosts.self_types import SELF, self_variable
from arctic_codegen.resolve.names.names import Names


def signature_of(declaration: Declaration, cls: ClassEntity, names: Names) -> CallbackSignature:
    """The signature as seen from ``cls``, which decides what type parameters stand for."""
    value = declaration.callable
    types: dict[str, Text] = {}
    if declaration.kind == "method" and declaration.defined_in is not None:
        types = names.type_arguments(cls, declaration.defined_in)
    params = value.params or ()
    variable = None
    if declaration.kind == "method" and params and value.definition is not None:
        own = frozenset(param.name for param in value.definition.type_params)
        variable = self_variable(params[0].annotation, own, late(value.scope), names)
    if variable is not None:
        types = {**types, variable: SELF}

    def text(expr: Expr | None) -> Text | None:
        return None if expr is None else names.text(expr, late(value.scope), types)

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
