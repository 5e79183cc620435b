"""Which statements of a body may bind a name: an index, made once, that decides nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Union

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import (
    WITH_BLOCKS,
    Assign,
    AugAssign,
    CallStmt,
    ClassDecl,
    Delete,
    FromImport,
    FunctionDecl,
    Global,
    If,
    Import,
    Loop,
    Match,
    Statement,
    Try,
    TypeAlias,
    With,
)
from arctic_codegen.model.expr import Attr, Expr, Name, Seq, Starred
from arctic_codegen.resolve.entities import Scope

Position = tuple[int, int]
DefKind = Literal[
    "import", "from", "star", "assign", "augmented", "function", "class", "type", "target",
    "submodule",
]  # fmt: skip

ALL_CHANGES = "__all__()"
"""The key under which calls such as ``__all__.append(...)`` are found."""


def normal(name: str) -> str:
    """An identifier as Python compares it."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def start(span: Span) -> Position:
    """Where a stretch of text begins."""
    return (span.line, span.column)


def outward(scope: Scope) -> Scope:
    """The scope around the innermost frame, as code in that frame reads it.

    A class body reads what is outside when the class statement is executed; a function later.
    """
    frame = scope.frames[-1]
    before: Position | None = None
    if scope.before is not None and isinstance(frame, ClassDecl):
        before = start(frame.span)
    return Scope(scope.module, scope.frames[:-1], before)


def end(span: Span) -> Position:
    """Where a stretch of text ends."""
    return (span.end_line, span.end_column)


class Def:
    """One way in which a statement binds one name.

    ``index`` is that of the alias in an import, ``path`` the subscripts that lead from the value
    of an assignment to the target. ``certain`` is false for a star import that may bind it.
    """

    __slots__ = ("certain", "index", "key", "kind", "name", "path", "stmt")

    def __init__(
        self,
        stmt: Statement,
        kind: DefKind,
        name: str,
        *,
        index: int = 0,
        path: tuple[int, ...] = (),
        certain: bool = True,
    ) -> None:
        self.stmt = stmt
        self.kind = kind
        self.name = name
        self.index = index
        self.path = path
        self.certain = certain
        self.key = (id(stmt), kind, name, index, path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Def) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Reaching = Union[Def, None]
"""A definition that reaches a place, or ``None``: the name may be unbound there."""
State = frozenset[Reaching]
UNBOUND: State = frozenset({None})


def targets_of(target: Expr, path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names that an assignment to ``target`` binds, and the way to each in the value.

    After a ``*rest`` the way counts from the end; the way to ``rest`` itself cannot be told,
    and ends in a number too large for any display.
    """
    if isinstance(target, Name):
        yield normal(target.id), path
    elif isinstance(target, Starred):
        yield from targets_of(target.value, (*path, NO_WAY))
    elif isinstance(target, Seq):
        after_star = False
        for index, item in enumerate(target.items):
            if isinstance(item, Starred):
                after_star = True
                yield from targets_of(item.value, (*path, NO_WAY))
            else:
                place = index - len(target.items) if after_star else index
                yield from targets_of(item, (*path, place))


NO_WAY = 1 << 30


class Body:
    """The statements of one module, class, function or branch, indexed by what they bind."""

    __slots__ = ("_ends", "arms", "binders", "declared", "outer", "statements", "stars")

    def __init__(self, statements: Sequence[Statement], package: str | None = None) -> None:
        self.statements = tuple(statements)
        self.binders: dict[str, list[int]] = {}
        self.stars: list[int] = []
        self.arms: dict[int, tuple[Body, ...]] = {}
        self.declared: set[str] = set()
        """Names under ``global`` here."""
        self.outer: set[str] = set()
        """Names under ``nonlocal`` here."""
        self._ends: dict[int, Position] = {}
        for index, stmt in enumerate(self.statements):
            arms = tuple(Body(part, package) for part in _parts(stmt))
            names = list(_bound(stmt, package))
            starred = isinstance(stmt, FromImport) and stmt.star
            if arms:
                self.arms[index] = arms
                for arm in arms:
                    names.extend(arm.binders)
                    starred = starred or bool(arm.stars)
                    self.declared |= arm.declared
                    self.outer |= arm.outer
            if isinstance(stmt, Global):
                (self.outer if stmt.nonlocal_ else self.declared).update(map(normal, stmt.names))
            for name in dict.fromkeys(names):
                self.binders.setdefault(name, []).append(index)
            if starred:
                self.stars.append(index)

    def relevant(self, name: str) -> Sequence[int]:
        """Indices of the statements that may bind ``name``, star imports among them."""
        direct = self.binders.get(name, [])
        if not self.stars:
            return direct
        return sorted({*direct, *self.stars})

    def says(self, name: str) -> bool:
        """Whether a statement binds ``name`` by saying it, and not by importing a module of a
        package."""
        return any(
            name in bound_names(self.statements[index])
            or any(arm.says(name) for arm in self.arms.get(index, ()))
            for index in self.binders.get(name, ())
        )

    def begins(self, index: int) -> Position:
        """Where a statement starts."""
        return start(self.statements[index].span)

    def ends(self, index: int) -> Position:
        """Where a statement ends, everything in it included."""
        found = self._ends.get(index)
        if found is None:
            found = self._ends[index] = extent_end(self.statements[index])
        return found

    def contains(self, position: Position) -> bool:
        """Whether a position lies within these statements."""
        if not self.statements:
            return False
        return self.begins(0) <= position < self.ends(len(self.statements) - 1)


def extent_end(stmt: Statement) -> Position:
    """The end of the last thing inside a statement."""
    latest = end(stmt.span)
    if isinstance(stmt, ClassDecl):
        for base in stmt.bases:
            latest = max(latest, end(base.span))
        for _, value in stmt.keywords:
            latest = max(latest, end(value.span))
        children: Iterable[Statement] = stmt.body
    elif isinstance(stmt, FunctionDecl):
        for param in stmt.params:
            for expr in (param.annotation, param.default):
                if expr is not None:
                    latest = max(latest, end(expr.span))
        if stmt.returns is not None:
            latest = max(latest, end(stmt.returns.span))
        children = stmt.body
    else:
        children = [part[-1] for part in _parts(stmt) if part]
    for child in children:
        latest = max(latest, extent_end(child))
    return latest


def _parts(stmt: Statement) -> tuple[tuple[Statement, ...], ...]:
    if type(stmt) not in WITH_BLOCKS:
        return ()
    if isinstance(stmt, If):
        return (stmt.body, stmt.orelse)
    if isinstance(stmt, Try):
        handlers = tuple(handler.body for handler in stmt.handlers)
        return (stmt.body, *handlers, stmt.orelse, stmt.finalbody)
    if isinstance(stmt, With):
        return (stmt.body,)
    if isinstance(stmt, Loop):
        return (stmt.body, stmt.orelse)
    if isinstance(stmt, Match):
        return stmt.cases
    return ()


def _bound(stmt: Statement, package: str | None) -> Iterator[str]:
    """Names that a statement binds itself, those of its branches left out."""
    if isinstance(stmt, Import):
        for alias in stmt.names:
            yield normal(alias.asname or alias.name.partition(".")[0])
            yield from own_submodule(package, alias.name)
    elif isinstance(stmt, FromImport):
        if package is not None:
            yield from own_submodule(package, absolute(stmt, package, True) or "")
        for alias in stmt.names:
            yield normal(alias.asname or alias.name)
    elif isinstance(stmt, Assign):
        if stmt.value is not None:
            for target in stmt.targets:
                yield from (name for name, _ in targets_of(target))
    elif isinstance(stmt, AugAssign):
        yield from (name for name, _ in targets_of(stmt.target))
    elif isinstance(stmt, (Delete, With, Loop)):
        for target in stmt.targets:
            yield from (name for name, _ in targets_of(target))
    elif isinstance(stmt, (FunctionDecl, ClassDecl, TypeAlias)):
        yield normal(stmt.name)
    elif isinstance(stmt, Match):
        yield from map(normal, stmt.names)
    elif isinstance(stmt, Try):
        for handler in stmt.handlers:
            if handler.name is not None:
                yield normal(handler.name)
    elif isinstance(stmt, CallStmt):
        func = stmt.call.func
        if isinstance(func, Attr) and isinstance(func.value, Name) and func.value.id == "__all__":
            yield ALL_CHANGES


def bound_names(stmt: Statement) -> tuple[str, ...]:
    """Names that a statement binds itself."""
    return tuple(name for name in _bound(stmt, None) if name != ALL_CHANGES)


def own_submodule(package: str | None, imported: str) -> Iterator[str]:
    """The attribute that a package gets when it imports a module inside itself."""
    if package is not None and imported.startswith(package + "."):
        yield imported[len(package) + 1 :].partition(".")[0]


def absolute(stmt: FromImport, module: str, is_package: bool) -> str | None:
    """The dotted name of the module that a ``from`` import names; ``None`` above the top."""
    return absolute_name(stmt.level, stmt.module, module, is_package)


def absolute_name(level: int, imported: str, module: str, is_package: bool) -> str | None:
    """The same of its leading dots, and of what comes after them."""
    if level == 0:
        return imported
    parts = module.split(".")
    drop = level - 1 if is_package else level
    if drop >= len(parts):
        return None
    base = parts[: len(parts) - drop]
    return ".".join([*base, imported] if imported else base)


def rebound_by_functions(statements: Sequence[Statement]) -> frozenset[str]:
    """Names of a module that some function in it declares ``global`` and binds."""
    found: set[str] = set()
    pending: list[tuple[Statement, ...]] = [tuple(statements)]
    while pending:
        for stmt in pending.pop():
            if isinstance(stmt, FunctionDecl):
                body = Body(stmt.body) if _says_global(stmt.body) else None
                if body is not None:
                    found |= {name for name in body.declared if name in body.binders}
                pending.append(stmt.body)
            elif isinstance(stmt, ClassDecl):
                pending.append(stmt.body)
            else:
                pending.extend(_parts(stmt))
    return frozenset(found)


def _says_global(statements: Sequence[Statement]) -> bool:
    return any(
        isinstance(stmt, Global) or any(_says_global(part) for part in _parts(stmt))
        for stmt in statements
    )
