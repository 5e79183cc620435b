"""Which attributes of the object do the wrappers around a callback read (R56, R57)?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from arctic_codegen.model.wrappers import Wrapper
from arctic_codegen.resolve.effects.collectives import FunctionBody, body_of
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.values.records import Function


class Asked(NamedTuple):
    """The condition of one wrapper."""

    wrapper: Wrapper
    body: FunctionBody | None
    """The body of a callable; ``None`` if it is not defined in the project."""
    path: ast.expr | None
    """A path of attributes as an expression, whose names are resolved in ``body``."""


def asked_by(value: Function, cls: ClassEntity) -> Iterator[Asked]:
    """The conditions of the wrappers around a callback of ``cls``, outermost first."""
    for wrapper, function in zip(value.wrappers, value.conditions, strict=True):
        condition = wrapper.condition
        if condition is None:
            continue
        if not condition.path:
            known = None if function is None or function.installed else function
            yield Asked(wrapper, None if known is None else body_of(known, cls, None), None)
            continue
        path: ast.expr = ast.Name("self", ast.Load())
        for name in condition.path.split("."):
            path = ast.Attribute(path, name, ast.Load())
        place = condition.place
        body = FunctionBody(place.span, (), cls.scope, place.path, "self", cls)
        yield Asked(wrapper, body, ast.fix_missing_locations(path))
