"""Which names does a file bind, and where does a binding shadow another one?"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from arctic_codegen.resolve.names.trees import bound_by, own_nodes

DefNode = ast.FunctionDef | ast.AsyncFunctionDef


def all_names(tree: ast.AST) -> frozenset[str]:
    """Every name that occurs anywhere in a file, so that a new name cannot clash."""
    found = {name for node in ast.walk(tree) for name in bound_by(node)}
    return frozenset(found.union(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)))


def bound_in(scope: ast.Module | DefNode | ast.ClassDef, *, imports: bool = True) -> frozenset[str]:
    """The names that a scope itself binds."""
    return frozenset(
        name
        for node in own_nodes(scope)
        if imports or not isinstance(node, ast.alias)
        for name in bound_by(node)
    )


def functions(tree: ast.Module) -> Iterator[tuple[DefNode, frozenset[str]]]:
    """Every ``def``, with the names whose meaning in its annotations differs from that at the top
    level."""
    yield from _functions(tree, frozenset(), frozenset())


def _functions(
    node: ast.AST, enclosing: frozenset[str], here: frozenset[str]
) -> Iterator[tuple[DefNode, frozenset[str]]]:
    visible = enclosing | here
    # Names of a class body are not visible in its methods.
    inner = enclosing if isinstance(node, ast.ClassDef) else visible
    waiting = [node]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if isinstance(child, DefNode):
                yield child, visible
                yield from _functions(child, inner, bound_in(child))
            elif isinstance(child, ast.ClassDef):
                yield from _functions(child, inner, bound_in(child))
            else:
                waiting.append(child)
