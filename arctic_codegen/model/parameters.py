"""Which parameters do the methods of events, callbacks and host classes have (R7, R29)?"""

from __future__ import annotations

import msgspec

from arctic_codegen.model.expr import ParamKind
from arctic_codegen.model.text import Ref, Text


class Default(msgspec.Struct, frozen=True):
    """A parameter's default. ``text`` is set if repeating the literal gives an equal immutable
    value; ``None`` means that the compiled default must be the source's own object."""

    text: str | None


class MethodParam(msgspec.Struct, frozen=True):
    """A parameter of an event's method, as callers see it; the first one is ``self``."""

    name: str
    kind: ParamKind
    annotation: Text | None = None
    default: Default | None = None


class Overload(msgspec.Struct, frozen=True):
    """One ``@overload`` of a method."""

    params: tuple[MethodParam, ...]
    returns: Text | None
    type_ignore: str | None = None
    type_params: tuple[Text, ...] = ()
    """The type parameters in the brackets of ``def f[T: int](...)``."""


class Taken(msgspec.Struct, frozen=True):
    """One argument that a callback takes after the object.

    ``name`` is the method's parameter for a pre callback, and the callback's own parameter for
    a post callback. ``by_keyword`` is true if the callback's parameter is keyword-only.
    """

    name: str
    by_keyword: bool = False
    annotation: Text | None = None


class CallbackSignature(msgspec.Struct, frozen=True):
    """How a callback is called, and its own annotations if it has any."""

    takes: tuple[Taken, ...]
    is_async: bool = False
    object_name: str = ""
    object_annotation: Text | None = None
    returns: Text | None = None


class ClassTypeParam(msgspec.Struct, frozen=True):
    """A type parameter of a host class: a ``TypeVar`` by reference, or one of PEP 695."""

    name: str
    ref: Ref | None
    """The ``TypeVar`` object; ``None`` for a parameter in brackets."""
    declaration: Text | None = None
    """The declaration in the brackets of a PEP 695 class: ``T: int = int``, ``*Ts``, ``**P``."""
    usage: str = ""
    """How it is passed on: ``T``, ``*Ts``, ``P``."""
