"""What runs in a function, in order, in every case or not, and on which ranks (R61, R62)?

A test that is not understood is assumed to be the same on all ranks.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Place, Related
from arctic_codegen.resolve.names.trees import SCOPES, FunctionNode, span_of

Side = Literal["one", "others"]
Ranks = frozenset[Side]
Sides = tuple[Ranks, Ranks]
"""The ranks for which a test may be true, and those for which it may be false."""

ONE: Ranks = frozenset({"one"})
OTHERS: Ranks = frozenset({"others"})
EVERY = ONE | OTHERS
NOBODY: Ranks = frozenset()
UNKNOWN: Sides = (EVERY, EVERY)


class Present(NamedTuple):
    """The ranks that may reach a place."""

    ranks: Ranks
    all_come: bool = True
    """None of these ranks has left earlier."""
    cause: Related | None = None
    """The test that excluded the other ranks."""

    @property
    def alone(self) -> bool:
        """Whether some ranks never reach this place."""
        return self.ranks != EVERY

    def under(self, sides: Sides, cause: Related) -> tuple[Present | None, Present | None]:
        """The ranks for which a test is true, and those for which it is false."""
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
    """A statement, or an expression before a block, and the ranks that reach it."""

    node: ast.stmt | ast.expr
    present: Present = ALL
    certain: bool = True
    """Every run of the function reaches it."""


def parts_of(
    function: FunctionNode,
    sides: Callable[[ast.expr], Sides] = lambda _: UNKNOWN,
    path: str = "",
    present: Present = ALL,
) -> list[Part]:
    """The parts of a function, which the ranks ``present`` call. ``sides`` says for which ranks a
    test in that file is true."""
    block = function.body
    if isinstance(block, ast.expr):
        block = [ast.copy_location(ast.Return(block), block)]
    flow = _Flow(sides, path)
    flow.block(block, present)
    return flow.parts


def _as_if(value: ast.expr | None, stmt: ast.Expr | ast.Return | ast.Assign) -> ast.If | None:
    """``a() if test else b()``, and the statements ``test and a()`` and ``test or a()``, written
    with ``if``."""

    def block(value: ast.expr) -> list[ast.stmt]:
        if isinstance(stmt, ast.Assign):
            is_same = [ast.unparse(value)] == [*map(ast.unparse, stmt.targets)]
            made = ast.Expr(value) if is_same else ast.Assign(stmt.targets, value)
            return [ast.copy_location(made, stmt)]
        return [ast.copy_location(type(stmt)(value), value)]

    is_split = isinstance(value, ast.IfExp)
    is_split = is_split or (isinstance(value, ast.BoolOp) and isinstance(stmt, ast.Expr))
    tested = _tested_in(value) if value is not None and is_split else None
    if tested is None:
        return None
    test, *sides = tested
    body, orelse = ([line for one in side for line in block(one)] for side in sides)
    return ast.copy_location(ast.If(test, body, orelse), stmt)


def _tested_in(
    node: ast.AST,
) -> tuple[ast.expr, Sequence[ast.expr], Sequence[ast.expr]] | None:
    """The test in an expression, what runs if it is true, and what if it is false."""
    match node:
        case ast.IfExp(test=test, body=held, orelse=fails):
            return test, [held], [fails]
        case ast.BoolOp(op=op, values=[test, *others]):
            rest = others[0]
            if len(others) > 1:
                rest = ast.copy_location(ast.BoolOp(op, others), others[0])
            return (test, [rest], []) if isinstance(op, ast.And) else (test, [], [rest])
        case ast.DictComp(key=key, value=value, generators=[ast.comprehension(ifs=[test])]):
            return test, [key, value], []
        case (
            ast.ListComp(elt=each, generators=[ast.comprehension(ifs=[test])])
            | ast.SetComp(elt=each, generators=[ast.comprehension(ifs=[test])])
            | ast.GeneratorExp(elt=each, generators=[ast.comprehension(ifs=[test])])
        ):
            return test, [each], []
    return None


class _Flow:
    def __init__(self, sides: Callable[[ast.expr], Sides], path: str) -> None:
        self.parts: list[Part] = []
        self._sides = sides
        self._path = path
        self._unsure = 0
        """The number of enclosing blocks that may not run."""
        self._left = False
        """Some runs of the function have ended."""

    def block(self, block: Sequence[ast.stmt], present: Present | None) -> Present | None:
        """Process some statements; returns the ranks that reach their end."""
        for stmt in block:
            if present is None:
                break
            present = self._statement(stmt, present)
        return present

    def _statement(self, stmt: ast.stmt, present: Present) -> Present | None:
        match stmt:
            case ast.If():
                return self._if(stmt, present)
            case ast.Expr(value=value) | ast.Return(value=value) if written := _as_if(value, stmt):
                return self._if(written, present)
            case ast.Assign(value=ast.IfExp(test=test) as value) if self._sides(test) != UNKNOWN:
                written = _as_if(value, stmt)
                return present if written is None else self._if(written, present)
            case ast.With() | ast.AsyncWith():
                for item in stmt.items:
                    self._add(present, item.context_expr, item.optional_vars)
                if any("suppress" in ast.dump(item.context_expr) for item in stmt.items):
                    return self._perhaps(present, present, stmt.body)
                return self.block(stmt.body, present)
            case ast.For() | ast.AsyncFor():
                self._add(present, stmt.iter)
                each = ast.copy_location(ast.Expr(stmt.target), stmt.target)
                return self._perhaps(present, present, [each, *stmt.body], stmt.orelse)
            case ast.While():
                self._add(present, stmt.test)
                inside, _ = present.under(self._sides(stmt.test), self._tested(stmt.test))
                return self._perhaps(present, inside, stmt.body, stmt.orelse)
            case ast.Match():
                self._add(present, stmt.subject)
                return self._cases(stmt.subject, stmt.cases, present)
            case ast.Try(handlers=[]):
                after = self.block(stmt.body, present)
                self.block(stmt.finalbody, present)
                return after
            case _ if hasattr(stmt, "handlers"):
                # `except*` has a class of its own, which Python 3.10 does not have.
                blocks = [[*stmt.body, *stmt.orelse]]  # type: ignore[attr-defined]
                blocks += [one.body for one in stmt.handlers]
                self._unsure += 1
                ends = [self.block(block, present) for block in blocks]
                self._unsure -= 1
                self.block(stmt.finalbody, present)  # type: ignore[attr-defined]
                return next((end for end in ends if end is not None), None)
        self._add(present, stmt)
        self._left = self._left or isinstance(stmt, (ast.Return, ast.Raise))
        leaves = isinstance(stmt, (ast.Return, ast.Raise, ast.Break, ast.Continue))
        return None if leaves else present

    def _add(self, present: Present, *nodes: ast.stmt | ast.expr | None) -> None:
        certain = not self._unsure and not self._left
        for node in nodes:
            if node is not None:
                self.parts.append(Part(node, present, certain))
                self._inside(node, present)

    def _inside(self, node: ast.AST, present: Present) -> None:
        """Add the expressions inside a part that a test in it leaves to some ranks."""
        tested = _tested_in(node)
        if tested is None:
            for child in () if isinstance(node, SCOPES) else ast.iter_child_nodes(node):
                self._inside(child, present)
            return
        test, *blocks = tested
        self._inside(test, present)
        for generator in getattr(node, "generators", ()):
            self._inside(generator.iter, present)
        sides = self._sides(test)
        before = present.under(sides, self._tested(test)) if sides != UNKNOWN else (present,) * 2
        for inner, block in zip(before, blocks, strict=True):
            if inner is None:
                continue
            for one in block:
                if inner != present:
                    self.parts.append(Part(one, inner, certain=False))
                self._inside(one, inner)

    def _tested(self, test: ast.AST) -> Related:
        return message("shared", "rank-tested").note(Place(self._path, span_of(test)))

    def _if(self, stmt: ast.If, present: Present) -> Present | None:
        self._add(present, stmt.test)
        before = present.under(self._sides(stmt.test), self._tested(stmt.test))
        is_known = None in before
        self._unsure += not is_known
        after = self.block(stmt.body, before[0]), self.block(stmt.orelse, before[1])
        self._unsure -= not is_known
        return _joined(present, before, after, (stmt.body, stmt.orelse))

    def _cases(
        self, subject: ast.expr, cases: Sequence[ast.match_case], present: Present | None
    ) -> Present | None:
        """The cases of ``match``, each of which runs if those before it do not match."""
        if not cases or present is None:
            return present
        case, *others = cases
        sides = self._matched(subject, case.pattern)
        if case.guard is not None:
            tried, _ = present.under(sides, self._tested(case.pattern))
            self._unsure += 1
            self._add(tried or present, case.guard)
            self._unsure -= 1
            (holds, fails), (may, may_not) = sides, self._sides(case.guard)
            sides = holds & may, fails | may_not
        before = present.under(sides, self._tested(case.pattern))
        is_known = None in before
        self._unsure += not is_known
        after = self.block(case.body, before[0]), self._cases(subject, others, before[1])
        self._unsure -= not is_known
        return _joined(present, before, after, (case.body, others[-1].body if others else ()))

    def _matched(self, subject: ast.expr, pattern: ast.pattern) -> Sides:
        match pattern:
            case ast.MatchValue(value=value):
                return self._sides(ast.Compare(subject, [ast.Eq()], [value]))
            case ast.MatchSingleton(value=bool() as value):
                holds, fails = self._sides(subject)
                return (holds, fails) if value else (fails, holds)
            case ast.MatchAs(pattern=inner):
                return (EVERY, NOBODY) if inner is None else self._matched(subject, inner)
            case ast.MatchOr(patterns=patterns):
                several = [self._matched(subject, one) for one in patterns]
                holds = frozenset().union(*(one[0] for one in several))
                return holds, EVERY.intersection(*(one[1] for one in several))
            case ast.MatchSequence(patterns=patterns) if isinstance(subject, (ast.Tuple, ast.List)):
                stars = (ast.Starred, ast.MatchStar)
                if any(isinstance(one, stars) for one in (*subject.elts, *patterns)):
                    return UNKNOWN
                if len(subject.elts) != len(patterns):
                    return NOBODY, EVERY
                each = [*map(self._matched, subject.elts, patterns)]
                fails = frozenset().union(*(one[1] for one in each))
                return EVERY.intersection(*(one[0] for one in each)), fails
        return UNKNOWN

    def _perhaps(
        self,
        present: Present,
        inside: Present | None,
        block: Sequence[ast.stmt],
        orelse: Sequence[ast.stmt] = (),
    ) -> Present:
        """A block that the ranks ``inside`` may run once, several times or never."""
        at = len(self.parts)
        self._unsure += 1
        self.block(block, inside)
        self.block(orelse, present)
        self._unsure -= 1
        some_left = any(
            isinstance(part.node, (ast.Return, ast.Raise)) and part.present != present
            for part in self.parts[at:]
        )
        return present._replace(all_come=False) if some_left else present


def _joined(
    present: Present,
    before: tuple[Present | None, Present | None],
    after: tuple[Present | None, Present | None],
    blocks: tuple[Sequence[ast.stmt], Sequence[ast.stmt]],
) -> Present | None:
    """The ranks that reach the end of one of two blocks."""
    if after == before:
        return present
    first, second = after
    if first is None or second is None:
        left, ends = first or second, blocks[0] if first is None else blocks[1]
        if left is None or (before[0] == before[1] and not left.alone):
            return left
        if before[0] == before[1]:  # only ranks that an inner test selected may have left
            return left._replace(all_come=False)
        if ends and isinstance(ends[-1], ast.Raise):
            return Present(present.ranks, False, present.cause)  # the exception ends the run
        return left
    ranks = first.ranks | second.ranks
    return Present(ranks, False, first.cause if ranks != EVERY else None)
