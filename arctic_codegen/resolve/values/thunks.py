"""An expression that has not been evaluated, with its scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Union

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.expr import Expr
from arctic_codegen.resolve.entities import FunctionEntity, Scope

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.records import Value

ImportPath = tuple[str, str]
"""Module and dotted path under which a program can import an object."""

Names = dict[str, Union["Thunk", FunctionEntity, None]]
"""What names refer to. ``None`` marks a local name that hides outer ones and must be looked up."""


class Layer(msgspec.Struct, frozen=True):
    """The values of the parameters of a called function, or of the targets of a comprehension.

    ``depth`` is the number of frames of the scope that the layer belongs to. The layer is not
    visible to names in scopes with fewer frames. It is 0 for a comprehension, whose names are
    visible only inside it.
    """

    depth: int
    names: Names

    def __hash__(self) -> int:
        return hash((self.depth, *self.names))


class Env(msgspec.Struct, frozen=True):
    """Names whose values differ from what a look-up would find.

    ``site`` identifies the call that created the frame, so that objects created by the same
    expression in two calls are distinct.
    """

    layers: tuple[Layer, ...] = ()
    site: tuple[str, ...] = ()

    def find(self, name: str) -> Thunk | FunctionEntity | None:
        """The value of a name; the innermost layer takes precedence."""
        for layer in reversed(self.layers):
            if name in layer.names:
                return layer.names[name]
        return None

    def within(self, layer: Layer) -> Env:
        """This environment with ``layer`` added as the innermost one."""
        return Env((*self.layers, layer), self.site)


EMPTY = Env()


class Thunk(msgspec.Struct, frozen=True):
    """An expression at its place, not evaluated yet; ``value`` is set if it already is.

    ``qualname`` is the prefix of the qualified name of a lambda there. ``indices`` are the
    iterations of the enclosing comprehensions. ``reach`` is the module, path and subscripts
    through which a program can access the same object.
    """

    expr: Expr
    scope: Scope
    place: Place
    env: Env = EMPTY
    qualname: str = ""
    indices: tuple[int, ...] = ()
    reach: tuple[str, str, tuple[int, ...]] | None = None
    value: Value | None = None
    later: Callable[[], Value] | None = None
    """Computes the value of a name; the result is cached for all its readers."""

    def child(self, expr: Expr) -> Thunk:
        """A thunk for a subexpression of this one."""
        place = Place(self.place.path, expr.span)
        return Thunk(expr, self.scope, place, self.env, self.qualname, self.indices)

    def holding(self, value: Value) -> Thunk:
        """A thunk at the same place whose value is known."""
        return msgspec.structs.replace(self, value=value, reach=None)

    def env_in(self, scope: Scope) -> Env:
        """The environment for a scope that a look-up found: layers of enclosing calls still
        apply."""
        depth, seen = len(scope.frames), self.scope.frames
        if scope.module != self.scope.module or not self.env.layers or depth == 0:
            return EMPTY
        if depth > len(seen) or any(a is not b for a, b in zip(scope.frames, seen, strict=False)):
            return EMPTY
        layers = tuple(layer for layer in self.env.layers if 0 < layer.depth <= depth)
        return Env(layers, self.env.site) if layers else EMPTY

    @property
    def identity(self) -> tuple[str, ...]:
        """The identity of an object that this expression creates."""
        return place_identity(self.scope.module, self.expr.span, self.indices, self.env)


def place_identity(module: str, span: Span, indices: tuple[int, ...], env: Env) -> tuple[str, ...]:
    """The identity of an object created at one place in the text (R16)."""
    return ("place", module, str(span.line), str(span.column), *map(str, indices), *env.site)
