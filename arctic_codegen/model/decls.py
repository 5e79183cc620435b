"""The declarations of one file: the statements that bind names, as the scanner saw them.

The record of one file contains nothing of another, nor the file's own module name, so it can be
stored under the digest of the file's bytes. Statements that bind nothing and change no
``callbacks`` are left out.
"""

from __future__ import annotations

from typing import Union

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.expr import Call, Expr, Param


class Stmt(msgspec.Struct, frozen=True, tag=True, tag_field="stmt"):
    """The base of all statements, with their place."""

    span: Span


class ImportAlias(msgspec.Struct, frozen=True):
    """``name as asname``; the name is dotted in ``import a.b``."""

    name: str
    asname: str | None
    span: Span


class Import(Stmt, frozen=True, tag=True):
    """``import a.b, c as d``"""

    names: tuple[ImportAlias, ...]


class FromImport(Stmt, frozen=True, tag=True):
    """``from ..module import a, b as c``; ``level`` counts the dots; ``star`` is ``import *``."""

    level: int
    module: str
    names: tuple[ImportAlias, ...]
    star: bool = False


class Assign(Stmt, frozen=True, tag=True):
    """``a = b = value`` or ``a: annotation = value``; a bare annotation has no value."""

    targets: tuple[Expr, ...]
    value: Expr | None
    annotation: Expr | None = None


class AugAssign(Stmt, frozen=True, tag=True):
    """``target op= value``, the operator without its ``=``."""

    target: Expr
    op: str
    value: Expr


class CallStmt(Stmt, frozen=True, tag=True):
    """A call as an expression statement, kept if it may change a list of callbacks.

    These are calls of a method that changes a list (``append extend insert remove pop clear
    sort reverse __setitem__ __delitem__ __iadd__``) on any object, and of ``setattr``/``delattr``.
    In a function, ``update_wrapper(...)`` is kept as well.
    """

    call: Call


class Delete(Stmt, frozen=True, tag=True):
    """``del a, b.c``"""

    targets: tuple[Expr, ...]


class Global(Stmt, frozen=True, tag=True):
    """``global a`` or ``nonlocal a``"""

    names: tuple[str, ...]
    nonlocal_: bool = False


class Return(Stmt, frozen=True, tag=True):
    """``return value``, kept in functions only."""

    value: Expr | None


class TypeAlias(Stmt, frozen=True, tag=True):
    """``type X[T] = value`` (PEP 695)"""

    name: str
    type_params: tuple[TypeParam, ...]
    value: Expr


class TypeParam(msgspec.Struct, frozen=True):
    """``T``, ``T: bound = default``, ``*Ts``, ``**P`` in brackets (PEP 695, PEP 696)."""

    name: str
    kind: str
    """One of ``TypeVar``, ``TypeVarTuple``, ``ParamSpec``."""
    bound: Expr | None = None
    default: Expr | None = None


class If(Stmt, frozen=True, tag=True):
    """``if test: ... else: ...``; an ``elif`` is an ``If`` in ``orelse``."""

    test: Expr
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]


class Handler(msgspec.Struct, frozen=True):
    """``except type as name: ...``; ``leaves`` means that it always raises an exception."""

    type: Expr | None
    name: str | None
    body: tuple[Statement, ...]
    leaves: bool = False


class Try(Stmt, frozen=True, tag=True):
    """``try: ... except ...: ... else: ... finally: ...``"""

    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Statement, ...]
    finalbody: tuple[Statement, ...]


class With(Stmt, frozen=True, tag=True):
    """``with a as b: ...``; ``targets`` are the targets after ``as``."""

    targets: tuple[Expr, ...]
    body: tuple[Statement, ...]


class Loop(Stmt, frozen=True, tag=True):
    """``for target in iterable:`` or ``while ...:`` (then without targets)."""

    targets: tuple[Expr, ...]
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    iterable: Expr | None = None


class Match(Stmt, frozen=True, tag=True):
    """``match subject: case ...``; ``names`` are those that the patterns bind."""

    names: tuple[str, ...]
    cases: tuple[tuple[Statement, ...], ...]


class SuperCall(msgspec.Struct, frozen=True):
    """A call in a method's body that may reach a parent's method.

    ``super().method(...)`` and ``super(Cls, self).method(...)`` have no ``owner``;
    ``Owner.method(self, ...)`` has the expression before the dot. Only calls whose object is
    the method's own first parameter are kept.
    """

    method: str
    owner: Expr | None
    span: Span


class ClassTest(msgspec.Struct, frozen=True):
    """An attribute of the first parameter that is used as a class: ``isinstance(x, self.kind)``,
    ``except self.error``."""

    attribute: str
    span: Span


class FunctionDecl(Stmt, frozen=True, tag="Function"):
    """A ``def``. ``span`` covers its name; ``qualname`` is Python's qualified name
    (``f.<locals>.g``).

    ``body`` contains the nested functions and classes, the local bindings, the ``return``
    statements, and changes of ``callbacks``. ``falls_through`` says whether its end can be reached
    without a ``return``, considering ``raise``, endless loops and calls that are known never to
    return (``sys.exit()``).
    """

    name: str
    qualname: str
    params: tuple[Param, ...]
    returns: Expr | None
    decorators: tuple[Expr, ...]
    is_async: bool
    is_generator: bool
    falls_through: bool
    is_stub: bool = False
    """Its body is ``...``, ``pass``, a docstring, or ``raise NotImplementedError``."""
    type_params: tuple[TypeParam, ...] = ()
    type_ignore: str | None = None
    """The text of a ``# type: ignore[...]`` comment on the ``def``, without its ``#``."""
    body: tuple[Statement, ...] = ()
    super_calls: tuple[SuperCall, ...] = ()
    self_calls: tuple[str, ...] = ()
    """Names of the methods that the body calls on its own first parameter, or passes to a method,
    sorted."""
    class_tests: tuple[ClassTest, ...] = ()
    forwards: tuple[Call, ...] | None = ()
    """For a nested function with ``*args`` or ``**kwargs``: the calls that pass these on unchanged.
    ``None`` if they are used in another way."""
    calls_at_the_end: tuple[str, ...] = ()
    """If ``falls_through``: dotted names of functions such that the end cannot be reached if none
    of them ever returns. Only for functions that return a value elsewhere."""


class ClassDecl(Stmt, frozen=True, tag="Class"):
    """A ``class`` statement. ``span`` covers its name."""

    name: str
    qualname: str
    bases: tuple[Expr, ...]
    keywords: tuple[tuple[str | None, Expr], ...]
    """Keyword arguments in order, including ``metaclass``; a key of ``None`` is ``**value``."""
    decorators: tuple[Expr, ...]
    type_params: tuple[TypeParam, ...]
    body: tuple[Statement, ...]


class IgnoreComment(msgspec.Struct, frozen=True):
    """``# arctic-codegen: ignore[CODE, ...]``; no codes means all of them."""

    line: int
    codes: tuple[str, ...]
    span: Span


class ModuleDecls(msgspec.Struct, frozen=True):
    """The declarations of one scanned file."""

    body: tuple[Statement, ...]
    future_annotations: bool = False
    ignores: tuple[IgnoreComment, ...] = ()


Statement = Union[
    Import,
    FromImport,
    Assign,
    AugAssign,
    CallStmt,
    Delete,
    Global,
    Return,
    TypeAlias,
    If,
    Try,
    With,
    Loop,
    Match,
    FunctionDecl,
    ClassDecl,
]

WITH_BLOCKS = frozenset({If, Try, With, Loop, Match})
"""Statements with blocks that share their scope."""
