"""How do the decorators of a ``def`` in a class body change it?"""

from __future__ import annotations

from typing import Literal, Union

import msgspec

from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Attr, Call, Expr, Literal_, Name, Str
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.known_functions import KINDS, KnownFunctions
from arctic_codegen.resolve.values.records import Descriptor
from arctic_codegen.resolve.values.signature_preserving import PRESERVING
from arctic_codegen.resolve.values.values import Values

MemberKind = Union[Literal["method"], Descriptor]

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
_DATACLASS = frozenset({"dataclasses.dataclass", "pydantic.dataclasses.dataclass"})
_EVENT_DECORATORS = frozenset(
    str(decorator) for framework in FRAMEWORKS for decorator in framework.event_decorators
)


class Decoration(msgspec.Struct, frozen=True):
    """The decorators of one ``def``, interpreted.

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
    """Reads decorators by what their names refer to, in any order."""

    def __init__(self, names: Names, values: Values) -> None:
        self._names = names
        self._values = values
        self._known = KnownFunctions(names)

    def identity(self, expr: Expr, scope: Scope) -> str | None:
        """The dotted name of a decorator, or of the callee if it is a call."""
        known = self._known.name_of(expr, scope)
        if known is not None:
            return known
        return dotted_name(self._names.lookup(expr.func if isinstance(expr, Call) else expr, scope))

    def of(self, decl: FunctionDecl, scope: Scope) -> Decoration:
        """The meaning of the decorators of a ``def`` in ``scope``."""
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
            found = [names for names in _MARKS if name in names]
            if name in _EVENT_DECORATORS and isinstance(expr, Call) and expr.args:
                event_name = self._string(expr.args[0].value, scope) or event_name
            elif not (name in KINDS or found or name in PRESERVING):
                others.append(expr)
            kind = KINDS.get(name or "") or kind
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

    def may_change(self, cls: ClassEntity) -> bool:
        """Whether a class has a decorator other than a marker and ``@dataclass``: it may return
        another class, or change the methods."""
        return any(
            self.identity(expr, cls.scope) not in _GIVE_THE_CLASS_BACK | _DATACLASS
            for expr in cls.decl.decorators
        )

    def dataclass(self, cls: ClassEntity) -> Expr | None:
        """The ``@dataclass`` decorator of a class, if it has one."""
        found = (e for e in cls.decl.decorators if self.identity(e, cls.scope) in _DATACLASS)
        return next(found, None)

    def is_of_attrs(self, cls: ClassEntity) -> bool:
        """Whether a class has a decorator of attrs, which generates an ``__init__``."""
        names = (self.identity(expr, cls.scope) or "" for expr in cls.decl.decorators)
        return any(name.partition(".")[0] in ("attr", "attrs") for name in names)


def keyword_flag(decorator: Expr, keyword: str) -> bool | None:
    """The value of a boolean keyword in the call of a decorator; ``None`` if it is not given."""
    for arg in decorator.args if isinstance(decorator, Call) else ():
        if arg.keyword == keyword and isinstance(arg.value, Literal_):
            return {"True": True, "False": False}.get(arg.value.text)
    return None


def _is_accessor(expr: Expr) -> bool:
    """Whether it is ``@x.setter``, ``@x.getter`` or ``@x.deleter``, on a property."""
    return (
        isinstance(expr, Attr)
        and isinstance(expr.value, Name)
        and expr.attr in ("setter", "getter", "deleter")
    )
