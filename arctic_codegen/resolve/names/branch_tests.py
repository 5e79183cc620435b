"""Is the test of an ``if`` at module or class level true?

This module looks names up; :mod:`~arctic_codegen.resolve.names.constant_folding` computes. The
evaluator of callbacks has its own values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.model.expr import Attr, Expr, Name, Seq
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    ValueEntity,
)
from arctic_codegen.resolve.names.constant_folding import (
    OBJECT,
    NotConstant,
    Version,
    fold,
    refused,
    truth,
)
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.show import show

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names


class BranchTests:
    """Evaluates the tests of branches. ``typing`` and ``main`` select the view: that of a type
    checker, and that of a module that runs as a script."""

    def __init__(self, names: Names, typing: bool = False, main: bool = False) -> None:
        self._names = names
        self._typing = typing
        self._main = main
        self._following: list[int] = []
        self._steps = 0
        self._most_steps = names.budget.steps

    def truth(self, expr: Expr, scope: Scope) -> bool | None:
        """Whether a test is true; ``None`` if it cannot be determined statically."""
        try:
            return truth(self.value(expr, scope))
        except NotConstant:
            return None

    def value(self, expr: Expr, scope: Scope) -> object:
        """The value of a constant expression, or a marker."""
        self._steps += 1
        if self._steps > self._most_steps:
            self._names.budget.took(self._steps, too_many=True)
            raise refused(message("reasons", "too-many-steps"))
        if isinstance(expr, (Name, Attr)):
            return self._named(expr, scope)
        return fold(expr, lambda inner: self.value(inner, scope))

    def _named(self, expr: Name | Attr, scope: Scope) -> object:
        last = expr.id if isinstance(expr, Name) else expr.attr
        if self._typing and last in ("TYPE_CHECKING", "MYPY"):
            return True
        if isinstance(expr, Name) and expr.id == "__name__" and not scope.frames:
            return "__main__" if self._main else scope.module
        entity = self._names.lookup(expr, scope)
        match entity:
            case OpaqueEntity():
                return self.known(dotted_name(entity) or "")
            case ModuleEntity() | ClassEntity() | FunctionEntity() | LambdaEntity():
                return OBJECT
            case ValueEntity() if entity.expr is not expr and not _is_mutable(entity.expr):
                if id(entity.expr) not in self._following:
                    self._following.append(id(entity.expr))
                    try:
                        return self.value(entity.expr, entity.scope)
                    finally:
                        self._following.pop()
        raise refused(message("reasons", "undetermined", expression=show(expr)))

    def known(self, name: str) -> object:
        """The value of a standard name that branches test."""
        settings, queries = self._names.settings, self._names.queries
        match name:
            case "typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING":
                return self._typing
            case "sys.version_info":
                queries.python_version()
                return Version(settings.python_version)
            case "sys.platform":
                queries.platform()
                return settings.platform
        if name.startswith("builtins.") and name.count(".") == 1:
            return OBJECT
        raise refused(message("reasons", "undetermined", expression=name))


def _is_mutable(expr: Expr) -> bool:
    """Whether it is a display that a later statement may have changed."""
    return isinstance(expr, Seq) and expr.kind != "tuple"
