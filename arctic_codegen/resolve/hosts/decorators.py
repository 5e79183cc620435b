"""What do the decorators of a ``def`` in a class body make of it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Attr, Call, Expr, Literal_, Name, Str, named
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Scope,
    ValueEntity,
)
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.known_functions import (
    CLASS,
    PARTIAL,
    PROPERTY,
    STATIC,
    KnownFunctions,
)
from arctic_codegen.resolve.values.signature_preserving import PRESERVING
from arctic_codegen.resolve.values.values import Values

MemberKind = Literal["method", "property", "static method", "class method"]

_KINDS: dict[MemberKind, frozenset[str]] = {
    "property": PROPERTY,
    "static method": STATIC,
    "class method": CLASS,
}
_ABSTRACT = frozenset(
    f"{module}.abstract{kind}"
    for module in ("abc", "_py_abc")
    for kind in ("method", "property", "classmethod", "staticmethod")
)
_FINAL = from_typing("final")
_OVERLOAD = from_typing("overload")
_REPLACES = frozenset(
    {"arctic_codegen.replaces_inherited", "arctic_codegen.runtime.wrappers.replaces_inherited"}
)
_MARKS = (_ABSTRACT, _FINAL, _OVERLOAD, _REPLACES)
_GIVE_THE_CLASS_BACK = _FINAL | {"functools.total_ordering"}
_TRANSFORMS = from_typing("dataclass_transform")
_DATACLASS = frozenset({"dataclasses.dataclass", "pydantic.dataclasses.dataclass"})
_EVENT_DECORATORS = frozenset(
    str(decorator) for framework in FRAMEWORKS for decorator in framework.event_decorators
)


class Decoration(msgspec.Struct, frozen=True):
    """The decorators of one ``def``, read.

    ``others`` are those that are not known by name: they may change the signature.
    """

    kind: MemberKind = "method"
    abstract: bool = False
    final: bool = False
    overload: bool = False
    replaces_inherited: bool = False
    event_name: str | None = None
    """The event that ``@callback_wrapper("...")`` names (R6)."""
    others: tuple[Expr, ...] = ()


_NONE = Decoration()


class Decorators:
    """Reads decorators by what their names mean, in whatever order they stand."""

    def __init__(self, names: Names, values: Values, preserving: tuple[str, ...]) -> None:
        self._names = names
        self._values = values
        self._known = KnownFunctions(names, preserving)

    def identity(self, expr: Expr, scope: Scope) -> str | None:
        """The dotted name of what a decorator is (of what it calls, for a call)."""
        known = self._known.name_of(expr, scope)
        if known is not None:
            return known
        return dotted_name(self._names.lookup(expr.func if isinstance(expr, Call) else expr, scope))

    def of(self, decl: FunctionDecl, scope: Scope) -> Decoration:
        """What the decorators of a ``def`` that stands in ``scope`` say."""
        if not decl.decorators:
            return _NONE
        kind: MemberKind = "method"
        marks: set[frozenset[str]] = set()
        event_name: str | None = None
        others: list[Expr] = []
        for expr in decl.decorators:
            if _is_accessor(expr):
                kind = "property"
                continue
            name = self.identity(expr, scope)
            kinds = [one for one, names in _KINDS.items() if name in names]
            found = [names for names in _MARKS if name in names]
            if name in _EVENT_DECORATORS and isinstance(expr, Call) and expr.args:
                event_name = self._string(expr.args[0].value, scope) or event_name
            elif not (kinds or found or name in PRESERVING):
                others.append(expr)
            kind = kinds[-1] if kinds else kind
            marks.update(found)
        return Decoration(
            kind,
            _ABSTRACT in marks,
            _FINAL in marks,
            _OVERLOAD in marks,
            _REPLACES in marks,
            event_name,
            tuple(others),
        )

    def _string(self, expr: Expr, scope: Scope) -> str | None:
        return expr.value if isinstance(expr, Str) else self._values.string(expr, scope)

    def is_final_class(self, cls: ClassEntity) -> bool:
        """Whether a class is marked ``@final``."""
        return any(self.identity(expr, cls.scope) in _FINAL for expr in cls.decl.decorators)

    def is_mark(self, expr: Expr, scope: Scope) -> bool:
        """Whether a decorator of a class gives that class back, as ``@final`` does."""
        return self.identity(expr, scope) in _GIVE_THE_CLASS_BACK

    def may_change(self, cls: ClassEntity) -> bool:
        """Whether a class has another decorator than a mark and ``@dataclass``: what it gives may
        be another class, or that class with other methods."""
        return any(
            self._as_dataclass(expr, cls.scope) is None and not self.is_mark(expr, cls.scope)
            for expr in cls.decl.decorators
        )

    def dataclass(self, cls: ClassEntity) -> Expr | None:
        """The ``@dataclass`` decorator of a class, if it has one, with what a name for it holds."""
        for expr in cls.decl.decorators:
            found = self._as_dataclass(expr, cls.scope)
            if found is not None:
                return found
        return None

    def _as_dataclass(self, expr: Expr, scope: Scope) -> Expr | None:
        if self.identity(expr, scope) in _DATACLASS:
            return expr
        name = expr.func if isinstance(expr, Call) else expr
        entity = self._names.lookup(name, scope) if isinstance(name, Name | Attr) else None
        if not isinstance(entity, ValueEntity) or not isinstance(entity.expr, Call):
            return None
        made = entity.expr
        func = self.identity(made.func, entity.scope)
        if func in _DATACLASS:  # `frozen = dataclass(frozen=True)`
            return None if isinstance(expr, Call) else made
        args = made.args
        if func not in PARTIAL or not args:
            return None
        if self.identity(args[0].value, entity.scope) not in _DATACLASS:
            return None
        own = expr.args if isinstance(expr, Call) else ()
        kept = [arg for arg in args[1:] if all(arg.keyword != one.keyword for one in own)]
        return Call(made.span, args[0].value, (*kept, *own))

    def writes_unread_init(self, cls: ClassEntity) -> bool:
        """Whether another decorator than ``@dataclass`` writes an ``__init__`` from the fields: one
        of attrs, or one that is marked ``@dataclass_transform`` or makes a dataclass itself."""
        return any(self._writes_init(expr, cls.scope) for expr in cls.decl.decorators)

    def _writes_init(self, expr: Expr, scope: Scope) -> bool:
        name = self.identity(expr, scope)
        if name is not None and name.split(".")[0] in ("attr", "attrs"):
            return True
        if name in PARTIAL and isinstance(expr, Call) and expr.args:
            made = expr.args[0].value
            return self.identity(made, scope) in _DATACLASS or self._writes_init(made, scope)
        target = expr.func if isinstance(expr, Call) else expr
        entity = self._names.lookup(target, scope)
        if isinstance(entity, ValueEntity) and isinstance(entity.expr, Call):
            return self._writes_init(entity.expr, entity.scope)  # `strict = attrs.define(...)`
        return self._transforms(entity)

    def inherits_transform(self, mro: Sequence[ClassEntity]) -> bool:
        """The same of a base or a metaclass, which writes one for each class below it."""
        return any(self._transforms(base) for base in mro[1:]) or any(
            self._transforms(self._names.lookup(value, one.scope))
            for one in mro
            for key, value in one.decl.keywords
            if key == "metaclass"
        )

    def _transforms(self, entity: Entity) -> bool:
        if not isinstance(entity, FunctionEntity | ClassEntity):
            return False
        scope = entity.scope
        if any(self.identity(expr, scope) in _TRANSFORMS for expr in entity.decl.decorators):
            return True
        if not isinstance(entity, FunctionEntity):
            return False
        return any(
            call.name.rpartition(".")[2] == "dataclass"
            and self.identity(named(call.name, call.span), entity.body) in _DATACLASS
            for call in entity.decl.calls
        )


def keyword_flag(decorator: Expr, keyword: str) -> bool | None:
    """What the call of a decorator says for a keyword; ``None`` where it does not say it."""
    for arg in decorator.args if isinstance(decorator, Call) else ():
        if arg.keyword == keyword and isinstance(arg.value, Literal_):
            return {"True": True, "False": False}.get(arg.value.text)
    return None


def _is_accessor(expr: Expr) -> bool:
    """``@x.setter``, ``@x.getter``, ``@x.deleter``: the attribute is a property."""
    return (
        isinstance(expr, Attr)
        and isinstance(expr.value, Name)
        and expr.attr in ("setter", "getter", "deleter")
    )
