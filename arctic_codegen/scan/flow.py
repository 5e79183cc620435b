"""Whether the end of a function can be reached without a ``return``.

Each block gives a set of ways in which it can end: by reaching its end, or by a ``break`` or
``continue`` that leaves it. A ``return`` or ``raise`` ends it in a way that nobody asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import libcst as cst

_NEXT = 1
_BREAK = 2
_CONTINUE = 4

NEVER_RETURN = frozenset(
    {
        "sys.exit",
        "os._exit",
        "os.abort",
        "exit",
        "quit",
        "assert_never",
        "typing.assert_never",
        "typing_extensions.assert_never",
        "t.assert_never",
        "te.assert_never",
    }
)
_SWALLOWS = frozenset({"suppress", "contextlib.suppress"})


def falls_through(body: cst.BaseSuite) -> bool:
    """Whether control can run off the end of a function's body."""
    return bool(_block(body.body) & _NEXT)


def _block(statements: Iterable[cst.CSTNode]) -> int:
    ends = 0
    for statement in statements:
        one = _statement(statement)
        ends |= one & ~_NEXT
        if not one & _NEXT:
            return ends
    return ends | _NEXT


def _statement(node: cst.CSTNode) -> int:
    reader = _READERS.get(type(node))
    return _NEXT if reader is None else reader(node)


def _line(node: cst.SimpleStatementLine) -> int:
    return _block(node.body)


def _expression(node: cst.Expr) -> int:
    return 0 if _never_returns(node.value) else _NEXT


def _assert(node: cst.Assert) -> int:
    return 0 if constant(node.test) is False else _NEXT


def _for(node: cst.For) -> int:
    return _loop(_block(node.body.body), node.orelse)


def _with(node: cst.With) -> int:
    swallows = any(_called(item.item) in _SWALLOWS for item in node.items)
    return _block(node.body.body) | (_NEXT if swallows else 0)


def _if(node: cst.If) -> int:
    test = constant(node.test)
    ends = 0
    if test is not False:
        ends |= _block(node.body.body)
    if test is not True:
        ends |= _otherwise(node.orelse)
    return ends


def _otherwise(node: cst.If | cst.Else | None) -> int:
    if node is None:
        return _NEXT
    return _if(node) if isinstance(node, cst.If) else _block(node.body.body)


def _while(node: cst.While) -> int:
    test = constant(node.test)
    if test is False:
        return _otherwise(node.orelse)
    body = _block(node.body.body)
    if test is True:
        return _NEXT if body & _BREAK else 0
    return _loop(body, node.orelse)


def _loop(body: int, orelse: cst.Else | None) -> int:
    return _otherwise(orelse) | (_NEXT if body & _BREAK else 0)


def _try(node: cst.Try | cst.TryStar) -> int:
    ends = _block(node.body.body)
    if ends & _NEXT and node.orelse is not None:
        ends = (ends & ~_NEXT) | _block(node.orelse.body.body)
    for handler in node.handlers:
        ends |= _block(handler.body.body)
    if node.finalbody is None:
        return ends
    final = _block(node.finalbody.body.body)
    # A jump in `finally` replaces whatever was under way.
    return ends | (final & ~_NEXT) if final & _NEXT else final


def _match(node: cst.Match) -> int:
    ends = 0
    for case in node.cases:
        ends |= _block(case.body.body)
        if case.guard is None and _irrefutable(case.pattern):
            return ends
    return ends | _NEXT


def _irrefutable(pattern: cst.MatchPattern) -> bool:
    if isinstance(pattern, cst.MatchAs):
        return pattern.pattern is None or _irrefutable(pattern.pattern)
    if isinstance(pattern, cst.MatchOr):
        return any(_irrefutable(each.pattern) for each in pattern.patterns)
    return False


def constant(node: cst.BaseExpression) -> bool | None:
    """The truth of a constant test; ``None`` where it is not one."""
    if isinstance(node, cst.Name):
        return {"True": True, "False": False, "None": False}.get(node.value)
    if isinstance(node, cst.Integer):
        return node.value.strip("0_xXoObB") != ""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        inner = constant(node.expression)
        return None if inner is None else not inner
    return None


def _never_returns(node: cst.BaseExpression) -> bool:
    return _called(node) in NEVER_RETURN


def _called(node: cst.BaseExpression) -> str | None:
    """The dotted name that a call calls."""
    if not isinstance(node, cst.Call):
        return None
    names: list[str] = []
    here = node.func
    while isinstance(here, cst.Attribute):
        names.append(here.attr.value)
        here = here.value
    if not isinstance(here, cst.Name):
        return None
    names.append(here.value)
    return ".".join(reversed(names))


# By exact type: libcst's classes are abstract ones to `isinstance`, which is slow for those.
_READERS: dict[type[cst.CSTNode], Callable[..., int]] = {
    cst.SimpleStatementLine: _line,
    cst.Return: lambda node: 0,
    cst.Raise: lambda node: 0,
    cst.Break: lambda node: _BREAK,
    cst.Continue: lambda node: _CONTINUE,
    cst.Expr: _expression,
    cst.Assert: _assert,
    cst.If: _if,
    cst.While: _while,
    cst.For: _for,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.Match: _match,
}
