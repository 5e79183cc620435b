"""Can the end of a function be reached without a ``return``?

Each block gives a set of ways in which it can end: by reaching its end, or by a ``break`` or
``continue`` that leaves it. A ``return`` or ``raise`` ends it in a way that nobody asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import libcst as cst

from arctic_codegen.scan.names import dotted

_NEXT = 1
_BREAK = 2
_CONTINUE = 4

NEVER_RETURN = frozenset({
    "sys.exit", "os._exit", "os.abort", "exit", "quit", "assert_never", "typing.assert_never",
    "typing_extensions.assert_never", "t.assert_never", "te.assert_never",
})  # fmt: skip
_CLAUSES = (
    cst.BaseSuite,
    cst.Else,
    cst.ExceptHandler,
    cst.ExceptStarHandler,
    cst.Finally,
    cst.MatchCase,
)
_SWALLOWS = frozenset({"suppress", "contextlib.suppress"})


def reaches_end(body: cst.BaseSuite) -> tuple[bool, tuple[str, ...]]:
    """Whether control can run off the end of a function's body, and on which calls it depends.

    It cannot where no function of those names returns. They are asked for only in a function
    that gives a value elsewhere, dotted and sorted; there are none where it can in any case.
    """
    flow = _Flow(frozenset())
    falls_through = bool(flow.block(body.body) & _NEXT)
    return falls_through, _calls_at_the_end(body) if falls_through and flow.gives_value else ()


def is_stub(body: cst.BaseSuite) -> bool:
    """Whether a function only states its signature."""
    lines = [
        small
        for line in body.body
        for small in (line.body if isinstance(line, cst.SimpleStatementLine) else (line,))
    ]
    return all(map(_says_nothing, lines))


def _says_nothing(stmt: cst.CSTNode) -> bool:
    if isinstance(stmt, cst.Expr):
        return isinstance(stmt.value, (cst.Ellipsis, cst.SimpleString, cst.ConcatenatedString))
    if isinstance(stmt, cst.Raise):
        raised = stmt.exc.func if isinstance(stmt.exc, cst.Call) else stmt.exc
        return isinstance(raised, cst.Name) and raised.value == "NotImplementedError"
    return isinstance(stmt, cst.Pass)


def _calls_at_the_end(body: cst.BaseSuite) -> tuple[str, ...]:
    called = [
        name
        for call in _statement_calls(body.body)
        if (name := _called(call)) is not None and name not in NEVER_RETURN
    ]
    needed = set(called)
    if not needed or _Flow(frozenset(needed)).block(body.body) & _NEXT:
        return ()
    # What comes first is done without first: who raises for others does it at the end.
    for name in called:
        if not _Flow(frozenset(needed - {name})).block(body.body) & _NEXT:
            needed.discard(name)
    return tuple(sorted(needed))


def _statement_calls(statements: Iterable[cst.CSTNode]) -> Iterator[cst.Call]:
    """The calls that are statements of their own, in order, nested functions left out."""
    for node in statements:
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call):
            yield node.value
        elif not isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            for child in node.children:
                if isinstance(child, (cst.BaseStatement, cst.BaseSmallStatement)):
                    yield from _statement_calls((child,))
                elif isinstance(child, _CLAUSES):
                    yield from _statement_calls(child.children)


class _Flow:
    """The ends of statements, where calls of ``never`` do not return."""

    def __init__(self, never: frozenset[str]) -> None:
        self.never = never
        self.gives_value = False
        """There is a ``return`` with a value."""

    def block(self, statements: Iterable[cst.CSTNode]) -> int:
        ends = 0
        for statement in statements:
            one = self.statement(statement)
            ends |= one & ~_NEXT
            if not one & _NEXT:
                return ends
        return ends | _NEXT

    def statement(self, node: cst.CSTNode) -> int:
        reader = _READERS.get(type(node))
        return _NEXT if reader is None else reader(self, node)

    def result(self, node: cst.Return) -> int:
        self.gives_value = self.gives_value or node.value is not None
        return 0

    def line(self, node: cst.SimpleStatementLine) -> int:
        return self.block(node.body)

    def expression(self, node: cst.Expr) -> int:
        called = _called(node.value)
        return 0 if called in NEVER_RETURN or called in self.never else _NEXT

    def assertion(self, node: cst.Assert) -> int:
        return 0 if constant_truth(node.test) is False else _NEXT

    def for_loop(self, node: cst.For) -> int:
        return self.loop(self.block(node.body.body), node.orelse)

    def with_block(self, node: cst.With) -> int:
        swallows = any(_called(item.item) in _SWALLOWS for item in node.items)
        return self.block(node.body.body) | (_NEXT if swallows else 0)

    def branch(self, node: cst.If) -> int:
        test = constant_truth(node.test)
        ends = 0
        if test is not False:
            ends |= self.block(node.body.body)
        if test is not True:
            ends |= self.otherwise(node.orelse)
        return ends

    def otherwise(self, node: cst.If | cst.Else | None) -> int:
        if node is None:
            return _NEXT
        return self.branch(node) if isinstance(node, cst.If) else self.block(node.body.body)

    def while_loop(self, node: cst.While) -> int:
        test = constant_truth(node.test)
        if test is False:
            return self.otherwise(node.orelse)
        body = self.block(node.body.body)
        if test is True:
            return _NEXT if body & _BREAK else 0
        return self.loop(body, node.orelse)

    def loop(self, body: int, orelse: cst.Else | None) -> int:
        return self.otherwise(orelse) | (_NEXT if body & _BREAK else 0)

    def try_block(self, node: cst.Try | cst.TryStar) -> int:
        ends = self.block(node.body.body)
        if ends & _NEXT and node.orelse is not None:
            ends = (ends & ~_NEXT) | self.block(node.orelse.body.body)
        for handler in node.handlers:
            ends |= self.block(handler.body.body)
        if node.finalbody is None:
            return ends
        final = self.block(node.finalbody.body.body)
        # A jump in `finally` replaces whatever was under way.
        return ends | (final & ~_NEXT) if final & _NEXT else final

    def match_block(self, node: cst.Match) -> int:
        ends = 0
        for case in node.cases:
            ends |= self.block(case.body.body)
            if case.guard is None and _irrefutable(case.pattern):
                return ends
        return ends | _NEXT


def _irrefutable(pattern: cst.MatchPattern) -> bool:
    if isinstance(pattern, cst.MatchAs):
        return pattern.pattern is None or _irrefutable(pattern.pattern)
    if isinstance(pattern, cst.MatchOr):
        return any(_irrefutable(each.pattern) for each in pattern.patterns)
    return False


def constant_truth(node: cst.BaseExpression) -> bool | None:
    """The truth of a constant test; ``None`` where it is not one."""
    if isinstance(node, cst.Name):
        return {"True": True, "False": False, "None": False}.get(node.value)
    if isinstance(node, cst.Integer):
        return node.value.strip("0_xXoObB") != ""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        inner = constant_truth(node.expression)
        return None if inner is None else not inner
    return None


def _called(node: cst.BaseExpression) -> str | None:
    """The dotted name that a call calls."""
    name = dotted(node.func) if isinstance(node, cst.Call) else "?"
    return None if name[0] == "?" else name


# By exact type: libcst's classes are abstract ones to `isinstance`, which is slow for those.
_READERS: dict[type[cst.CSTNode], Callable[..., int]] = {
    cst.SimpleStatementLine: _Flow.line,
    cst.Return: _Flow.result,
    cst.Raise: lambda flow, node: 0,
    cst.Break: lambda flow, node: _BREAK,
    cst.Continue: lambda flow, node: _CONTINUE,
    cst.Expr: _Flow.expression,
    cst.Assert: _Flow.assertion,
    cst.If: _Flow.branch,
    cst.While: _Flow.while_loop,
    cst.For: _Flow.for_loop,
    cst.Try: _Flow.try_block,
    cst.TryStar: _Flow.try_block,
    cst.With: _Flow.with_block,
    cst.Match: _Flow.match_block,
}
