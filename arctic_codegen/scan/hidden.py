"""What hides in the expressions of a simple statement, or of the header of a compound one: names
that ``:=`` binds, and changes of callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import libcst as cst

from arctic_codegen.model import decls
from arctic_codegen.model.spelling import LIST_CHANGERS
from arctic_codegen.scan.expressions import Expressions
from arctic_codegen.scan.positions import Positions


def is_hidden(node: cst.CSTNode) -> bool:
    """Whether a node is one that :func:`hidden` looks for."""
    kind = type(node)
    return kind is cst.NamedExpr or (kind is cst.Call and _changes_callbacks(cast(cst.Call, node)))


def hidden(
    node: cst.CSTNode, positions: Positions, reader: Expressions
) -> Iterator[decls.Statement]:
    """The statements that a statement's own expressions hide."""
    if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Try, cst.TryStar)):
        return
    if isinstance(node, cst.Match):
        nodes = positions.noted_until(node, node.cases[0])
    elif isinstance(node, cst.BaseCompoundStatement):
        nodes = positions.noted_until(node, node.body)
    else:
        nodes = positions.noted_in(node, node)
    first = _first_evaluated(node)
    kept = first if isinstance(node, cst.Expr) else None
    in_lambda = -1
    for noted in nodes:
        if isinstance(noted, cst.Lambda):
            in_lambda = max(in_lambda, positions.end(noted))
        elif isinstance(noted, cst.NamedExpr) and isinstance(noted.target, cst.Name):
            if positions.start(noted) >= in_lambda:
                # Only where it surely runs is the value worth anything.
                value = reader.read(noted.value) if noted is first else None
                target = reader.read(noted.target)
                value = value or reader.opaque(noted.value)
                yield decls.Assign(positions.span(noted), (target,), value)
        elif isinstance(noted, cst.Call) and noted is not kept and _changes_callbacks(noted):
            # Whether and how often it runs is not for this stage to say.
            change = decls.CallStmt(positions.span(noted), reader.call(noted))
            yield decls.Loop(change.span, (), (change,), ())


def _changes_callbacks(node: cst.Call) -> bool:
    """Whether a call is one like ``X.callbacks.append(...)``."""
    func = node.func
    return (
        type(func) is cst.Attribute
        and func.attr.value in LIST_CHANGERS
        and isinstance(func.value, cst.Attribute)
        and func.value.attr.value == "callbacks"
    )


def _first_evaluated(node: cst.CSTNode) -> cst.BaseExpression | None:
    """The expression that a statement evaluates before anything else.

    For an expression statement that is the call which is read as a statement of its own.
    """
    here: cst.BaseExpression | None = None
    if isinstance(node, (cst.If, cst.While)):
        here = node.test
    elif isinstance(node, (cst.Expr, cst.Assign, cst.Return, cst.AnnAssign)):
        here = node.value
    while isinstance(here, (cst.Comparison, cst.BinaryOperation)):
        here = here.left
    if isinstance(here, cst.Await) and isinstance(node, cst.Expr):
        here = here.expression
    return here
