"""What creates objects of a class: an ``__init__`` that can be read, or something else (R26)?"""

from __future__ import annotations

from collections.abc import Sequence

from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.decorators import keyword_flag
from arctic_codegen.resolve.hosts.members import Member, Members
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.stdlib import ABSTRACT_METACLASSES

_NAMED_TUPLE = from_typing("NamedTuple")
_WITHOUT_INIT = ("abc", "typing", "typing_extensions")
"""Modules that are not read, whose classes inherit the ``__init__`` of ``object``."""


def constructor(mro: Sequence[ClassEntity], members: Members) -> Member | None:
    """The ``__init__`` of the nearest class that defines one or whose decorator generates one;
    ``None`` if it is that of ``object`` or cannot be read."""
    for cls in mro:
        own = members.own(cls, "__init__")
        if own is not None:
            return own
        decorator = members.decorators.dataclass(cls)
        if decorator is not None and keyword_flag(decorator, "init") is not False:
            return Member("__init__", cls, cls, "dataclass __init__")
        if members.decorators.is_of_attrs(cls):
            return None
    return None


def is_made_otherwise(mro: Sequence[ClassEntity], members: Members) -> bool:
    """Whether something other than a visible ``__init__`` may receive the arguments."""
    metaclass = members.names.mros.metaclass_of(mro[0])
    if metaclass is not None and metaclass not in ABSTRACT_METACLASSES:
        return True
    for cls in mro:
        if is_mixin(cls.id):
            continue
        if members.decorators.may_change(cls) or members.own(cls, "__new__") is not None:
            return True
        for base in members.names.opaque_bases(cls):
            has_none = base.module in _WITHOUT_INIT or dotted_name(base) == "builtins.object"
            if dotted_name(base) in _NAMED_TUPLE or not has_none:
                return True
    return False
