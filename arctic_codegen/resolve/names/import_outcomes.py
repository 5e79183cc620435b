"""Would an import succeed, and so which parts of a ``try`` around it run?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

import msgspec

from arctic_codegen.model.decls import (
    FromImport,
    If,
    Import,
    Statement,
    Try,
)
from arctic_codegen.model.expr import Attr, Expr, Name, Seq
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.binder.body import Position
from arctic_codegen.resolve.entities import Scope, Unknown, ValueEntity

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

Raised = Literal["ModuleNotFoundError", "ImportError"]

_CATCHES = frozenset({"ImportError", "Exception", "BaseException"})
_MOST_FOLLOWED = 40
"""Maximum depth of a chain of imports that is followed to find one that fails."""


class Attempt(msgspec.Struct, frozen=True):
    """The outcome of a ``try``.

    ``decided`` says whether it could be determined. ``failing`` is the statement where the body
    stops, if it does not run to its end. ``handler`` is the index of the handler that runs then, if
    any. ``raised`` is the exception that leaves the ``try``.
    """

    decided: bool
    failing: Statement | None = None
    handler: int | None = None
    raised: Raised | None = None

    @property
    def cut(self) -> Position | None:
        """Where the body stops."""
        return None if self.failing is None else self.failing.span.start


class ImportOutcomes:
    """Determines whether imports succeed, and records modules whose absence a branch depends on."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._depth = 0

    def _catches(self, type_: Expr | None, raised: Raised, scope: Scope) -> bool:
        """Whether ``except type_`` catches what an import raised."""
        if type_ is None:
            return True
        if isinstance(type_, Seq):
            return any(self._catches(item, raised, scope) for item in type_.items)
        if isinstance(type_, (Name, Attr)):
            last = type_.id if isinstance(type_, Name) else type_.attr
            if last == raised or last in _CATCHES:
                return True
            entity = self._names.lookup(type_, scope)
            if isinstance(entity, ValueEntity) and isinstance(entity.expr, Seq):
                return self._catches(entity.expr, raised, entity.scope)
        return False

    def _failure(self, stmt: Import | FromImport, scope: Scope, deep: bool) -> Raised | None:
        """The exception of an import statement; ``None`` if it succeeds as far as is known."""
        if isinstance(stmt, Import):
            failures = (self._module_failure(alias.name, deep) for alias in stmt.names)
            return next(filter(None, failures), None)
        module = self._names.sources.imported(stmt, scope.module)
        if module is None:
            return "ImportError"
        raised = self._module_failure(module, deep)
        if raised is not None:
            return raised
        entities = (self._names.module_attribute(module, alias.name) for alias in stmt.names)
        is_missing = any(isinstance(one, Unknown) and one.missing for one in entities)
        return "ImportError" if is_missing else None

    def _module_failure(self, name: str, deep: bool) -> Raised | None:
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            module = ".".join(parts[:length])
            if self._names.sources.skim(module) is not None:
                # Installed modules exist; their own imports are not followed.
                self._names.queries.read(module, "")
                continue
            found = self._names.source(module)
            if found.kind == "missing":
                self._names.queries.absent(module)
                return "ModuleNotFoundError"
            self._names.queries.read(module, "")
            if deep and found.kind == "source" and found.decls is not None and not found.installed:
                raised = self._names.queries.get(
                    ("fails", module), partial(self._fails, module), lambda: None
                )
                if raised is not None:
                    return raised
        return None

    def _fails(self, module: str) -> Raised | None:
        """The exception of the first import that fails when a module of the project is imported."""
        decls = self._names.source(module).decls
        if decls is None or self._depth > _MOST_FOLLOWED:
            return None
        self._names.queries.read(module, "*")
        self._depth += 1
        try:
            return next((raised for _, raised in self.failing(decls.body, Scope(module))), None)
        finally:
            self._depth -= 1

    def failing(
        self, statements: Sequence[Statement], scope: Scope, deep: bool = True
    ) -> Iterator[tuple[Statement, Raised]]:
        """The imports that fail when these statements run, without a handler whose alternative
        succeeds, each with the exception that leaves the statements. A ``with`` may suppress
        it."""
        for stmt in statements:
            if isinstance(stmt, (Import, FromImport)):
                raised = self._failure(stmt, scope, deep)
                if raised is not None:
                    yield stmt, raised
            elif isinstance(stmt, If) and has_import((stmt,)):
                taken = self._names.branches.test(stmt.test, scope.at(stmt.span))
                if taken is not None:
                    part = stmt.body if taken else stmt.orelse
                    yield from self.failing(part, scope, deep)
            elif isinstance(stmt, Try):
                inner = self.attempt(stmt, scope)
                if inner.failing is not None and inner.raised is not None:
                    yield inner.failing, inner.raised

    def attempt(self, stmt: Try, scope: Scope) -> Attempt:
        """Which parts of a ``try`` run; ``scope`` is that of the enclosing body."""
        return self._names.queries.get(
            ("try", scope.module, id(stmt)),
            lambda: self._attempt(stmt, scope),
            lambda: Attempt(decided=True),
        )

    def _attempt(self, stmt: Try, scope: Scope) -> Attempt:
        scope = scope.at(stmt.span)
        for failing, raised in self.failing(stmt.body, scope):
            caught = (one for one in stmt.handlers if self._catches(one.type, raised, scope))
            handler = next(caught, None)
            if handler is None:
                return Attempt(True, failing, raised=raised)
            leaving = next((one for _, one in self.failing(handler.body, scope)), None)
            if handler.leaves:
                leaving = leaving or "ImportError"
            return Attempt(True, failing, stmt.handlers.index(handler), leaving)
        catching: tuple[Raised, ...] = ("ModuleNotFoundError", "ImportError")
        decided = not stmt.handlers or (
            has_import(stmt.body)
            and any(
                self._catches(handler.type, raised, scope)
                for handler in stmt.handlers
                for raised in catching
            )
        )
        return Attempt(decided)


def has_import(statements: Sequence[Statement]) -> bool:
    """Whether these statements import anything."""
    return any(isinstance(stmt, (Import, FromImport)) for stmt in flat(statements))
