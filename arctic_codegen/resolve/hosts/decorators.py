"""What the decorators of a ``def`` in a class body make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Attr, Call, Expr, Name, Str
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.interfaces import NamesFace, ValuesFace
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.values.known import CLASS, PROPERTY, STATIC, known_name
from arctic_codegen.resolve.values.objects import EMPTY
from arctic_codegen.resolve.values.preserving import KEEPS, OwnKeepers

MemberKind = Literal["method", "property", "static method", "class method"]

_TYPING = ("typing", "typing_extensions")
_ABC = ("abc", "_py_abc")


def _named(modules: tuple[str, ...], *names: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module in modules for name in names)


_ABSTRACT = _named(
    _ABC, "abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"
)
_FINAL = _named(_TYPING, "final")
_TOTAL_ORDERING = frozenset({"functools.total_ordering"})
_OVERLOAD = _named(_TYPING, "overload")
_REPLACES = frozenset(
    {
        "arctic_codegen.replaces_inherited",
        "arctic_codegen._wrappers.replaces_inherited",
    }
)
_DATACLASS = frozenset({"dataclasses.dataclass", "pydantic.dataclasses.dataclass"})


class Decoration(msgspec.Struct, frozen=True):
    """The decorators of one ``def``, read.

    ``others`` are those that are not known by name: they may change the signature.
    """

    kind: MemberKind = "method"
    abstract: bool = False
    final: bool = False
    overload: bool = False
    replaces_inherited: bool = False
    wrapper: str | None = None
    """The event that ``@callback_wrapper("...")`` names (R6)."""
    others: tuple[Expr, ...] = ()


_NONE = Decoration()


class Decorators:
    """Reads decorators by what their names mean, in whatever order they stand.

    ``new_values`` makes one that remembers nothing yet: what is read here is shared by all modules,
    and has to be read for it, not for another question.
    """

    def __init__(
        self,
        names: NamesFace,
        new_values: Callable[[], ValuesFace],
        loader: Loader,
        wrappers: frozenset[ClassId] = frozenset(),
        preserving: tuple[str, ...] = (),
    ) -> None:
        self._names = names
        self._new_values = new_values
        self._loader = loader
        self._wrappers = {str(wrapper) for wrapper in wrappers}
        self._keepers = OwnKeepers(names, preserving)

    def identity(self, expr: Expr, scope: Scope) -> str | None:
        """The dotted name of what a decorator is (of what it calls, for a call)."""
        known = known_name(self._names, self._loader, expr, scope, EMPTY, self._keepers)
        if known is not None:
            return known
        return dotted_name(self._names.lookup(expr.func if isinstance(expr, Call) else expr, scope))

    def of(self, decl: FunctionDecl, scope: Scope) -> Decoration:
        """What the decorators of a ``def`` that stands in ``scope`` say."""
        if not decl.decorators:
            return _NONE
        kind: MemberKind = "method"
        abstract = final = overload = replaces = False
        wrapper: str | None = None
        others: list[Expr] = []
        for expr in decl.decorators:
            if _is_accessor(expr):
                kind = "property"
                continue
            name = self.identity(expr, scope)
            known = False
            if name in _ABSTRACT:
                abstract = known = True
            if name in PROPERTY or (name is not None and self._is_property_class(expr, scope)):
                kind, known = "property", True
            if name in STATIC:
                kind, known = "static method", True
            if name in CLASS:
                kind, known = "class method", True
            if name in _FINAL:
                final = known = True
            if name in _OVERLOAD:
                overload = known = True
            if name in _REPLACES:
                replaces = known = True
            if name in self._wrappers and isinstance(expr, Call) and expr.args:
                known = True
                wrapper = self._string(expr.args[0].value, scope) or wrapper
            if not known and name not in KEEPS:
                others.append(expr)
        return Decoration(kind, abstract, final, overload, replaces, wrapper, tuple(others))

    def _string(self, expr: Expr, scope: Scope) -> str | None:
        return expr.value if isinstance(expr, Str) else self._new_values().string(expr, scope)

    def is_final_class(self, cls: ClassEntity) -> bool:
        """Whether a class is marked ``@final``."""
        return any(self.identity(expr, cls.scope) in _FINAL for expr in cls.decl.decorators)

    def is_mark(self, expr: Expr, scope: Scope) -> bool:
        """Whether a decorator of a class gives that class back, as ``@final`` does."""
        return self.identity(expr, scope) in _FINAL | _TOTAL_ORDERING

    def dataclass(self, cls: ClassEntity) -> Expr | None:
        """The ``@dataclass`` decorator of a class, if it has one."""
        for expr in cls.decl.decorators:
            if self.identity(expr, cls.scope) in _DATACLASS:
                return expr
        return None

    def _is_property_class(self, expr: Expr, scope: Scope) -> bool:
        """Whether a decorator is a class of a person's own that is derived from ``property``."""
        if isinstance(expr, Call):
            return False
        entity = self._names.lookup(expr, scope)
        if not isinstance(entity, ClassEntity):
            return False
        return any(
            self.identity(base, cls.scope) in PROPERTY
            for cls in self._names.mro(entity).classes
            for base in cls.decl.bases
        )


def _is_accessor(expr: Expr) -> bool:
    """``@x.setter``, ``@x.getter``, ``@x.deleter``: the attribute is a property."""
    return (
        isinstance(expr, Attr)
        and isinstance(expr.value, Name)
        and expr.attr in ("setter", "getter", "deleter")
    )
