"""What does a callback return, as far as its text shows?

Statements about a value that has to be a tuple (R55) are certain: a name that may be something
else, and a complicated annotation, are left to the type checker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import (
    Assign,
    ClassDecl,
    FunctionDecl,
    Loop,
    Return,
    Statement,
)
from arctic_codegen.model.expr import (
    Attr,
    Call,
    Comp,
    DictDisplay,
    Expr,
    FString,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Opaque,
    Seq,
    Starred,
    Str,
    Subscript,
    is_none_literal,
    named,
    unquoted,
)
from arctic_codegen.model.hosts import Method
from arctic_codegen.resolve.binder.bindings import UNBOUND, bound_names
from arctic_codegen.resolve.binder.blocks import flat, names_in
from arctic_codegen.resolve.entities import ClassEntity, Entity, FunctionEntity, OpaqueEntity, Scope
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show, whole
from arctic_codegen.resolve.values.records import Function

_NEVER = from_typing("NoReturn", "Never")


class Returned(msgspec.Struct, frozen=True):
    """One ``return``, or one branch of its conditional expression."""

    span: Span
    value: Expr | None

    @property
    def place(self) -> Span:
        """The span of the value; of the statement if there is no value."""
        return self.span if self.value is None else self.value.span

    @property
    def is_none(self) -> bool:
        """Whether it is a literal ``return None``."""
        return is_none_literal(self.value)

    @property
    def may_be_none(self) -> bool:
        """Whether there is no value, ``None``, or a call, which may return ``None``."""
        return self.value is None or self.is_none or isinstance(self.value, Call | Opaque)


def names_in_display(display: Expr | None) -> tuple[str, ...] | None:
    """The names in a display; ``None`` if an item is not a name."""
    items = display.items if isinstance(display, Seq) else ()
    names = tuple(item.id for item in items if isinstance(item, Name))
    return names if len(names) == len(items) else None


def returns_of(value: Function) -> tuple[Returned, ...]:
    """Every ``return`` of a ``def``, except in nested functions; the body of a lambda."""
    found: Iterable[Returned] = ()
    if value.definition is not None:
        body = flat(value.definition.body)
        found = (Returned(stmt.span, stmt.value) for stmt in body if isinstance(stmt, Return))
    elif value.lambda_body is not None:
        found = [Returned(value.lambda_body.span, value.lambda_body)]
    return tuple(_branches(found))


def _branches(found: Iterable[Returned]) -> Iterator[Returned]:
    for one in found:
        if isinstance(one.value, IfExp):
            sides = (one.value.body, one.value.orelse)
            yield from _branches(Returned(side.span, side) for side in sides)
        else:
            yield one


def falls_through(value: Function, cls: ClassEntity, names: Names) -> bool:
    """Whether control can reach the end of a callback of ``cls``; a call of a function that is
    annotated ``-> NoReturn`` ends it."""
    code = value.definition
    if code is None or not code.falls_through:
        return False
    return not code.calls_at_the_end or not all(
        _never_returns(_called(dotted, code, value, cls, names), names)
        for dotted in code.calls_at_the_end
    )


def _called(
    dotted: str, code: FunctionDecl, value: Function, cls: ClassEntity, names: Names
) -> Entity | None:
    first, _, rest = dotted.partition(".")
    if code.params and first == code.params[0].name:
        return names.class_attribute(cls, rest) if rest and "." not in rest else None
    return names.lookup(named(dotted, code.span), value.scope.inside(code))


def _never_returns(entity: Entity | None, names: Names) -> bool:
    if not isinstance(entity, FunctionEntity) or entity.decl.is_async:
        return False
    returns = unquoted(entity.decl.returns)
    if not isinstance(returns, (Name, Attr)):
        return False
    found = names.lookup(returns, entity.scope)
    return isinstance(found, OpaqueEntity) and dotted_name(found) in _NEVER


def may_mean_none(value: Function, method: Method, parameter: str) -> bool:
    """Whether ``None`` that a callback returns may be the new value of a parameter: both the
    annotation of its result and that of the parameter, if there is one, include ``None``."""
    returns = unquoted(value.returns)
    if returns is None or is_none_literal(returns) or not _WITH_NONE.search(whole(returns)):
        return False
    accepted = next((one.annotation for one in method.params if one.name == parameter), None)
    parts = () if accepted is None else accepted.parts
    names = " ".join(part if isinstance(part, str) else part.name for part in parts)
    return not names or _WITH_NONE.search(names) is not None


_WITH_NONE = re.compile(r"\b(None|Optional)\b")
_ITERATORS = re.compile(r"(Iterator|Iterable|Generator)\b")


def maps_an_iterator(declaration: Declaration, method: Method) -> bool:
    """Whether a generator callback replaces an iterator, so that its result is consumed as one.

    This is valid if it takes one value that is an iterator, by the annotation of the method or of
    its parameter, or because the body loops over it.
    """
    value = declaration.callable
    if value.params is None or len(value.params) != 2 or value.is_async:
        return False
    taken = value.params[1]
    if declaration.phase == "post":
        if method.generator == "sync":
            return True
        given = method.returns
    else:
        known = (one.annotation for one in method.params if one.name == taken.name)
        given = next(known, None)
    texts = [] if given is None else [str(getattr(part, "name", part)) for part in given.parts]
    if taken.annotation is not None:
        texts.append(show(taken.annotation))
    if any(_ITERATORS.search(text) for text in texts):
        return True
    return value.definition is not None and any(
        isinstance(stmt, Loop) and taken.name in names_in(stmt.iterable)
        for stmt in flat(value.definition.body)
    )


_NO_TUPLES = frozenset(
    {"bool", "bytes", "complex", "dict", "float", "frozenset", "int", "set", "str"}
)
"""Built-in classes. A list, which can also be unpacked, is left to the type checker."""
_SINGLE = DictDisplay | LambdaExpr | Literal_ | Str | FString


class Shape(msgspec.Struct, frozen=True):
    """The shape of a value: a tuple of this length, or not a tuple if ``length`` is ``None``."""

    length: int | None = None
    names: tuple[str, ...] | None = None
    """The names in a display that contains only names."""


class Shapes:
    """Determines the shape of the values that a callback returns where a tuple is expected."""

    def __init__(self, value: Function, mro: Sequence[ClassEntity], names: Names) -> None:
        self._names = names
        self._mro = mro
        self._scope = value.scope
        self._params = [param.name for param in value.params or ()]
        self._returns = value.returns
        self._bound: dict[str, list[Statement]] = {}
        for stmt in flat(() if value.definition is None else value.definition.body):
            for name in bound_names(stmt):
                self._bound.setdefault(name, []).append(stmt)

    def of(self, one: Returned) -> Shape | None:
        """The shape of a returned value; ``None`` if it is not certain."""
        if one.value is None or one.is_none:
            return None
        found = self._of(one.value)
        if found is None and isinstance(one.value, Name | Attr | Call):
            found = self._annotated(self._returns, self._scope)
        return found

    def _of(self, value: Expr) -> Shape | None:
        match value:
            case Seq(kind="set") | Comp(kind="set"):
                return Shape()
            case Seq(items=items):
                starred = any(isinstance(item, Starred) for item in items)
                return None if starred else Shape(len(items), names_in_display(value))
            case Name(id=name):
                return self._name(name)
            case Attr(value=Name(id=object), attr=name) if object in self._params[:1]:
                return self._attribute(name)
            case Call(func=Name(id=name)) if name not in self._bound and name not in self._params:
                return self._call(name)
        return Shape() if isinstance(value, _SINGLE) else None

    def _name(self, name: str) -> Shape | None:
        """The shape of a parameter that is never rebound, or of a local name with one
        assignment."""
        bound = self._bound.get(name, ())
        if name in self._params:
            return None if bound or name == self._params[0] else Shape()
        stmt = bound[0] if len(bound) == 1 else None
        if not isinstance(stmt, Assign) or not all(isinstance(one, Name) for one in stmt.targets):
            return None
        value = stmt.value
        found = None
        if isinstance(value, Name):
            found = self._name(value.id) if value.id in self._params else None
        elif value is not None and not (isinstance(value, Seq) and value.kind == "list"):
            found = self._of(value)  # a list may grow
        return found or self._annotated(stmt.annotation, self._scope)

    def _attribute(self, name: str) -> Shape | None:
        for cls in self._mro:
            for stmt in cls.decl.body:
                if isinstance(stmt, Assign) and name in names_in(stmt.targets):
                    return self._annotated(stmt.annotation, cls.body)
        return None

    def _call(self, name: str) -> Shape | None:
        scope = Scope(self._scope.module)
        function = self._only(scope, name)
        if not isinstance(function, FunctionDecl) or function.decorators:
            return None
        if function.is_async or function.is_generator:
            return None
        return self._annotated(function.returns, scope)

    def _only(self, scope: Scope, name: str) -> Statement | None:
        """The statement that binds a module-level name, if there is only one."""
        found = [one.stmt for one in self._names.state(scope, name) if one is not None]
        return found[0] if len(found) == 1 else None

    def _annotated(self, expr: Expr | None, scope: Scope) -> Shape | None:
        """The shape that an annotation implies, if it is obvious."""
        expr = unquoted(expr)
        if is_none_literal(expr):
            return Shape()
        base = expr.value if isinstance(expr, Subscript) else expr
        if not isinstance(base, Name):
            return None
        module = Scope(scope.module)
        if self._names.state(module, base.id) != UNBOUND:
            cls = self._only(module, base.id)
            # A class without bases is not a tuple.
            plain = isinstance(cls, ClassDecl) and not (cls.bases or cls.keywords or cls.decorators)
            return Shape() if plain else None
        if base.id in _NO_TUPLES:
            return Shape()
        items = expr.items if isinstance(expr, Subscript) and base.id == "tuple" else ()
        return Shape(len(items)) if items and not any(map(_is_open, items)) else None


def _is_open(item: Expr) -> bool:
    ellipsis = isinstance(item, Literal_) and item.kind == "ellipsis"
    return ellipsis or isinstance(item, Starred | Subscript | Seq)
