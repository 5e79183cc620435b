"""Which names does ``:=`` bind in a simple statement, or in the header of a compound one?"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from arctic_codegen.model.decls import Assign
from arctic_codegen.scan.expressions import Expressions
from arctic_codegen.scan.positions import Positions


def walruses(node: cst.CSTNode, positions: Positions, reader: Expressions) -> Iterator[Assign]:
    """Them as assignments; whether one runs, and so its value, is not looked at."""
    if isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Try, cst.TryStar)):
        return
    if isinstance(node, cst.Match):
        nodes = positions.noted_until(node, node.cases[0])
    elif isinstance(node, cst.BaseCompoundStatement):
        nodes = positions.noted_until(node, node.body)
    else:
        nodes = positions.noted_in(node, node)
    in_lambda = -1
    for noted in nodes:
        if isinstance(noted, cst.Lambda):
            in_lambda = max(in_lambda, positions.end(noted))
        elif isinstance(noted, cst.NamedExpr) and positions.start(noted) >= in_lambda:
            target = reader.read(noted.target)
            yield Assign(positions.span(noted), (target,), reader.opaque(noted.value))
