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
"""What names stand for; ``None`` is a local one that hides others, and has to be looked up."""


class Layer(msgspec.Struct, frozen=True):
    """What the parameters of a called function, or the targets of a comprehension, stand for.

    ``depth`` counts the frames of the scope that the layer belongs to: names seen from fewer
    frames do not see it. It is 0 for a comprehension, whose names are seen from inside only.
    """

    depth: int
    names: Names

    def __hash__(self) -> int:
        return hash((self.depth, *self.names))


class Env(msgspec.Struct, frozen=True):
    """Names that stand for something else than a look-up would give.

    ``site`` is the call that made the frame: objects that one text makes in two calls are two.
    """

    layers: tuple[Layer, ...] = ()
    site: tuple[str, ...] = ()

    def find(self, name: str) -> Thunk | FunctionEntity | None:
        """What a name stands for, the innermost layer first."""
        for layer in reversed(self.layers):
            if name in layer.names:
                return layer.names[name]
        return None

    def within(self, layer: Layer) -> Env:
        """This one, with a layer inside it."""
        return Env((*self.layers, layer), self.site)


EMPTY = Env()


class Thunk(msgspec.Struct, frozen=True):
    """An expression at its place, not evaluated yet; ``value`` is set where it already was.

    ``qualname`` is what Python puts before the name of a lambda there. ``indices`` say which
    round of the comprehensions around it this is. ``reach`` is the module, path and subscripts
    under which a program finds the same object.
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
    """Gives the value of a name that many may read, once."""

    def child(self, expr: Expr) -> Thunk:
        """An expression inside this one."""
        place = Place(self.place.path, expr.span)
        return Thunk(expr, self.scope, place, self.env, self.qualname, self.indices)

    def holding(self, value: Value) -> Thunk:
        """One at the same place whose value is known."""
        return msgspec.structs.replace(self, value=value, reach=None)

    def env_in(self, scope: Scope) -> Env:
        """What names mean in a scope that a look-up led to: calls that it stands inside still
        count."""
        depth, seen = len(scope.frames), self.scope.frames
        if scope.module != self.scope.module or not self.env.layers or depth == 0:
            return EMPTY
        if depth > len(seen) or any(a is not b for a, b in zip(scope.frames, seen, strict=False)):
            return EMPTY
        layers = tuple(layer for layer in self.env.layers if 0 < layer.depth <= depth)
        return Env(layers, self.env.site) if layers else EMPTY

    @property
    def identity(self) -> tuple[str, ...]:
        """That of an object that is made here."""
        return place_identity(self.scope.module, self.expr.span, self.indices, self.env)


def place_identity(module: str, span: Span, indices: tuple[int, ...], env: Env) -> tuple[str, ...]:
    """What tells an object made at one place in the text from all others (R16)."""
    return ("place", module, str(span.line), str(span.column), *map(str, indices), *env.site)
