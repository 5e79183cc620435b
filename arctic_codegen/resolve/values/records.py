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
from arctic_codegen.resolve.show import STARS
from arctic_codegen.resolve.values.thunks import EMPTY, Env, ImportPath, Thunk

Descriptor = Literal["static method", "class method", "property"]
CallableKind = Union[Literal["function"], Descriptor]
Given = Literal["value", "awaitable", "iterator", "async iterator", "unknown"]
"""What a call returns: whether the result must be awaited or iterated over."""


class Const(msgspec.Struct, frozen=True):
    """A constant that is not a container."""

    value: str | bytes | int | float | complex | bool | None


class Sequence(msgspec.Struct, frozen=True):
    """The elements of a list, tuple, set or iterator, in order."""

    kind: Literal["list", "tuple", "set", "iterator"]
    items: tuple[Thunk, ...]

    @property
    def hole(self) -> Unknown | None:
        """The reason of the first element that represents an unknown number of elements."""
        values = (item.value for item in self.items)
        return next((value for value in values if isinstance(value, Unknown)), None)

    def reached(self, reach: tuple[str, str, tuple[int, ...]]) -> Sequence:
        """This sequence; elements without their own path get one through a subscript."""
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
    """The arguments of a call, with ``*`` and ``**`` unpacked. ``problem`` is the reason if one
    could not be unpacked."""

    items: tuple[Argument, ...] = ()
    problem: Unknown | None = None

    @property
    def positional(self) -> list[Thunk]:
        """The positional arguments."""
        return [item.thunk for item in self.items if item.keyword is None]

    @property
    def named(self) -> dict[str, Thunk]:
        """The keyword arguments."""
        return {item.keyword: item.thunk for item in self.items if item.keyword is not None}

    def get(self, position: int, name: str = "") -> Thunk | None:
        """The argument at a position or with a name."""
        positional = self.positional
        return positional[position] if position < len(positional) else self.named.get(name)


class OrderClaim(msgspec.Struct, frozen=True):
    """A claim of ``after`` or ``before`` at ``place``: the callback runs after, or before, another
    one, which is identified by the place of its innermost function."""

    is_after: bool
    other: str
    other_at: Place
    place: Place


class Function(msgspec.Struct, frozen=True, cache_hash=True):
    """A function, or an object that is called like one, with its signature (R10).

    ``code`` is what a call executes, with ``code_scope`` and ``env`` for its names. Most other
    fields describe the innermost definition, which determines the signature.
    """

    module: str
    """The module of the innermost ``def`` or lambda."""
    qualname: str
    place: Place
    installed: bool
    """It is defined outside the project: findings are reported at the entry instead."""
    params: tuple[Param, ...] | None
    """The parameters that a caller may still pass, including ``self``; ``None`` if unknown."""
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
    """A partial, a bound method or an object: it does not become a method as a class attribute."""
    entity: LambdaEntity | None = None
    """Set for a lambda that closes over no local variables; our wrappers may enclose it."""
    wrappers: tuple[Wrapper, ...] = ()
    """The enclosing ``rank_zero``, ``every``, ``optional`` and so on, outermost first, with no
    foreign wrapper between them (R47)."""
    conditions: tuple[Function | None, ...] = ()
    """The condition function of each wrapper, if it has one."""
    inner_reachable: tuple[str, str] | None = None
    """If there are wrappers: module and path under which the callable inside them is found."""
    made: str = ""
    """The call that created it, with its arguments; empty for a named function or a lambda."""
    claims: tuple[OrderClaim, ...] = ()
    code: FunctionDecl | LambdaExpr | None = None
    code_scope: Scope | None = None
    env: Env = EMPTY
    bound: tuple[Argument, ...] = ()
    """Arguments that are passed before those of the caller."""
    inspectable: bool = True
    """It is the function object of ``code``, so ``inspect`` describes that definition."""
    problem: Unknown | None = None
    """Why ``params`` is unknown."""
    own_form: tuple[Param, ...] | None = None
    """The parameters of a wrapper that uses its arguments, if they differ from those that
    ``functools.wraps`` makes it show."""

    @property
    def name(self) -> str:
        """Module and qualified name of the innermost ``def`` or lambda."""
        return f"{self.module}.{self.qualname}"

    @property
    def short(self) -> str:
        """The name in messages: without the module and the enclosing functions."""
        return self.qualname.rpartition("<locals>.")[2]

    @property
    def binds(self) -> bool:
        """Whether it becomes a method when it is a class attribute."""
        return self.kind == "function" and not self.is_object

    def unknowable(self, problem: Unknown) -> Function:
        """The same callable with an unknown signature."""
        return msgspec.structs.replace(self, params=None, problem=problem)

    def made_at(self, identity: tuple[str, ...]) -> Function:
        """The unnamed object that a call or a decorator creates from it."""
        return msgspec.structs.replace(self, identity=identity, reachable=None, entity=None)

    def unwrapped(self) -> Function:
        """The callable without our wrappers as such: inside a foreign object they run as ordinary
        callables."""
        if not self.wrappers:
            return self
        return msgspec.structs.replace(
            self, wrappers=(), conditions=(), inner_reachable=None, entity=None
        )

    @property
    def receiver(self) -> Instance | None:
        """The object that a bound method belongs to."""
        held = self.bound[0].thunk.value if self.bound else None
        return held if isinstance(held, Instance) else None

    @property
    def taken(self) -> tuple[Param, ...]:
        """The parameters that callers must pass arguments for."""
        return (self.params or ()) if self.own_form is None else self.own_form

    @property
    def hidden(self) -> tuple[str, ...]:
        """Parameters of the ``def`` that a wrapper with its own parameters hides."""
        taken = {(param.name, param.kind in STARS) for param in self.taken}
        return tuple(
            param.name
            for param in self.params or ()
            if (param.name, param.kind in STARS) not in taken
        )

    @property
    def hides_async(self) -> bool:
        """Its result must be awaited, but neither it nor what it wraps is an ``async def``."""
        async_defs = (getattr(one, "is_async", False) for one in (self.code, self.definition))
        return self.is_async and not any(async_defs)

    @property
    def gives(self) -> Given:
        """What a call of it returns."""
        return given_by(self.is_async, self.is_generator)


class EvaluatedEntry(msgspec.Struct, frozen=True):
    """One element of a list of callbacks."""

    place: Place
    """The tuple, or the name of one, as written in the list."""
    event: str
    event_place: Place
    callable: Function
    index: int
    """Its position in the evaluated list."""
    reachable: tuple[str, str, tuple[int, ...]] | None = None
    """Module, dotted path and subscripts of the callable if it is an element of a named tuple or
    list: ``("m", "init_cb", (1,))``."""


class Evaluated(msgspec.Struct, frozen=True):
    """The entries of a list of callbacks. Elements with a finding are omitted, but their positions
    count, so that each ``index`` stays correct."""

    entries: tuple[EvaluatedEntry, ...]
    length: int
    findings: tuple[Finding, ...] = ()


def given_by(is_async: bool, is_generator: bool) -> Given:
    """What a call of such a function returns."""
    if is_generator:
        return "async iterator" if is_async else "iterator"
    return "awaitable" if is_async else "value"


class Instance(msgspec.Struct, frozen=True):
    """An object created by a call of a class whose source is readable."""

    owner: ClassEntity
    place: Place
    identity: tuple[str, ...]
    reachable: ImportPath | None = None
    made: str = ""
    """The call as written in the source."""
    type_args: Subscripted | None = None
    """The type arguments of the class, if the call has any."""
    args: Arguments | None = None
    """The arguments of the call."""


class Waiting(msgspec.Struct, frozen=True):
    """The pending result of a call such as ``every(10)`` or ``functools.wraps(function)``, which is
    later called with the callback."""

    name: str
    """The call, for messages."""
    apply: Callable[[Thunk, Thunk], Value]
    """Computes the result from the callback and the place of the later call."""


class External(msgspec.Struct, frozen=True):
    """Something known only by its dotted name: a helper such as ``functools.partial``, or an object
    without readable source."""

    name: str
    waiting: Waiting | None = None


class Other(msgspec.Struct, frozen=True):
    """A known value that is not an entry, string or callable; ``what`` describes it."""

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
    """An evaluation exceeded the step or depth limit, which no realistic list reaches."""


def describe(value: Value) -> str:
    """The kind of a value, with an article."""
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
