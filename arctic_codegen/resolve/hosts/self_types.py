"""``self: T``: a type variable that is another spelling of ``Self``."""

from __future__ import annotations

from arctic_codegen.model.expr import Attr, Call, Expr, Name, Str
from arctic_codegen.model.hosts import Ref, Text
from arctic_codegen.resolve.entities import Scope, ValueEntity
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.typeargs import dotted

SELF = Text((Ref("typing_extensions", "Self"),))
"""Type checkers know it on every Python; at run time nothing asks for it."""

_VARIABLES = ("typing.TypeVar", "typing_extensions.TypeVar")


def self_variable(
    annotation: Expr | None, own: frozenset[str], scope: Scope, names: Names
) -> str | None:
    """The type variable that annotates the object, as it is written; ``own`` has those that
    stand in the method's brackets.

    A compiled class is another class than the one that the variable is bound to: in its
    methods the variable would be wider than the object, and ``Self`` is what is meant.
    """
    if isinstance(annotation, Str):
        annotation = annotation.quoted
    if not isinstance(annotation, (Name, Attr)):
        return None
    name = dotted(annotation)
    if name is None or name in own:
        return name
    found = names.lookup(annotation, scope)
    if not isinstance(found, ValueEntity) or not isinstance(found.expr, Call):
        return None
    made_by = dotted_name(names.lookup(found.expr.func, found.scope))
    return name if made_by in _VARIABLES else None
