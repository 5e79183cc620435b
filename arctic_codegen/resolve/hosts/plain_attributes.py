"""Whether ``obj.x = 1`` on an object of a class does nothing but that."""

from __future__ import annotations

from collections.abc import Sequence

from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.expr import Call, Expr, Literal_
from arctic_codegen.resolve.entities import ClassEntity, OpaqueEntity
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.names.names import Names

HARMLESS = frozenset({"builtins", "abc", "_py_abc", "typing", "typing_extensions"})
"""Modules whose classes take attributes as ``object`` does, or as a subclass of it, and do nothing
with the annotations of classes derived from them."""


def takes_plain_attributes(mro: Sequence[ClassEntity], names: Names, members: Members) -> bool:
    """Whether objects of the class whose MRO is given (itself first) have a ``__dict__``, and no
    class, decorator or base that cannot be read has a say in what is put there."""
    if names.mro(mro[0]).unknown_bases:
        return False
    classes = [cls for cls in mro if not is_mixin(cls.id)]
    if all("__slots__" in members.own_names(cls) for cls in classes):
        return False
    return all(_is_plain(cls, names, members) for cls in classes)


def _is_plain(cls: ClassEntity, names: Names, members: Members) -> bool:
    if "__setattr__" in members.own_names(cls):
        return False
    dataclass = members.decorators.dataclass(cls)
    for decorator in cls.decl.decorators:
        if decorator is dataclass:
            if _says(decorator, "frozen") or _says(decorator, "slots"):
                return False
        elif not members.decorators.is_mark(decorator, cls.scope):
            return False
    return not has_foreign_base(cls, names)


def has_foreign_base(cls: ClassEntity, names: Names) -> bool:
    """Whether a base is of code that is not read, and may do anything."""
    found = (names.lookup(base, cls.scope) for base in cls.decl.bases)
    return any(isinstance(one, OpaqueEntity) and one.module not in HARMLESS for one in found)


def _says(decorator: Expr, keyword: str) -> bool:
    """Whether a decorator is given a keyword that is anything but ``False``."""
    return isinstance(decorator, Call) and any(
        arg.keyword in (keyword, None)
        and not (isinstance(arg.value, Literal_) and arg.value.text == "False")
        for arg in decorator.args
    )
