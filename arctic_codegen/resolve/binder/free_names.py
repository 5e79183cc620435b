"""Which names does a lambda read without binding them itself?"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.expr import (
    Arg,
    Attr,
    Comp,
    CompFor,
    FField,
    LambdaExpr,
    Name,
    Opaque,
    Param,
)
from arctic_codegen.resolve.binder.bindings import targets_of
from arctic_codegen.resolve.binder.blocks import parts_of


def can_move(expr: LambdaExpr, in_class: bool) -> bool:
    """Whether a lambda's text can be moved if its free names are replaced. It must not contain
    ``yield``, ``await``, ``:=`` or an f-string field with ``=``, nor, ``in_class``, a name that
    the class mangles."""
    for part in parts_of(expr):
        match part:
            case Opaque() | FField(debug=str()) | CompFor(is_async=True):
                return False
            case Name(id=name) | Attr(attr=name) | Arg(keyword=str(name)) | Param(name=name):
                if in_class and name.startswith("__") and not name.endswith("__"):
                    return False
    return True


def free_names(expr: LambdaExpr) -> list[tuple[str, int, int]]:
    """The free names in a lambda's body, in order, with their offsets in the lambda's text."""
    starts = [0]
    for line in expr.text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    first_line, first_column = expr.text_start

    def offset(line: int, column: int) -> int:
        return starts[line - first_line] + column - (first_column if line == first_line else 1)

    bound = frozenset(param.name for param in expr.params)
    found = sorted(free(expr.body, bound), key=lambda name: name.span)
    return [(name.id, offset(*name.span.start), offset(*name.span.end)) for name in found]


def free(part: object, bound: frozenset[str] = frozenset()) -> Iterator[Name]:
    """The free names in a part of an expression, given the ``bound`` names."""
    inner: tuple[object, ...] = ()
    if isinstance(part, LambdaExpr):
        inner = tuple(param.default for param in part.params)
        yield from free(part.body, bound.union(param.name for param in part.params))
    elif isinstance(part, Comp):
        first, *rest = part.clauses
        inner = (first.iterable,)  # the only part that is evaluated in the outer scope
        names = (name for one in part.clauses for name, _ in targets_of(one.target))
        yield from free((first.ifs, rest, part.key, part.element), bound.union(names))
    elif isinstance(part, Name):
        if part.id not in bound:
            yield part
    elif isinstance(part, msgspec.Struct) and type(part) is not Span:
        inner = tuple(getattr(part, field) for field in part.__struct_fields__)
    elif isinstance(part, tuple | list):
        inner = tuple(part)
    for one in inner:
        yield from free(one, bound)
