"""Does ``obj.x = 1`` on an object of a class have no other effect?"""

from __future__ import annotations

from collections.abc import Sequence

from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.expr import Call, Expr, Literal_
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.members import Members

_HARMLESS = frozenset({"builtins", "abc", "_py_abc", "typing", "typing_extensions"})
"""Modules whose classes set attributes as ``object`` does."""


def has_default_setattr(mro: Sequence[ClassEntity], members: Members) -> bool:
    """Whether objects of a class, given its MRO (itself first), have a ``__dict__``, and no class,
    decorator or unreadable base can intercept the setting of attributes."""
    if members.names.mro(mro[0]).unknown_bases:
        return False
    classes = [cls for cls in mro if not is_mixin(cls.id)]
    if all("__slots__" in members.own_names(cls) for cls in classes):
        return False
    return all(_leaves_attributes_alone(cls, members) for cls in classes)


def _leaves_attributes_alone(cls: ClassEntity, members: Members) -> bool:
    if "__setattr__" in members.own_names(cls) or members.decorators.may_change(cls):
        return False
    dataclass = members.decorators.dataclass(cls)
    if dataclass is not None and (_may_say(dataclass, "frozen") or _may_say(dataclass, "slots")):
        return False
    return not has_foreign_base(cls, members)


def has_foreign_base(cls: ClassEntity, members: Members) -> bool:
    """Whether a base is defined in code that is not read."""
    return any(base.module not in _HARMLESS for base in members.names.opaque_bases(cls))


def _may_say(decorator: Expr, keyword: str) -> bool:
    """Whether a decorator is passed a keyword with a value other than ``False``."""
    return isinstance(decorator, Call) and any(
        arg.keyword in (keyword, None)
        and not (isinstance(arg.value, Literal_) and arg.value.text == "False")
        for arg in decorator.args
    )
