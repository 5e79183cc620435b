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
    """Where a name is read: a module, and the class body or function chain inside it.

    ``before`` is the position (line, column) at which code that runs at import time reads the
    name: a binding at module or class level that starts at or after it does not count.
    ``None`` means that it is read later, when the module has been executed: the last binding
    counts. ``frames`` are the enclosing declarations from outside in; a class body counts only
    for code that stands directly in it.
    """

    module: str
    frames: tuple[FunctionDecl | ClassDecl, ...] = ()
    before: tuple[int, int] | None = None

    def inside(self, decl: FunctionDecl | ClassDecl) -> Scope:
        """The scope of a body that stands here, once its module has been executed."""
        return Scope(self.module, (*self.frames, decl))

    def at(self, span: Span) -> Scope:
        """The scope as code reads it that starts there and runs at import time."""
        return Scope(self.module, self.frames, span.start)

    @property
    def frame(self) -> FunctionDecl | ClassDecl | None:
        """The innermost declaration; ``None`` at module level."""
        return self.frames[-1] if self.frames else None

    @property
    def in_function(self) -> bool:
        """Whether a function stands around it."""
        return any(isinstance(frame, FunctionDecl) for frame in self.frames)

    @property
    def qualname(self) -> str:
        """What Python puts before the qualified name of a lambda there."""
        if self.frame is None:
            return ""
        inside = ".<locals>." if isinstance(self.frame, FunctionDecl) else "."
        return f"{self.frame.qualname}{inside}"

    @property
    def late(self) -> Scope:
        """The scope as it is once its module has been executed."""
        return Scope(self.module, self.frames)


class ModuleEntity(msgspec.Struct, frozen=True):
    """A module that exists."""

    name: str


class ClassEntity(msgspec.Struct, frozen=True):
    """A class statement; ``scope`` is the one in which it stands."""

    id: ClassId
    decl: ClassDecl
    scope: Scope
    place: Place

    @property
    def body(self) -> Scope:
        """The scope of its body, once its module has been executed."""
        return self.scope.inside(self.decl)


class Written(msgspec.Struct, frozen=True):
    """What stands in the text of a module; ``scope`` is the one in which it does."""

    scope: Scope
    place: Place

    @property
    def module(self) -> str:
        """The module whose text it is."""
        return self.scope.module


class FunctionEntity(Written, frozen=True):
    """A ``def``; ``owner`` is the class in whose body it was found, if it was.

    ``reachable`` is the path (module, dotted name) under which the module has it once it has
    been imported: ``None`` where the name is bound again later, or stands in a function.
    """

    decl: FunctionDecl
    owner: ClassId | None = None
    reachable: tuple[str, str] | None = None

    @property
    def body(self) -> Scope:
        """The scope of the body, once its module has been executed."""
        return self.scope.inside(self.decl)


class LambdaEntity(Written, frozen=True):
    """A lambda, at its place in the text."""

    expr: LambdaExpr
    qualname: str
    """Ends in ``<lambda>``."""
    reachable: tuple[str, str] | None = None


class ValueEntity(Written, frozen=True):
    """An expression that stands for itself: a display, a call, a constant.

    ``binding`` is the module and the dotted name that it is bound to at module or class level;
    ``reachable`` the same, where that name is not bound again.
    """

    expr: Expr
    reachable: tuple[str, str] | None = None
    binding: tuple[str, str] | None = None


class OpaqueEntity(msgspec.Struct, frozen=True):
    """Something that exists and cannot be read: in a built-in or extension module, a builtin."""

    module: str
    name: str


class Unknown(msgspec.Struct, frozen=True):
    """What cannot be determined; ``why`` is a clause for a person ("no module named 'x' can be
    found", "'y' is a parameter"), ``place`` is where the trail ends."""

    why: Message
    """On the page ``reasons``; on that of a code where it makes a finding of that code."""
    place: Place | None = None
    missing: bool = False
    """The name or its module does not exist, as against existing and being undecidable."""
    code: str | None = None
    """The finding's, where it is another one than that of the page."""
    elsewhere: Unknown | None = None
    """What to say instead where no callable is wanted: the result of a call is read for one."""

    @property
    def reason(self) -> str:
        """The clause, filled in."""
        return self.why.text

    @property
    def finding_code(self) -> str | None:
        """The code of the finding; ``None`` where that depends on what the value is used for."""
        if self.code is None and self.why.code != "reasons":
            return self.why.code
        return self.code

    @property
    def help(self) -> str | None:
        """What to do, where that is known better here than where the value is used."""
        return self.why.help

    def because(self, why: Message) -> Unknown:
        """The same, with a clause around its own."""
        return msgspec.structs.replace(self, why=why, code=self.finding_code)

    def at(self, place: Place) -> Unknown:
        """With a place where the trail ends, if it has none."""
        return self if self.place is not None else msgspec.structs.replace(self, place=place)


Entity = Union[
    ModuleEntity, ClassEntity, FunctionEntity, LambdaEntity, ValueEntity, OpaqueEntity, Unknown
]
