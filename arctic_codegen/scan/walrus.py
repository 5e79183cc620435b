"""Which names does ``:=`` bind in a simple statement, or in the header of a compound one?"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from arctic_codegen.model.decls import Assign
from arctic_codegen.scan.expressions import Expressions
from arctic_codegen.scan.positions import Positions


def walruses(node: cst.CSTNode, positions: Positions, reader: Expressions) -> Iterator[Assign]:
    """The assignments of ``:=`` expressions. The value is read only if the expression always
    runs."""
    if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Try, cst.TryStar)):
        return
    if isinstance(node, cst.Match):
        nodes = positions.noted_until(node, node.cases[0])
    elif isinstance(node, cst.BaseCompoundStatement):
        nodes = positions.noted_until(node, node.body)
    else:
        nodes = positions.noted_in(node, node)
    first = _first_evaluated(node)
    in_lambda = -1
    for noted in nodes:
        if isinstance(noted, cst.Lambda):
            in_lambda = max(in_lambda, positions.end(noted))
        elif isinstance(noted, cst.NamedExpr) and positions.start(noted) >= in_lambda:
            value = reader.read(noted.value) if noted is first else reader.opaque(noted.value)
            yield Assign(positions.span(noted), (reader.read(noted.target),), value)


def _first_evaluated(node: cst.CSTNode) -> cst.BaseExpression | None:
    """The expression that a statement evaluates first."""
    here: cst.BaseExpression | None = None
    if isinstance(node, (cst.If, cst.While)):
        here = node.test
    elif isinstance(node, (cst.Expr, cst.Assign, cst.Return, cst.AnnAssign)):
        here = node.value
    while isinstance(here, (cst.Comparison, cst.BinaryOperation)):
        here = here.left
    return here
