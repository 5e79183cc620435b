"""Which branches of ``if`` and ``try`` does Python take?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from arctic_codegen.model.decls import WITH_BLOCKS, If, Loop, Match, Statement, Try, With
from arctic_codegen.model.expr import Expr
from arctic_codegen.resolve.binder.blocks import blocks_of, flat
from arctic_codegen.resolve.binder.body import Position
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.names.branch_tests import BranchTests
from arctic_codegen.resolve.names.import_outcomes import ImportOutcomes

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

Wanted = Callable[[Statement], bool]


Context = Literal["plain", "undecided", "try", "loop", "with", "match"]
_CONTEXTS: dict[type, Context] = {With: "with", Loop: "loop", Match: "match"}


class LiveStatement(msgspec.Struct, frozen=True):
    """A statement that Python would execute, with its branches resolved.

    ``context`` is the kind of block around it: ``plain`` (module or class level, including
    determined branches and ``if __name__ == "__main__":``), ``undecided`` (under a test that
    cannot be determined statically), ``try``, ``loop``, ``with`` (which counts as plain for
    bindings), ``match``. ``typing_only`` is true under ``if TYPE_CHECKING:``, ``main_only``
    under ``if __name__ == "__main__":``.
    """

    stmt: Statement
    context: Context = "plain"
    typing_only: bool = False
    main_only: bool = False

    def under(self, context: Context) -> LiveStatement:
        """The statement inside such a block; ``with`` does not replace another context."""
        if context == "with" and self.context != "plain":
            return self
        return msgspec.structs.replace(self, context=context)


class Branches:
    """Determines which branches run, each once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.imports = ImportOutcomes(names)

    def test(
        self, expr: Expr, scope: Scope, typing: bool = False, main: bool = False
    ) -> bool | None:
        """Whether a test is true; ``None`` if it cannot be determined statically."""
        return self._names.queries.get(
            ("test", scope.module, id(expr), typing, main),
            lambda: BranchTests(self._names, typing, main).truth(expr, scope),
            lambda: None,
        )

    def live(
        self, statements: Sequence[Statement], scope: Scope, wanted: Wanted | None = None
    ) -> tuple[LiveStatement, ...]:
        """The statements that Python would execute, flattened, in source order.

        If only some are ``wanted``, branches that contain none of these are not evaluated.
        """
        if wanted is not None:
            statements = [stmt for stmt in statements if any(map(wanted, flat((stmt,))))]
        found: list[LiveStatement] = []
        for stmt in statements:
            found.extend(self._live((stmt,), scope, LiveStatement(stmt)))
        return tuple(one for one in found if wanted is None or wanted(one.stmt))

    def _live(
        self, statements: Sequence[Statement], scope: Scope, marks: LiveStatement
    ) -> Iterator[LiveStatement]:
        for stmt in statements:
            if type(stmt) not in WITH_BLOCKS:
                yield msgspec.structs.replace(marks, stmt=stmt)
            elif isinstance(stmt, If):
                yield from self._live_if(stmt, scope, marks)
            elif isinstance(stmt, Try):
                yield from self._live_try(stmt, scope, marks)
            else:
                inside = marks.under(_CONTEXTS[type(stmt)])
                for block in blocks_of(stmt):
                    yield from self._live(block, scope, inside)

    def _live_if(self, stmt: If, scope: Scope, marks: LiveStatement) -> Iterator[LiveStatement]:
        here = scope.at(stmt.span)
        taken = self.test(stmt.test, here)
        typed = self.test(stmt.test, here, typing=True)
        as_main = self.test(stmt.test, here, main=True)
        for part, wanted in ((stmt.body, True), (stmt.orelse, False)):
            if taken is wanted:
                yield from self._live(part, scope, marks)
            elif taken is None:
                yield from self._live(part, scope, marks.under("undecided"))
            elif as_main is wanted:
                yield from self._live(part, scope, msgspec.structs.replace(marks, main_only=True))
            elif typed is wanted:
                yield from self._live(part, scope, msgspec.structs.replace(marks, typing_only=True))

    def _live_try(self, stmt: Try, scope: Scope, marks: LiveStatement) -> Iterator[LiveStatement]:
        attempt = self.imports.attempt(stmt, scope)
        if not attempt.decided:
            marks = marks.under("try")
        yield from self._live(until(stmt.body, attempt.cut), scope, marks)
        for index, handler in enumerate(stmt.handlers):
            if attempt.handler == index or not attempt.decided:
                yield from self._live(handler.body, scope, marks)
        if attempt.cut is None:
            yield from self._live(stmt.orelse, scope, marks)
        yield from self._live(stmt.finalbody, scope, marks)


def until(statements: Sequence[Statement], cut: Position | None) -> Sequence[Statement]:
    """The statements that start before a position."""
    if cut is None:
        return statements
    return [stmt for stmt in statements if stmt.span.start < cut]
