"""Did two look-ups find the same object, and what is an object called?"""

from __future__ import annotations

from collections.abc import Hashable

from arctic_codegen.model.expr import Literal_, Str
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    ModuleEntity,
    OpaqueEntity,
    Unknown,
    ValueEntity,
)

_ALIASES = {
    "_functools.partial": "functools.partial",
    "_functools.reduce": "functools.reduce",
    "_py_abc.ABCMeta": "abc.ABCMeta",
    "_abc.ABCMeta": "abc.ABCMeta",
}


def from_typing(*names: str) -> frozenset[str]:
    """Names of :mod:`typing` and ``typing_extensions``, qualified by their modules."""
    return frozenset(
        f"{module}.{name}" for module in ("typing", "typing_extensions") for name in names
    )


PROTOCOLS = from_typing("Protocol")
_UNIONS = from_typing("Union", "Optional")


def is_protocol(entity: Entity) -> bool:
    """Whether it is ``Protocol``; a class with this base is a protocol."""
    return dotted_name(entity) in PROTOCOLS


def is_union(entity: Entity) -> bool:
    """Whether it is ``Union`` or ``Optional``, however :mod:`typing` defines them."""
    return known_path(entity) in _UNIONS


def known_path(entity: Entity) -> str | None:
    """The dotted name of a function, a class or a bound object."""
    if isinstance(entity, ValueEntity):
        return None if entity.reachable is None else ".".join(entity.reachable)
    return dotted_name(entity)


def dotted_name(entity: Entity) -> str | None:
    """Module and qualified name of an entity's definition: ``functools.partial``."""
    if isinstance(entity, ModuleEntity):
        return entity.name
    if isinstance(entity, ClassEntity):
        name = str(entity.id)
    elif isinstance(entity, FunctionEntity):
        name = f"{entity.module}.{entity.decl.qualname}"
    elif isinstance(entity, OpaqueEntity):
        name = f"{entity.module}.{entity.name}"
    else:
        return None
    return _ALIASES.get(name, name)


def entity_key(entity: Entity) -> Hashable:
    """A key that is equal for two entities if and only if they are the same object.

    Equal constants count as the same object: two branches with ``True`` agree. Comparing the
    records themselves would compare whole declarations.
    """
    if isinstance(entity, ModuleEntity):
        return ("module", entity.name)
    if isinstance(entity, OpaqueEntity):
        return ("opaque", dotted_name(entity))
    if isinstance(entity, Unknown):
        return ("unknown", entity.why, entity.place, entity.missing)
    if isinstance(entity, ValueEntity):
        if isinstance(entity.expr, Str):
            return ("str", entity.expr.value)
        if isinstance(entity.expr, Literal_):
            return ("literal", entity.expr.kind, entity.expr.text)
    return (type(entity).__name__, entity.place)
