"""Which blocks does a statement have, and what do they contain?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Union

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import (
    WITH_BLOCKS,
    ClassDecl,
    FunctionDecl,
    If,
    Loop,
    Match,
    Statement,
    Try,
    With,
)
from arctic_codegen.model.expr import LambdaExpr, Name

Frames = tuple[Union[FunctionDecl, ClassDecl], ...]


def flat(statements: Sequence[Statement]) -> list[Statement]:
    """The statements of a body and its blocks, without those of nested definitions."""
    found: list[Statement] = []
    for stmt in statements:
        found.append(stmt)
        for block in blocks_of(stmt):
            found.extend(flat(block))
    return found


def blocks_of(stmt: Statement) -> tuple[tuple[Statement, ...], ...]:
    """The blocks of a statement that share its scope."""
    if type(stmt) not in WITH_BLOCKS:
        return ()
    if isinstance(stmt, If | Loop):
        return (stmt.body, stmt.orelse)
    if isinstance(stmt, With):
        return (stmt.body,)
    if isinstance(stmt, Try):
        handlers = tuple(handler.body for handler in stmt.handlers)
        return (stmt.body, *handlers, stmt.orelse, stmt.finalbody)
    return stmt.cases if isinstance(stmt, Match) else ()


def bodies(
    statements: Sequence[Statement], frames: Frames = ()
) -> Iterator[tuple[Frames, Sequence[Statement]]]:
    """A body and those of the functions and classes below it, each with the enclosing
    declarations, outermost first."""
    yield frames, statements
    for stmt in flat(statements):
        if isinstance(stmt, (FunctionDecl, ClassDecl)):
            yield from bodies(stmt.body, (*frames, stmt))


def functions_in(statements: Sequence[Statement]) -> list[FunctionDecl]:
    """Every ``def`` below these statements, in source order."""
    around = (frames[-1] for frames, _ in bodies(statements) if frames)
    return [frame for frame in around if isinstance(frame, FunctionDecl)]


def parts_of(record: object, *, lambdas: bool = True) -> Iterator[msgspec.Struct]:
    """A record, such as an expression, and all records inside it, in source order."""
    pending = [record]
    while pending:
        part = pending.pop()
        if type(part) is tuple:
            pending.extend(reversed(part))
        elif not lambdas and type(part) is LambdaExpr:
            continue
        elif isinstance(part, msgspec.Struct) and type(part) is not Span:
            yield part
            pending.extend([getattr(part, name) for name in reversed(part.__struct_fields__)])


def names_in(record: object) -> set[str]:
    """The names in an expression."""
    return {part.id for part in parts_of(record) if isinstance(part, Name)}
