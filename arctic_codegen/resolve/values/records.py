"""What can be the value of an expression (R9, R10)?

The evaluator returns the :data:`Value` of a thunk. Lists contain thunks, so that one element that
cannot be determined does not hide the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Union

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Expr, LambdaExpr, Param
from arctic_codegen.model.wrappers import Wrapper
from arctic_codegen.resolve.entities import (
    ClassEntity,
    LambdaEntity,
    Scope,
    Unknown,
)
from arctic_codegen.resolve.names.typeargs import Subscripted
from arctic_codegen.resolve.values.thunks import EMPTY, Env, ImportPath, Thunk

Descriptor = Literal["static method", "class method", "property"]
CallableKind = Union[Literal["function"], Descriptor]
Given = Literal["value", "awaitable", "iterator", "async iterator", "unknown"]
"""What a call gives, as to whether it has to be awaited or iterated over."""


class Const(msgspec.Struct, frozen=True):
    """A constant that is no container."""

    value: str | bytes | int | float | complex | bool | None


class Sequence(msgspec.Struct, frozen=True):
    """Elements in order."""

    kind: Literal["list", "tuple", "set", "iterator"]
    items: tuple[Thunk, ...]

    @property
    def hole(self) -> Unknown | None:
        """What the first element says that stands for an unknown number of them."""
        values = (item.value for item in self.items)
        return next((value for value in values if isinstance(value, Unknown)), None)

    def reached(self, reach: tuple[str, str, tuple[int, ...]]) -> Sequence:
        """One whose elements are found by a way that leads to it, where they have no other."""
        if self.kind not in ("list", "tuple"):
            return self
        module, path, way = reach
        items = tuple(
            item
            if item.reach is not None
            else msgspec.structs.replace(item, reach=(module, path, (*way, index)))
            for index, item in enumerate(self.items)
        )
        return msgspec.structs.replace(self, items=items)


class Mapping(msgspec.Struct, frozen=True):
    """A dict whose keys are constants."""

    items: dict[object, Thunk]

    def __hash__(self) -> int:
        return hash(tuple(self.items))


class ModuleValue(msgspec.Struct, frozen=True):
    """A module as a value."""

    name: str


class Class(msgspec.Struct, frozen=True):
    """A class as a value."""

    entity: ClassEntity
    type_args: Subscripted | None = None


class Argument(msgspec.Struct, frozen=True):
    """One argument of a call; ``keyword`` is ``None`` for a positional one."""

    thunk: Thunk
    keyword: str | None = None


class Arguments(msgspec.Struct, frozen=True):
    """The arguments of a call, stars taken apart. ``problem`` says which could not be."""

    items: tuple[Argument, ...] = ()
    problem: Unknown | None = None

    @property
    def positional(self) -> list[Thunk]:
        """Those that are given by position."""
        return [item.thunk for item in self.items if item.keyword is None]

    @property
    def named(self) -> dict[str, Thunk]:
        """Those that are given by name."""
        return {item.keyword: item.thunk for item in self.items if item.keyword is not None}

    def get(self, position: int, name: str = "") -> Thunk | None:
        """The argument at a position, or of a name."""
        positional = self.positional
        return positional[position] if position < len(positional) else self.named.get(name)


class OrderClaim(msgspec.Struct, frozen=True):
    """What ``after`` or ``before`` at ``place`` says of a callback: it runs after, or before,
    another one, which is known by where its innermost function stands."""

    is_after: bool
    other: str
    other_at: Place
    place: Place


class Function(msgspec.Struct, frozen=True, cache_hash=True):
    """Something with a signature that is a function, or is called like one (R10).

    ``code`` is what runs when it is called, with ``code_scope`` and ``env`` for its names; most
    other fields speak of the innermost definition, which states the signature.
    """

    module: str
    """That of the innermost ``def`` or lambda."""
    qualname: str
    place: Place
    installed: bool
    """It stands outside the project: findings are reported at the entry instead."""
    params: tuple[Param, ...] | None
    """What a caller may still pass, the object first; ``None`` if it cannot be known."""
    scope: Scope
    """The scope in which its annotations are read."""
    identity: tuple[str, ...]
    """R16: the same function, the same place in the text, the same object and function."""
    definition: FunctionDecl | None = None
    """The innermost ``def``, for its returns; ``None`` for a lambda."""
    lambda_body: Expr | None = None
    """The body of the innermost lambda; ``None`` for a ``def``."""
    returns: Expr | None = None
    is_async: bool = False
    is_generator: bool = False
    reachable: tuple[str, str] | None = None
    """Module and dotted path under which the callable itself (not its inner function) can be
    imported, if it can."""
    kind: CallableKind = "function"
    is_object: bool = False
    """A partial, a bound method or an object: a class that has it makes no method of it."""
    entity: LambdaEntity | None = None
    """Set for a lambda as such, which closes over nothing that is not global; wrappers of ours may
    stand around it."""
    wrappers: tuple[Wrapper, ...] = ()
    """``rank_zero``, ``every``, ``optional`` around it, outermost first, nothing of anyone else's
    between them (R47)."""
    conditions: tuple[Function | None, ...] = ()
    """For each wrapper, the function that it asks."""
    inner_reachable: tuple[str, str] | None = None
    """Where there are wrappers: module and path under which what they stand around is found."""
    made: str = ""
    """The call that gave it, arguments and all; empty for what has a name or is a lambda."""
    claims: tuple[OrderClaim, ...] = ()
    code: FunctionDecl | LambdaExpr | None = None
    code_scope: Scope | None = None
    env: Env = EMPTY
    bound: tuple[Argument, ...] = ()
    """Arguments that are passed before the caller's own."""
    inspectable: bool = True
    """It is the function that ``code`` makes, so that ``inspect`` says of it what stands there."""
    problem: Unknown | None = None
    """Why ``params`` cannot be known."""
    own_form: tuple[Param, ...] | None = None
    """The parameters of a wrapper that looks at what it is given, though ``functools.wraps`` makes
    it look like a function with other ones."""

    @property
    def name(self) -> str:
        """Module and qualified name of the innermost ``def`` or lambda."""
        return f"{self.module}.{self.qualname}"

    @property
    def short(self) -> str:
        """What a message calls it: without the module and the functions around it."""
        return self.qualname.rpartition("<locals>.")[2]

    @property
    def binds(self) -> bool:
        """It is a function, of which a class that has it as an attribute makes a method."""
        return self.kind == "function" and not self.is_object

    def unknowable(self, problem: Unknown) -> Function:
        """The same with a signature that cannot be known."""
        return msgspec.structs.replace(self, params=None, problem=problem)

    def made_at(self, identity: tuple[str, ...]) -> Function:
        """An object that a call or a decorator has made of it, which has no name."""
        return msgspec.structs.replace(self, identity=identity, reachable=None, entity=None)

    def unwrapped(self) -> Function:
        """What something that is not ours has made of a callback: our wrappers in it run as the
        ordinary callables that they are."""
        if not self.wrappers:
            return self
        return msgspec.structs.replace(
            self, wrappers=(), conditions=(), inner_reachable=None, entity=None
        )

    @property
    def receiver(self) -> Instance | None:
        """The object whose method it is."""
        held = self.bound[0].thunk.value if self.bound else None
        return held if isinstance(held, Instance) else None

    @property
    def taken(self) -> tuple[Param, ...]:
        """The parameters that callers have to give their arguments to."""
        return (self.params or ()) if self.own_form is None else self.own_form

    @property
    def hidden(self) -> tuple[str, ...]:
        """Parameters of the ``def`` that a wrapper hides which looks at its arguments."""
        names = {param.name for param in self.taken}
        return tuple(param.name for param in self.params or () if param.name not in names)

    @property
    def hides_async(self) -> bool:
        """It is to be awaited, and neither it nor what it wraps is an ``async def``."""
        async_defs = (getattr(one, "is_async", False) for one in (self.code, self.definition))
        return self.is_async and not any(async_defs)

    @property
    def gives(self) -> Given:
        """What a call of it gives."""
        return given_by(self.is_async, self.is_generator)


class EvaluatedEntry(msgspec.Struct, frozen=True):
    """One element of a list of callbacks."""

    place: Place
    """The tuple, or the name of one, in the list that a person reads."""
    event: str
    event_place: Place
    callable: Function
    index: int
    """Its position in the evaluated list."""
    reachable: tuple[str, str, tuple[int, ...]] | None = None
    """Module, dotted path and subscripts of the callable where it is reached through a bound
    tuple or list: ``("m", "init_cb", (1,))``."""


class Evaluated(msgspec.Struct, frozen=True):
    """What a list of callbacks holds. Elements that gave a finding are left out, but their
    positions count, so that ``index`` stays true."""

    entries: tuple[EvaluatedEntry, ...]
    length: int
    findings: tuple[Finding, ...] = ()


def given_by(is_async: bool, is_generator: bool) -> Given:
    """What a call of such a function gives."""
    if is_generator:
        return "async iterator" if is_async else "iterator"
    return "awaitable" if is_async else "value"


class Instance(msgspec.Struct, frozen=True):
    """An object of a class that can be read, made by a call."""

    owner: ClassEntity
    place: Place
    identity: tuple[str, ...]
    reachable: ImportPath | None = None
    made: str = ""
    """The call, as a person wrote it."""
    type_args: Subscripted | None = None
    """The type arguments of the class, where the call has some."""
    args: Arguments | None = None
    """The arguments of the call."""


class Waiting(msgspec.Struct, frozen=True):
    """What a call such as ``every(10)`` or ``functools.wraps(function)`` makes of the callback that
    it is called with later."""

    name: str
    """The call, for a message."""
    apply: Callable[[Thunk, Thunk], Value]
    """Gives that for the callback and the place of the later call."""


class External(msgspec.Struct, frozen=True):
    """Something known by its dotted name alone: a helper such as ``functools.partial``, or what
    has no text that could be read."""

    name: str
    waiting: Waiting | None = None


class Other(msgspec.Struct, frozen=True):
    """Something decided that is no entry, no string and no callable; ``what`` names it."""

    what: str
    given: Given = "value"


Value = Union[
    Const,
    Sequence,
    Mapping,
    ModuleValue,
    Class,
    Function,
    Instance,
    External,
    Other,
    Unknown,
]


class TooMuch(Exception):
    """An evaluation took more steps, or nested deeper, than any list that a person writes."""


def describe(value: Value) -> str:
    """What kind of thing a value is, with an article."""
    match value:
        case Const(value=None | bool() as constant):
            return str(constant)
        case Const(value=str()):
            return "a string"
        case Const(value=bytes()):
            return "bytes"
        case Const():
            return "a number"
        case Sequence(kind=kind):
            return "an iterator" if kind == "iterator" else f"a {kind}"
        case Mapping():
            return "a dict"
        case ModuleValue(name=name):
            return f"the module '{name}'"
        case Class(entity=entity):
            return f"the class '{entity.id.name}'"
        case Function(kind=kind):
            return f"a {kind}"
        case Instance(owner=owner):
            return f"an object of '{owner.id.name}'"
        case External(waiting=Waiting(name=name)):
            return f"'{name}' without a callback"
        case External(name=name):
            return f"'{name}'"
        case Other(what=what):
            return what
        case Unknown(reason=reason):
            return f"not decided ({reason})"
