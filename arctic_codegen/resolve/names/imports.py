"""Whether an import statement would succeed, for ``try: import ... except ImportError``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from arctic_codegen.model.decls import (
    Assign,
    FromImport,
    If,
    Import,
    Statement,
    Try,
    With,
)
from arctic_codegen.model.expr import Attr, Expr, Name, Seq
from arctic_codegen.resolve.binder.bindings import absolute
from arctic_codegen.resolve.binder.body import start
from arctic_codegen.resolve.entities import Scope, Unknown, ValueEntity

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

Raised = Literal["ModuleNotFoundError", "ImportError", "AttributeError", "NameError"]

_CAUGHT_BY: dict[Raised, frozenset[str]] = {
    "ModuleNotFoundError": frozenset(
        {"ModuleNotFoundError", "ImportError", "Exception", "BaseException"}
    ),
    "ImportError": frozenset({"ImportError", "Exception", "BaseException"}),
    "AttributeError": frozenset({"AttributeError", "Exception", "BaseException"}),
    "NameError": frozenset({"NameError", "Exception", "BaseException"}),
}
_MOST_FOLLOWED = 40
"""How deep a chain of imports is followed to find one that fails."""


class Imports:
    """Decides imports. The absence of a module is written down: the branch hangs on it."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._depth = 0

    def catches(self, type_: Expr | None, raised: Raised, scope: Scope) -> bool:
        """Whether ``except type_`` catches what an import or a look-up raised."""
        if type_ is None:
            return True
        if isinstance(type_, Seq):
            return any(self.catches(item, raised, scope) for item in type_.items)
        if isinstance(type_, (Name, Attr)):
            last = type_.id if isinstance(type_, Name) else type_.attr
            if last in _CAUGHT_BY[raised]:
                return True
            entity = self._names.lookup(type_, scope)
            if isinstance(entity, ValueEntity) and isinstance(entity.expr, Seq):
                return self.catches(entity.expr, raised, entity.scope)
        return False

    def first_failure(
        self, statements: Sequence[Statement], scope: Scope, deep: bool = True
    ) -> tuple[Statement, Raised] | None:
        """The first statement on the plain path that cannot succeed, and what it raises."""
        for stmt in statements:
            if isinstance(stmt, (Import, FromImport)):
                raised = self.failure(stmt, scope, deep)
                if raised is not None:
                    return stmt, raised
            elif isinstance(stmt, With):
                found = self.first_failure(stmt.body, scope, deep)
                if found is not None:
                    return found
        return None

    def failure(self, stmt: Import | FromImport, scope: Scope, deep: bool) -> Raised | None:
        """What an import statement raises; ``None`` where it succeeds, as far as one can tell."""
        if isinstance(stmt, Import):
            for alias in stmt.names:
                raised = self._module_failure(alias.name, deep)
                if raised is not None:
                    return raised
            return None
        module = absolute(stmt, scope.module, self._names.source(scope.module).is_package)
        if module is None:
            return "ImportError"
        raised = self._module_failure(module, deep)
        if raised is not None:
            return raised
        for alias in stmt.names:
            entity = self._names.module_attribute(module, alias.name)
            if isinstance(entity, Unknown) and entity.missing:
                return "ImportError"
        return None

    def missing_name(self, stmt: Statement, scope: Scope) -> Raised | None:
        """What ``x = module.name`` raises where there is no such name."""
        if not isinstance(stmt, Assign) or not isinstance(stmt.value, (Name, Attr)):
            return None
        entity = self._names.lookup(stmt.value, Scope(scope.module, scope.frames, start(stmt.span)))
        if isinstance(entity, Unknown) and entity.missing:
            return "NameError" if isinstance(stmt.value, Name) else "AttributeError"
        return None

    def _module_failure(self, name: str, deep: bool) -> Raised | None:
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            module = ".".join(parts[:length])
            if self._names.skim(module) is not None:
                # It is installed: it exists, and what it imports itself is not followed.
                self._names.recorder.read(module, "")
                continue
            found = self._names.source(module)
            if found.kind == "missing":
                self._names.recorder.absent(module)
                return "ModuleNotFoundError"
            self._names.recorder.read(module, "")
            if deep and found.kind == "source" and found.decls is not None and not found.installed:
                raised = self._names.memo.get(
                    ("fails", module), partial(self._fails, module), lambda: None
                )
                if raised is not None:
                    return raised
        return None

    def _fails(self, module: str) -> Raised | None:
        """What importing a project's own module raises at its first import that fails."""
        decls = self._names.source(module).decls
        if decls is None or self._depth > _MOST_FOLLOWED:
            return None
        self._names.recorder.read(module, "*")
        self._depth += 1
        try:
            found = next(self.uncaught(decls.body, Scope(module)), None)
        finally:
            self._depth -= 1
        return None if found is None else found[1]

    def uncaught(
        self, statements: Sequence[Statement], scope: Scope, deep: bool = True
    ) -> Iterator[tuple[Import | FromImport, Raised]]:
        """The imports that would fail when these statements run, and for which no handler has
        an alternative that succeeds; with each what leaves the statements."""
        for stmt in statements:
            if isinstance(stmt, (Import, FromImport)):
                raised = self.failure(stmt, scope, deep)
                if raised is not None:
                    yield stmt, raised
            elif isinstance(stmt, If):
                taken = self._names.test(stmt.test, Scope(scope.module, (), start(stmt.span)))
                if taken is not None:
                    yield from self.uncaught(stmt.body if taken else stmt.orelse, scope, deep)
            elif isinstance(stmt, Try):
                found = next(self.uncaught(stmt.body, scope, deep), None)
                if found is not None:
                    yield from self._handled(stmt, found, scope, deep)

    def _handled(
        self, stmt: Try, found: tuple[Import | FromImport, Raised], scope: Scope, deep: bool
    ) -> Iterator[tuple[Import | FromImport, Raised]]:
        handlers = (one for one in stmt.handlers if self.catches(one.type, found[1], scope))
        handler = next(handlers, None)
        if handler is None:
            yield found
            return
        inner = next(self.uncaught(handler.body, scope, deep), None)
        if inner is not None:
            yield found[0], inner[1]
        elif handler.leaves:
            yield found[0], "ImportError"


def has_import(statements: Sequence[Statement]) -> bool:
    """Whether these statements import anything on their way."""
    for stmt in statements:
        if isinstance(stmt, (Import, FromImport)):
            return True
        if isinstance(stmt, With) and has_import(stmt.body):
            return True
        if isinstance(stmt, If) and (has_import(stmt.body) or has_import(stmt.orelse)):
            return True
        if isinstance(stmt, Try) and (
            has_import(stmt.body) or any(has_import(handler.body) for handler in stmt.handlers)
        ):
            return True
    return False
