"""Which ranks come to each statement of a function (R62)?

What is not known of a test is taken to be the same on all ranks.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Place, Related
from arctic_codegen.resolve.effects.collectives import FunctionBody
from arctic_codegen.resolve.effects.rank_tests import EVERY, Ranks, RankTests, Sides
from arctic_codegen.resolve.effects.touches import span_of


class Present(NamedTuple):
    """The ranks that may come somewhere."""

    ranks: Ranks
    all_come: bool = True
    """None of them has gone elsewhere."""
    cause: Related | None = None
    """What has left the others out."""

    @property
    def alone(self) -> bool:
        """Some ranks do not come here at all."""
        return self.ranks != EVERY

    def under(self, sides: Sides, cause: Related) -> tuple[Present | None, Present | None]:
        """Those for which a test holds, and those for which it does not."""
        holds, fails = (self.ranks & side for side in sides)
        if holds == fails:
            return self, self
        all_come = self.all_come and not holds & fails
        cause = self.cause or cause
        first, second = (
            Present(ranks, all_come, cause if ranks != EVERY else None) if ranks else None
            for ranks in (holds, fails)
        )
        return first, second


ALL = Present(EVERY)


class Part(NamedTuple):
    """A statement, or an expression before a block, and who comes to it."""

    node: ast.stmt | ast.expr
    present: Present


class RankFlow:
    """Goes through the statements of one function; nested functions are left out."""

    def __init__(self, tests: RankTests, body: FunctionBody) -> None:
        self.parts: list[Part] = []
        self._tests = tests
        self._body = body

    def block(self, block: Sequence[ast.stmt], present: Present | None) -> Present | None:
        """Goes through some statements; gives who comes to their end."""
        for stmt in block:
            if present is None:
                break
            present = self._statement(stmt, present)
        return present

    def _statement(self, stmt: ast.stmt, present: Present) -> Present | None:
        match stmt:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return present
            case ast.If():
                return self._if(stmt, present)
            case ast.With() | ast.AsyncWith():
                self._add(present, *(item.context_expr for item in stmt.items))
                return self.block(stmt.body, present)
            case ast.For() | ast.AsyncFor():
                self._add(present, stmt.target, stmt.iter)
                return self._perhaps(present, stmt.body, stmt.orelse)
            case ast.While():
                self._add(present, stmt.test)
                return self._perhaps(present, stmt.body, stmt.orelse)
            case ast.Match():
                self._add(present, stmt.subject)
                return self._perhaps(present, *(case.body for case in stmt.cases))
            case _ if hasattr(stmt, "handlers"):
                # `except` and `except*` are two classes, of which Python 3.10 has one.
                body: list[ast.stmt] = [*stmt.body, *stmt.orelse]  # type: ignore[attr-defined]
                after = self.block(body, present)
                caught = [one.body for one in stmt.handlers]
                handled = self._perhaps(present, *caught)
                self.block(stmt.finalbody, present)  # type: ignore[attr-defined]
                return after or (handled if caught else None)
        self._add(present, stmt)
        return None if isinstance(stmt, _LEAVES) else present

    def _add(self, present: Present, *nodes: ast.stmt | ast.expr) -> None:
        self.parts += (Part(node, present) for node in nodes)

    def _if(self, stmt: ast.If, present: Present) -> Present | None:
        self._add(present, stmt.test)
        tested = message("shared", "rank-tested").note(Place(self._body.path, span_of(stmt.test)))
        before = present.under(self._tests.sides(stmt.test, self._body), tested)
        after = self.block(stmt.body, before[0]), self.block(stmt.orelse, before[1])
        if after == before:
            return present
        first, second = after
        if first is None or second is None:
            left = first or second
            ends = stmt.body if first is None else stmt.orelse
            if left is not None and ends and isinstance(ends[-1], ast.Raise):
                return Present(present.ranks, False, present.cause)  # that ends the run
            # What all ranks decide alike, some alone decided: then they alone may have left.
            some = left is not None and left.alone and before[0] == before[1]
            return left._replace(all_come=False) if left is not None and some else left
        ranks = first.ranks | second.ranks
        return Present(ranks, False, first.cause if ranks != EVERY else None)

    def _perhaps(self, present: Present, *blocks: Sequence[ast.stmt]) -> Present:
        """Blocks that may run, or not, or several times."""
        at = len(self.parts)
        for block in blocks:
            self.block(block, present)
        some_left = any(
            isinstance(part.node, (ast.Return, ast.Raise)) and part.present != present
            for part in self.parts[at:]
        )
        return present._replace(all_come=False) if some_left else present


_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
