"""Can the end of a function be reached without a ``return``?

A statement either continues with the next one or does not: it returns, raises, leaves its loop, or
calls a function that never returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import libcst as cst

from arctic_codegen.scan.names import dotted

End = frozenset[str] | None
"""``None`` if control continues after a statement. Otherwise the dotted names of the functions
called at its ends such that control does not continue if none of them returns; empty if it never
does."""

_NEVER: End = frozenset()
_NEVER_RETURN = frozenset({
    "sys.exit", "os._exit", "os.abort", "exit", "quit", "assert_never", "typing.assert_never",
    "typing_extensions.assert_never", "t.assert_never", "te.assert_never",
})  # fmt: skip
_SWALLOWS = frozenset({"suppress", "contextlib.suppress"})


def end_of(statements: Iterable[cst.CSTNode]) -> End:
    """How a block ends."""
    end: End = None
    for statement in statements:
        reader = _READERS.get(type(statement))
        end = None if reader is None else reader(statement)
        if end == _NEVER:
            break
    return end


def is_stub(body: cst.BaseSuite) -> bool:
    """Whether a function only declares its signature."""
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


def _one_of(ends: Iterable[End]) -> End:
    """The end of a statement that takes one of several branches."""
    names: set[str] = set()
    for end in ends:
        if end is None:
            return None
        names |= end
    return frozenset(names)


def _line(node: cst.SimpleStatementLine) -> End:
    return end_of(node.body)


def _expression(node: cst.Expr) -> End:
    name = dotted(node.value.func) if isinstance(node.value, cst.Call) else "?"
    if name in _NEVER_RETURN:
        return _NEVER
    return None if name[0] == "?" else frozenset({name})


def _assert(node: cst.Assert) -> End:
    return _NEVER if _is_spelled(node.test, "False", "0") else None


def _with(node: cst.With) -> End:
    called = (item.item.func for item in node.items if isinstance(item.item, cst.Call))
    return None if not _SWALLOWS.isdisjoint(map(dotted, called)) else end_of(node.body.body)


def _if(node: cst.If) -> End:
    orelse = _if(node.orelse) if isinstance(node.orelse, cst.If) else _else(node.orelse)
    return None if orelse is None else _one_of((end_of(node.body.body), orelse))


def _else(node: cst.Else | None) -> End:
    return None if node is None else end_of(node.body.body)


def _loop(node: cst.For | cst.While) -> End:
    endless = isinstance(node, cst.While) and _is_spelled(node.test, "True", "1")
    if not (endless or node.orelse) or any(_breaks(node.body)):
        return None
    return _NEVER if endless else _else(node.orelse)


def _breaks(node: cst.CSTNode) -> Iterator[cst.Break]:
    """The ``break`` statements that belong to a loop with this body."""
    for child in node.children:
        if isinstance(child, cst.Break):
            yield child
        elif isinstance(child, (cst.For, cst.While)):
            if child.orelse is not None:
                yield from _breaks(child.orelse)
        elif not isinstance(child, (cst.FunctionDef, cst.BaseExpression)):
            yield from _breaks(child)


def _try(node: cst.Try | cst.TryStar) -> End:
    final = None if node.finalbody is None else end_of(node.finalbody.body.body)
    if final == _NEVER:
        return final
    body = end_of(node.body.body)
    if body != _NEVER and node.orelse is not None:
        body = end_of(node.orelse.body.body)
    before = _one_of((body, *(end_of(handler.body.body) for handler in node.handlers)))
    return before if final is None or before == _NEVER else final


def _match(node: cst.Match) -> End:
    last = node.cases[-1]
    if last.guard or not isinstance(last.pattern, cst.MatchAs) or last.pattern.pattern:
        return None
    return _one_of(end_of(case.body.body) for case in node.cases)


def _is_spelled(node: cst.BaseExpression, *words: str) -> bool:
    return isinstance(node, (cst.Name, cst.Integer)) and node.value in words


def _leaves(node: cst.CSTNode) -> End:
    return _NEVER


# By exact type: `isinstance` is slow for libcst's classes, which are abstract base classes.
_READERS: dict[type[cst.CSTNode], Callable[..., End]] = {
    cst.SimpleStatementLine: _line,
    **dict.fromkeys((cst.Return, cst.Raise, cst.Break, cst.Continue), _leaves),
    cst.Expr: _expression,
    cst.Assert: _assert,
    cst.If: _if,
    cst.While: _loop,
    cst.For: _loop,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.Match: _match,
}
