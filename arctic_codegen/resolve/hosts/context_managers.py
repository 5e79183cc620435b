"""``@contextmanager``: what callers get is not what the generator is annotated with."""

from __future__ import annotations

from arctic_codegen.model.expr import Expr, Str, Subscript
from arctic_codegen.model.hosts import Ref, Text

_MADE = {
    "contextlib.contextmanager": "_GeneratorContextManager",
    "contextlib.asynccontextmanager": "_AsyncGeneratorContextManager",
}
"""The classes that type checkers say the decorators give. Nothing else would be a right
override of the method, and all names of them are private ones."""


def made_class(decorators: list[str | None]) -> str | None:
    """The class of what a method with these decorators gives, if one of them makes a context
    manager of it."""
    return next((_MADE[name] for name in decorators if name in _MADE), None)


def yielded(returns: Expr) -> Expr | None:
    """``X`` in ``Iterator[X]`` and ``Generator[X, Y, Z]``."""
    if isinstance(returns, Str) and returns.quoted is not None:
        returns = returns.quoted
    return returns.items[0] if isinstance(returns, Subscript) and returns.items else None


def manager_type(made: str, of: Text | None) -> Text:
    """The annotation of a method that gives such a context manager."""
    parts = (Ref("typing", "Any"),) if of is None else of.parts
    return Text((Ref("contextlib", made), "[", *parts, "]"))
