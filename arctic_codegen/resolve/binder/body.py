"""Which statements of a body bind a name, in order?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arctic_codegen.model.decls import ClassDecl, FunctionDecl, Global, Statement
from arctic_codegen.resolve.binder.bindings import STAR, bindings_of, bound_names, normal
from arctic_codegen.resolve.binder.blocks import blocks_of
from arctic_codegen.resolve.entities import Scope

Position = tuple[int, int]


def outward(scope: Scope) -> Scope:
    """The scope around the innermost frame, as code in that frame sees it.

    A class body reads outer names when the class statement is executed; a function reads them
    later.
    """
    frame = scope.frames[-1]
    before: Position | None = None
    if scope.before is not None and isinstance(frame, ClassDecl):
        before = frame.span.start
    return Scope(scope.module, scope.frames[:-1], before)


class Body:
    """The statements of one module, class, function or branch."""

    __slots__ = ("_ends", "arms", "binders", "declared", "outer", "statements", "stars")

    def __init__(self, statements: Sequence[Statement], package: str | None = None) -> None:
        self.statements = tuple(statements)
        self.binders: dict[str, list[int]] = {}
        """For each name the indices of the statements that may bind it."""
        self.stars: list[int] = []
        """The indices of statements that contain a star import."""
        self.arms: dict[int, tuple[Body, ...]] = {}
        """The blocks of a statement, by its index."""
        self.declared: set[str] = set()
        """Names declared ``global`` here."""
        self.outer: set[str] = set()
        """Names declared ``nonlocal`` here."""
        self._ends: dict[int, Position] = {}
        for index, stmt in enumerate(self.statements):
            names = dict.fromkeys(one.name for one in bindings_of(stmt, package))
            arms = tuple(Body(block, package) for block in blocks_of(stmt))
            if arms:
                self.arms[index] = arms
            for arm in arms:
                names.update(dict.fromkeys(arm.binders))
                if arm.stars:
                    names[STAR] = None
                self.declared |= arm.declared
                self.outer |= arm.outer
            if isinstance(stmt, Global):
                (self.outer if stmt.nonlocal_ else self.declared).update(map(normal, stmt.names))
            if STAR in names:
                del names[STAR]
                self.stars.append(index)
            for name in names:
                self.binders.setdefault(name, []).append(index)

    def relevant(self, name: str) -> Sequence[int]:
        """Indices of the statements that may bind ``name``, including star imports."""
        direct = self.binders.get(name, [])
        return sorted({*direct, *self.stars}) if self.stars else direct

    def says(self, name: str) -> bool:
        """Whether a statement binds ``name`` explicitly, and not as a side effect of importing a
        submodule."""
        return self.times(name) > 0

    def times(self, name: str) -> int:
        """How many statements bind ``name`` explicitly."""
        return sum(
            (name in bound_names(self.statements[index]))
            + sum(arm.times(name) for arm in self.arms.get(index, ()))
            for index in self.binders.get(name, ())
        )

    def begins(self, index: int) -> Position:
        """Where a statement starts."""
        return self.statements[index].span.start

    def ends(self, index: int) -> Position:
        """Where a statement ends, including its blocks."""
        found = self._ends.get(index)
        if found is None:
            found = self._ends[index] = _extent_end(self.statements[index])
        return found

    def contains(self, position: Position) -> bool:
        """Whether a position lies within these statements."""
        if not self.statements:
            return False
        return self.begins(0) <= position < self.ends(len(self.statements) - 1)


def _extent_end(stmt: Statement) -> Position:
    """The end of the last part of a statement."""
    spans = [stmt.span]
    children: Iterable[Statement] = [block[-1] for block in blocks_of(stmt) if block]
    if isinstance(stmt, ClassDecl):
        spans += [expr.span for expr in (*stmt.bases, *(value for _, value in stmt.keywords))]
        children = stmt.body
    elif isinstance(stmt, FunctionDecl):
        said = [stmt.returns]
        for param in stmt.params:
            said += [param.annotation, param.default]
        spans += [expr.span for expr in said if expr is not None]
        children = stmt.body
    return max([*(span.end for span in spans), *map(_extent_end, children)])


def rebound_by_functions(statements: Sequence[Statement]) -> frozenset[str]:
    """Names of a module that some function in it declares ``global`` and binds."""
    found: set[str] = set()
    for stmt in statements:
        if isinstance(stmt, FunctionDecl) and _says_global(stmt.body):
            body = Body(stmt.body)
            found |= body.declared & body.binders.keys()
        inside = (stmt.body,) if isinstance(stmt, (FunctionDecl, ClassDecl)) else blocks_of(stmt)
        for block in inside:
            found |= rebound_by_functions(block)
    return frozenset(found)


def _says_global(statements: Sequence[Statement]) -> bool:
    return any(
        isinstance(stmt, Global) or any(map(_says_global, blocks_of(stmt))) for stmt in statements
    )
