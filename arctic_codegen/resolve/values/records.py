"""What an expression can stand for, as far as the text decides it (R9, R10).

A :class:`Thunk` is an expression that has not been looked at, with everything that it takes to do
so; looking at it gives a :data:`Value`. Lists hold thunks, so that one element that cannot be
decided does not hide the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Union

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Expr, LambdaExpr, Param
from arctic_codegen.model.hosts import Wrapper
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    Scope,
)
from arctic_codegen.resolve.show import show

Scalar = Union[str, bytes, int, float, complex, bool, None]

Path = tuple[str, str]
"""Module and dotted path under which a program can import an object."""


class Layer(msgspec.Struct, frozen=True):
    """What the parameters of a called function, or the targets of a comprehension, stand for.

    ``depth`` counts the frames of the scope that the layer belongs to: names seen from fewer
    frames do not see it. It is 0 for a comprehension, whose names are seen from inside only.
    """

    depth: int
    names: dict[str, Thunk | None]
    """``None`` for a local name that hides an outer one, and has to be looked up."""


class Env(msgspec.Struct, frozen=True):
    """Names that stand for something else than a look-up would give.

    ``site`` is the call that made the frame: objects that one text makes in two calls are two.
    """

    layers: tuple[Layer, ...] = ()
    site: tuple[str, ...] = ()

    def find(self, name: str) -> Thunk | None:
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
    """An expression at its place, not looked at yet; ``value`` is set where it already was.

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
    """Gives the value of a local name, of which only the way that is taken is known by now."""

    def child(self, expr: Expr) -> Thunk:
        """An expression inside this one."""
        place = Place(self.place.path, expr.span)
        return Thunk(expr, self.scope, place, self.env, self.qualname, self.indices)

    def holding(self, value: Value) -> Thunk:
        """One at the same place whose value is known."""
        return msgspec.structs.replace(self, value=value, reach=None)

    @property
    def identity(self) -> tuple[str, ...]:
        """That of an object that is made here."""
        return place_identity(self.scope.module, self.expr.span, self.indices, self.env)


class Const(msgspec.Struct, frozen=True):
    """A constant that is no container."""

    value: Scalar


Alias = tuple[str, str]
"""Module and dotted name that a list is bound to at module or class level."""


class Sequence(msgspec.Struct, frozen=True):
    """Elements in order. ``alias`` is the module-level or class-level name whose very object
    this is: a later change of it would change this."""

    kind: Literal["list", "tuple", "set", "iterator"]
    items: tuple[Thunk, ...]
    alias: Alias | None = None


class Mapping(msgspec.Struct, frozen=True):
    """A dict display."""

    items: tuple[tuple[Thunk, Thunk], ...]


class Module(msgspec.Struct, frozen=True):
    """A module as a value."""

    name: str


class Class(msgspec.Struct, frozen=True):
    """A class as a value."""

    entity: ClassEntity


class Argument(msgspec.Struct, frozen=True):
    """One argument of a call; ``keyword`` is ``None`` for a positional one."""

    thunk: Thunk
    keyword: str | None = None


class Arguments(msgspec.Struct, frozen=True):
    """The arguments of a call, stars taken apart. ``problem`` tells which could not be."""

    items: tuple[Argument, ...] = ()
    problem: Undecided | None = None


class Function(msgspec.Struct, frozen=True):
    """Something with a signature that is a function, or is called like one.

    ``params`` are those that a caller may still pass, ``None`` where they cannot be known
    (``problem`` says why). ``module``, ``qualname``, ``place``, ``definition``, ``lambda_body``,
    ``returns`` and ``scope`` tell of the innermost definition, which states the signature.
    ``code`` is what runs when it is called, with ``code_scope`` and ``env`` for its names.
    """

    module: str
    qualname: str
    place: Place
    params: tuple[Param, ...] | None
    scope: Scope
    identity: tuple[str, ...]
    definition: FunctionDecl | None = None
    lambda_body: Expr | None = None
    returns: Expr | None = None
    is_async: bool = False
    is_generator: bool = False
    code: FunctionDecl | LambdaExpr | None = None
    code_scope: Scope | None = None
    env: Env = EMPTY
    bound: tuple[Argument, ...] = ()
    """Arguments that are passed before the caller's own."""
    is_object: bool = False
    """A partial or a bound method: no function, and a class that has it makes no method of it."""
    inspectable: bool = True
    """It is the function that ``code`` makes, so that ``inspect`` says of it what stands there."""
    reachable: Path | None = None
    kind: Literal["function", "static method", "class method", "property"] = "function"
    entity: FunctionEntity | None = None
    """The ``def`` that states the signature, where it states it as it is."""
    lambda_: LambdaEntity | None = None
    """Set for a lambda as such, which closes over nothing that is not global; wrappers of ours may
    stand around it."""
    wrappers: tuple[Wrapper, ...] = ()
    """Those of ours that are outermost, none of anyone else's between them (R47)."""
    inner_reachable: Path | None = None
    """The ``reachable`` of what the wrappers stand around."""
    problem: Undecided | None = None
    own_form: tuple[Param, ...] | None = None
    """The parameters of a wrapper that looks at what it is given, though ``functools.wraps`` makes
    it look like a function with other ones."""
    made: str = ""
    """The call that gave it, arguments and all, as a person wrote that."""


class Instance(msgspec.Struct, frozen=True):
    """An object of a class that can be read, made by a call."""

    entity: ClassEntity
    place: Place
    identity: tuple[str, ...]
    reachable: Path | None = None
    made: str = ""
    """The call, as a person wrote it."""


class EnumMember(msgspec.Struct, frozen=True):
    """A member of an enumeration; ``text`` tells that it is a string as well (R9)."""

    owner: ClassEntity
    name: str
    thunk: Thunk
    text: Literal["no", "str", "StrEnum"]


class Wraps(msgspec.Struct, frozen=True):
    """``functools.wraps(function)``: what it is applied to looks like that function."""

    wrapped: Value


class Around(msgspec.Struct, frozen=True):
    """``every(10)``: what it is applied to gets that wrapper."""

    wrapper: Wrapper


class Opaque(msgspec.Struct, frozen=True):
    """Something that exists and whose text cannot be read."""

    module: str
    name: str


class Special(msgspec.Struct, frozen=True):
    """A callable that is known by its dotted name, such as ``functools.partial``."""

    name: str
    makes_async: bool = False
    """A decorator whose result is awaited, whatever it decorates."""


class Other(msgspec.Struct, frozen=True):
    """Something decided that is no entry, no string and no callable; ``what`` names it."""

    what: str
    given: Literal["awaitable", "iterator", "async iterator"] | None = None


class Undecided(msgspec.Struct, frozen=True):
    """What the text does not decide, or Python would refuse.

    ``reason`` is a clause for a person; ``place`` is where the trail ends. ``code`` and ``hint``
    are set where they are known better here than where the value is used.
    """

    reason: str
    place: Place | None = None
    missing: bool = False
    code: str | None = None
    hint: str | None = None


Value = Union[
    Const,
    Sequence,
    Mapping,
    Module,
    Class,
    Function,
    Instance,
    EnumMember,
    Wraps,
    Around,
    Opaque,
    Special,
    Other,
    Undecided,
]


class TooMuch(Exception):
    """An evaluation took more steps, or nested deeper, than any list that a person writes."""


MAX_ELEMENTS = 100_000


class NotPure(Exception):
    """A value is no constant; ``undecided`` says why."""

    def __init__(self, undecided: Undecided) -> None:
        super().__init__(undecided.reason)
        self.undecided = undecided


def place_identity(module: str, span: Span, indices: tuple[int, ...], env: Env) -> tuple[str, ...]:
    """What tells an object made at one place in the text from all others (R16)."""
    return (
        "place",
        module,
        str(span.line),
        str(span.column),
        *(str(index) for index in indices),
        *env.site,
    )


def python_value(thunk: Thunk, value: object) -> Value:
    """What Python computed from constants at ``thunk``, as a value."""
    if isinstance(value, (str, bytes, int, float, complex)) or value is None:
        return Const(value)
    if isinstance(value, (list, tuple)):
        items = tuple(thunk.holding(python_value(thunk, item)) for item in value)
        return Sequence("list" if isinstance(value, list) else "tuple", items)
    return Undecided(f"'{show(thunk.expr)}' cannot be determined statically", thunk.place)


def placed(undecided: Undecided, place: Place) -> Undecided:
    """With a place where the trail ends, if it has none."""
    return (
        undecided
        if undecided.place is not None
        else msgspec.structs.replace(undecided, place=place)
    )


def hashable(value: object) -> object:
    try:
        hash(value)
    except TypeError:
        raise NotPure(Undecided("a key is a list")) from None
    return value


def qualname_of(scope: Scope) -> str:
    """What Python puts before the qualified name of a lambda in that scope."""
    if not scope.frames:
        return ""
    last = scope.frames[-1]
    return f"{last.qualname}.<locals>." if isinstance(last, FunctionDecl) else f"{last.qualname}."


def describe(value: Value) -> str:
    """What kind of thing a value is, with an article."""
    match value:
        case Const(value=None):
            return "None"
        case Const(value=bool(constant)):
            return str(constant)
        case Const(value=str()):
            return "a string"
        case Const(value=bytes()):
            return "bytes"
        case Const():
            return "a number"
        case Sequence(kind=kind):
            return {"iterator": "an iterator"}.get(kind, f"a {kind}")
        case Mapping():
            return "a dict"
        case Module(name=name):
            return f"the module '{name}'"
        case Class(entity=entity):
            return f"the class '{entity.id.name}'"
        case Function(kind="function"):
            return "a function"
        case Function(kind=kind):
            return f"a {kind}"
        case Instance(entity=entity):
            return f"an object of '{entity.id.name}'"
        case EnumMember(owner=owner, name=name):
            return f"the member '{owner.id.name}.{name}'"
        case Around(wrapper=wrapper):
            return f"'{wrapper}' without a callback"
        case Opaque(name=name):
            return f"'{name}'"
        case Other(what=what):
            return what
        case Undecided(reason=reason):
            return f"not decided ({reason})"
    return "a helper of functools"
