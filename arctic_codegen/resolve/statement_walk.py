"""Walks over statements as they are written, whatever is live of them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from arctic_codegen.model.decls import (
    WITH_BLOCKS,
    Assign,
    AugAssign,
    ClassDecl,
    FromImport,
    FunctionDecl,
    If,
    Import,
    Loop,
    Match,
    Statement,
    Try,
    With,
)
from arctic_codegen.model.expr import Name, names_of_target


def flat(statements: tuple[Statement, ...]) -> list[Statement]:
    """The statements of a body and of the blocks in it, not those of nested definitions."""
    found: list[Statement] = []
    for stmt in statements:
        found.append(stmt)
        if type(stmt) not in WITH_BLOCKS:
            continue
        match stmt:
            case With():
                found.extend(flat(stmt.body))
            case If() | Loop():
                found.extend(flat(stmt.body) + flat(stmt.orelse))
            case Try():
                found.extend(flat(stmt.body))
                for handler in stmt.handlers:
                    found.extend(flat(handler.body))
                found.extend(flat(stmt.orelse) + flat(stmt.finalbody))
            case Match():
                for case in stmt.cases:
                    found.extend(flat(case))
    return found


def blocks_of(stmt: Statement) -> tuple[tuple[Statement, ...], ...]:
    """The blocks of a statement that belong to the same scope."""
    if isinstance(stmt, If | Loop):
        return (stmt.body, stmt.orelse)
    if isinstance(stmt, With):
        return (stmt.body,)
    if isinstance(stmt, Try):
        handlers = tuple(handler.body for handler in stmt.handlers)
        return (stmt.body, *handlers, stmt.orelse, stmt.finalbody)
    if isinstance(stmt, Match):
        return stmt.cases
    return ()


def local_names(code: FunctionDecl) -> set[str]:
    """Names that the body binds, its parameters not counted."""
    return {name for stmt in flat(code.body) for name in names_bound(stmt)}


def names_bound(stmt: Statement) -> list[str]:
    """The names that one statement binds by itself, blocks in it not counted."""
    match stmt:
        case Assign(targets=targets, value=value) if value is not None:
            return [name for target in targets for name in names_of_target(target)]
        case AugAssign(target=target):
            return names_of_target(target)
        case Loop(targets=targets) | With(targets=targets):
            return [name for target in targets for name in names_of_target(target)]
        case Import(names=names) | FromImport(names=names):
            return [alias.asname or alias.name.split(".")[0] for alias in names]
        case FunctionDecl(name=name) | ClassDecl(name=name):
            return [name]
        case Match(names=matched):
            return list(matched)
        case Try(handlers=handlers):
            return [handler.name for handler in handlers if handler.name is not None]
    return []


def functions_in(statements: tuple[Statement, ...]) -> list[FunctionDecl]:
    """Every ``def`` below these statements, in source order."""
    found: list[FunctionDecl] = []
    for stmt in flat(statements):
        if isinstance(stmt, FunctionDecl):
            found.append(stmt)
        if isinstance(stmt, (FunctionDecl, ClassDecl)):
            found.extend(functions_in(stmt.body))
    return found


def parts_of(record: object) -> Iterator[object]:
    """A record, such as an expression, and all that it is made of."""
    yield record
    if isinstance(record, tuple):
        for item in record:
            yield from parts_of(item)
    elif isinstance(record, msgspec.Struct):
        for name in record.__struct_fields__:
            yield from parts_of(getattr(record, name))


def names_in(record: object) -> set[str]:
    """The names that stand in an expression."""
    return {part.id for part in parts_of(record) if isinstance(part, Name)}
