"""How a callback is called, with its own annotations."""

from __future__ import annotations

from arctic_codegen.model.expr import Expr
from arctic_codegen.model.hosts import CallbackSignature, Taken, Text
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.methods import late
from arctic_codegen.resolve.interfaces import NamesFace


def signature_of(declaration: Declaration, cls: ClassEntity, names: NamesFace) -> CallbackSignature:
    """The signature as seen from ``cls``, which decides what type parameters stand for."""
    value = declaration.callable
    types: dict[str, Text] = {}
    if declaration.kind == "method" and declaration.defined_in is not None:
        types = names.type_arguments(cls, declaration.defined_in)

    def text(expr: Expr | None) -> Text | None:
        return None if expr is None else names.text(expr, late(value.scope), types)

    params = value.params or ()
    return CallbackSignature(
        takes=tuple(
            Taken(param.name, param.kind == "keyword_only", text(param.annotation))
            for param in params[1:]
        ),
        is_async=value.is_async,
        object_annotation=text(params[0].annotation) if params else None,
        returns=text(value.returns),
    )
