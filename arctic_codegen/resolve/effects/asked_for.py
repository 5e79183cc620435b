"""Which effects does a function have only if its caller requests them by an argument?"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

_LEAVING = (ast.Return, ast.Continue, ast.Break)


def is_asked_for(function: ast.AST, names: Collection[str], line: int) -> bool:
    """Whether a line is guarded by a test of a parameter: ``if sync: dist.barrier()``, or after
    ``if not sync: return``. An exception after such a test is for wrong arguments."""
    for node in ast.walk(function):
        if isinstance(node, (ast.If, ast.IfExp, ast.While)):
            tested: ast.AST = node.test
        elif isinstance(node, ast.BoolOp):
            tested = node
        else:
            continue
        last = node.end_lineno or node.lineno
        leaves = isinstance(node, ast.If) and any(
            block and isinstance(block[-1], _LEAVING) for block in (node.body, node.orelse)
        )
        is_there = node.lineno <= line and (line <= last or leaves)
        if is_there and any(name in names for name in _plain_names(tested)):
            return True
    return False


def _plain_names(node: ast.AST) -> Iterator[str]:
    """The names in an expression that are used as values: not ``it`` in ``it.rank``."""
    if isinstance(node, ast.Name):
        yield node.id
    if not isinstance(node, ast.Attribute):
        for child in ast.iter_child_nodes(node):
            yield from _plain_names(child)
