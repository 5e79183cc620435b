"""Which calls reach a parent's method without the spelling ``super().name(...)`` (R18)?

``parent = super()``, ``run = super().name``, ``getattr(super(), "name", None)``."""

from __future__ import annotations

from collections.abc import Container, Iterator

import libcst as cst

from arctic_codegen.model.decls import SuperCall
from arctic_codegen.scan.names import identifier
from arctic_codegen.scan.positions import Positions


def parent_methods(
    node: cst.FunctionDef, loose: Container[int], positions: Positions
) -> Iterator[SuperCall]:
    """Where a method takes its parent's method of its own name, to be called later.

    ``loose`` are the identities of the ``super()`` calls that no call of a method follows.
    """
    name = identifier(node.name.value)
    nodes = list(_descendants(node.body))
    aliases = {alias for each in nodes for alias in _aliases(each, loose)}
    # What is asked of the method itself, as in `super().name.__doc__`, calls nothing.
    asked = {id(each.value) for each in nodes if type(each) is cst.Attribute}
    for each in nodes:
        if id(each) not in asked and _takes(each, name, loose, aliases):
            yield SuperCall(name, None, positions.span(each))


def _descendants(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for child in node.children:
        if type(child) is not cst.ClassDef:
            yield child
            yield from _descendants(child)


def _aliases(node: cst.CSTNode, loose: Container[int]) -> Iterator[str]:
    targets: list[cst.BaseExpression] = []
    if isinstance(node, cst.Assign) and id(node.value) in loose:
        targets = [each.target for each in node.targets]
    elif isinstance(node, (cst.AnnAssign, cst.NamedExpr)) and id(node.value) in loose:
        targets = [node.target]
    for target in targets:
        if isinstance(target, cst.Name):
            yield identifier(target.value)


def _takes(node: cst.CSTNode, name: str, loose: Container[int], aliases: Container[str]) -> bool:
    if isinstance(node, cst.Attribute):
        return identifier(node.attr.value) == name and _is_parent(node.value, loose, aliases)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
        return (
            node.func.value == "getattr"
            and len(node.args) > 1
            and _is_parent(node.args[0].value, loose, aliases)
            and isinstance(node.args[1].value, cst.SimpleString)
            and node.args[1].value.evaluated_value == name
        )
    return False


def _is_parent(node: cst.BaseExpression, loose: Container[int], aliases: Container[str]) -> bool:
    if isinstance(node, cst.NamedExpr):
        node = node.value
    if isinstance(node, cst.Name):
        return identifier(node.value) in aliases
    return id(node) in loose
