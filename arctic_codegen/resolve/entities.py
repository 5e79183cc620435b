"""What can a name refer to?"""

from __future__ import annotations

from typing import Union

import msgspec

from arctic_codegen.diagnostics.messages import Message
from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import ClassDecl, FunctionDecl
from arctic_codegen.model.expr import Expr, LambdaExpr
from arctic_codegen.model.hosts import ClassId


class Scope(msgspec.Struct, frozen=True):
    """Where a name is read: a module, and the classes and functions inside it.

    ``before`` is the position (line, column) at which code that runs at import time reads the
    name: bindings at module or class level that start at or after it are not visible.
    ``None`` means that the name is read later, when the module has been executed: the last
    binding is visible. ``frames`` are the enclosing declarations, outermost first; a class body is
    visible only to code directly in it.
    """

    module: str
    frames: tuple[FunctionDecl | ClassDecl, ...] = ()
    before: tuple[int, int] | None = None

    def inside(self, decl: FunctionDecl | ClassDecl) -> Scope:
        """The scope of a nested body, once its module has been executed."""
        return Scope(self.module, (*self.frames, decl))

    def at(self, span: Span) -> Scope:
        """The scope as seen by code that starts at ``span`` and runs at import time."""
        return Scope(self.module, self.frames, span.start)

    @property
    def frame(self) -> FunctionDecl | ClassDecl | None:
        """The innermost declaration; ``None`` at module level."""
        return self.frames[-1] if self.frames else None

    @property
    def in_function(self) -> bool:
        """Whether the scope is inside a function."""
        return any(isinstance(frame, FunctionDecl) for frame in self.frames)

    @property
    def qualname(self) -> str:
        """The prefix of the qualified name of a lambda in this scope."""
        if self.frame is None:
            return ""
        inside = ".<locals>." if isinstance(self.frame, FunctionDecl) else "."
        return f"{self.frame.qualname}{inside}"

    @property
    def late(self) -> Scope:
        """The scope as it is once its module has been executed."""
        return Scope(self.module, self.frames)


class ModuleEntity(msgspec.Struct, frozen=True):
    """An existing module."""

    name: str


class ClassEntity(msgspec.Struct, frozen=True):
    """A class statement; ``scope`` is the enclosing one."""

    id: ClassId
    decl: ClassDecl
    scope: Scope
    place: Place

    @property
    def body(self) -> Scope:
        """The scope of its body, once its module has been executed."""
        return self.scope.inside(self.decl)


class Written(msgspec.Struct, frozen=True):
    """Something defined in the text of a module; ``scope`` is the enclosing one."""

    scope: Scope
    place: Place

    @property
    def module(self) -> str:
        """The module that contains it."""
        return self.scope.module


class FunctionEntity(Written, frozen=True):
    """A ``def``; ``owner`` is the class whose body contains it, if any.

    ``reachable`` is the path (module, dotted name) under which it can be imported. It is ``None``
    if the name is rebound later, or is local to a function.
    """

    decl: FunctionDecl
    owner: ClassId | None = None
    reachable: tuple[str, str] | None = None

    @property
    def body(self) -> Scope:
        """The scope of the body, once its module has been executed."""
        return self.scope.inside(self.decl)


class LambdaEntity(Written, frozen=True):
    """A lambda at its place in the text."""

    expr: LambdaExpr
    qualname: str
    """Ends in ``<lambda>``."""
    reachable: tuple[str, str] | None = None


class ValueEntity(Written, frozen=True):
    """An expression that is not an alias: a display, a call, a constant.

    ``binding`` is the module and dotted name that it is bound to at module or class level;
    ``reachable`` is the same if that name is never rebound.
    """

    expr: Expr
    reachable: tuple[str, str] | None = None
    binding: tuple[str, str] | None = None


class OpaqueEntity(msgspec.Struct, frozen=True):
    """An existing object without readable source, such as a builtin or part of an extension."""

    module: str
    name: str


class Unknown(msgspec.Struct, frozen=True):
    """Something that cannot be determined. ``why`` is a clause for messages ("no module named 'x'
    can be found", "'y' is a parameter"); ``place`` is where the resolution ends."""

    why: Message
    """A message from the page ``reasons``, or from that of the code of the finding."""
    place: Place | None = None
    missing: bool = False
    """The name or its module does not exist, as opposed to being undeterminable."""
    code: str | None = None
    """The code of the finding, if it differs from that of the page."""
    elsewhere: Unknown | None = None
    """The reason to report where no callable is expected, since calls are evaluated for
    callables."""

    @property
    def reason(self) -> str:
        """The reason as text."""
        return self.why.text

    @property
    def finding_code(self) -> str | None:
        """The code of the finding; ``None`` if it depends on the use of the value."""
        if self.code is None and self.why.code != "reasons":
            return self.why.code
        return self.code

    @property
    def help(self) -> str | None:
        """How to fix it, if this is more specific than the help where the value is used."""
        return self.why.help

    def because(self, why: Message) -> Unknown:
        """The same with another reason, which includes the original one."""
        return msgspec.structs.replace(self, why=why, code=self.finding_code)

    def at(self, place: Place) -> Unknown:
        """The same with a place, if it has none."""
        return self if self.place is not None else msgspec.structs.replace(self, place=place)


Entity = Union[
    ModuleEntity, ClassEntity, FunctionEntity, LambdaEntity, ValueEntity, OpaqueEntity, Unknown
]
