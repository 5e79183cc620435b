"""Does a part of a callback change the values that the callback has to return?"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.names.trees import dotted, here

_CHANGERS = frozenset(
    {
        *("append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse"),
        *("setdefault", "update"),
    }
)
"""Methods that modify Python's own containers, except those that tensors also have."""

GivesBack = Callable[[str], bool]
"""Whether the function with this name returns its argument."""


def values_taken(declaration: Declaration) -> tuple[str, ...]:
    """The parameters of a callback whose values it may replace; none if its own body is not called
    with them."""
    value = declaration.callable
    taken = tuple(param.name for param in (value.params or ())[1:])
    if declaration.phase == "post":
        taken = taken[:1]
    definition = value.definition
    if definition is not None and not {one.name for one in definition.params}.issuperset(taken):
        return ()  # the parameters belong to a function of the decorator
    return () if value.is_generator else taken


def change(
    part: ast.AST, taken: Sequence[str], gives_back: GivesBack
) -> tuple[str, ast.AST] | None:
    """Where a part changes a value that a callback takes, or returns another one, and its name."""
    for node in here(part):
        name = _changed(node)
        if name in taken:
            return name, node
        if isinstance(node, ast.Return) and not _is_same(node.value, taken, gives_back):
            return ", ".join(taken), node.value or node
    return None


def returns_other_names(function: ast.AST, taken: Sequence[str]) -> bool:
    """Whether a value that was taken is rebound to another name that is returned."""
    nodes = list(ast.walk(function))
    returned = {dotted(one.value) for one in nodes if isinstance(one, ast.Return) and one.value}
    return any(
        isinstance(one, ast.Assign)
        and dotted(one.value) in taken
        and not returned.isdisjoint(map(dotted, one.targets))
        for one in nodes
    )


def _changed(node: ast.AST) -> str:
    """The name that a node rebinds, or whose value it changes: ``loss.mul_(2)``, ``batch["x"] =
    1``."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return name
        case (
            ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del())
        ):
            root: ast.expr = node
            while isinstance(root, (ast.Attribute, ast.Subscript)):
                root = root.value
            return dotted(root)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
            changes = method in _CHANGERS or (method.endswith("_") and not method.startswith("_"))
            return name if changes else ""
    return ""


def _is_same(value: ast.expr | None, taken: Sequence[str], gives_back: GivesBack) -> bool:
    """Whether a callback returns its arguments; a bare ``return`` is another mistake."""
    match value:
        case None:
            return True
        case ast.Subscript(value=ast.Tuple(elts=several) | ast.List(elts=several)):
            return any(_is_same(one, taken, gives_back) for one in several)
        case ast.Tuple():
            names = [dotted(one) for one in value.elts]
            # A different order or number is reported separately.
            return len(names) != len(taken) or sorted(names) == sorted(taken)
        case ast.Name(id=name):
            return [name] == list(taken)
        case ast.IfExp():
            return all(_is_same(one, taken, gives_back) for one in (value.body, value.orelse))
        case ast.BoolOp(op=ast.Or(), values=[ast.Call(), last]):  # `print(loss) or loss`
            return _is_same(last, taken, gives_back)
        case ast.Call(func=func, args=[*_, last], keywords=[]):
            name = dotted(func)
            is_kept = name.rpartition(".")[2] == "cast" or gives_back(name)
            return is_kept and _is_same(last, taken, gives_back)
    return False
