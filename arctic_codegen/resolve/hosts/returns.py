"""What a callback gives back, as far as its text tells, and how it may end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import FunctionDecl, Loop, Return
from arctic_codegen.model.expr import (
    Attr,
    Call,
    Expr,
    IfExp,
    Name,
    Opaque,
    Seq,
    is_none_literal,
    named,
    unquoted,
)
from arctic_codegen.model.hosts import Method
from arctic_codegen.resolve.binder.blocks import flat, names_in
from arctic_codegen.resolve.entities import ClassEntity, Entity, FunctionEntity, OpaqueEntity
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.interfaces import CallableValue
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show

_NEVER = from_typing("NoReturn", "Never")
_ITERATORS = re.compile(r"(Iterator|Iterable|Generator)\b")


class Returned(msgspec.Struct, frozen=True):
    """One ``return``, or one branch of its conditional expression."""

    span: Span
    value: Expr | None

    @property
    def place(self) -> Span:
        """Where the value stands; the statement, where there is none."""
        return self.span if self.value is None else self.value.span

    @property
    def is_none(self) -> bool:
        """``return None``, spelled out."""
        return is_none_literal(self.value)

    @property
    def may_be_none(self) -> bool:
        """Nothing, ``None``, or what a call gives: that may be nothing as well."""
        return self.value is None or self.is_none or isinstance(self.value, Call | Opaque)

    @property
    def tuple_names(self) -> tuple[str, ...] | None:
        """The names in a tuple display that holds nothing else."""
        is_tuple = isinstance(self.value, Seq) and self.value.kind == "tuple"
        return names_in_display(self.value) if is_tuple else None


def names_in_display(display: Expr | None) -> tuple[str, ...] | None:
    """The items of a display; ``None`` if one of them is no name."""
    items = display.items if isinstance(display, Seq) else ()
    names = tuple(item.id for item in items if isinstance(item, Name))
    return names if len(names) == len(items) else None


def returns_of(value: CallableValue) -> tuple[Returned, ...]:
    """Every ``return`` of a ``def``, those of nested functions left out; what a lambda gives."""
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


def falls_through(value: CallableValue, cls: ClassEntity, names: Names) -> bool:
    """Whether control can run off the end of a callback of ``cls``: not past the call of a
    function that is annotated ``-> NoReturn``."""
    code = value.definition
    if code is None or not code.falls_through:
        return False
    return not code.calls_at_the_end or not all(
        _never_returns(_called(dotted, code, value, cls, names), names)
        for dotted in code.calls_at_the_end
    )


def _called(
    dotted: str, code: FunctionDecl, value: CallableValue, cls: ClassEntity, names: Names
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


def maps_an_iterator(declaration: Declaration, method: Method) -> bool:
    """Whether the result of a generator takes the place of an iterator, and is consumed as that is.

    It is right where it takes one value, and that is an iterator by the method's or its own
    annotation, or the body loops over it.
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
