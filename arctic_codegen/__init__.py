"""Callbacks that are compiled into typed subclasses before the program runs.

Training code imports this package. It is lightweight: it does not load the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from arctic_codegen._version import VERSION
from arctic_codegen.runtime.class_keywords import note, watch_keywords
from arctic_codegen.runtime.closed_list import ClosedList
from arctic_codegen.runtime.errors import (
    CallbacksDifferError,
    ClosedCallbacksError,
    StaleOutputError,
    UncompiledClassError,
)
from arctic_codegen.runtime.refusal import MARKS, MarkAttribute, set_names
from arctic_codegen.runtime.source_lists import (
    adopt_assigned,
    arctic_mixin,
    compiled_ancestor,
    refuse_alone,
    refuse_with_callbacks,
    watch_list,
)
from arctic_codegen.runtime.wrappers import (
    after,
    always,
    before,
    every,
    on_error,
    optional,
    rank_zero,
    replaces_inherited,
    unless,
    when,
)

__all__ = [
    "CallbackMixin",
    "CallbacksDifferError",
    "ClosedCallbacksError",
    "StaleOutputError",
    "UncompiledClassError",
    "after",
    "always",
    "before",
    "every",
    "on_error",
    "optional",
    "rank_zero",
    "replaces_inherited",
    "unless",
    "when",
]

__version__ = VERSION


class CallbackMixin:
    """A base class whose subclasses can declare callbacks on their methods.

    Callbacks are entries of ``callbacks``, such as ``("post-epoch", log_epoch)``, and methods
    such as ``pre_step_callback``. ``arctic-codegen build`` compiles them into a subclass, which you
    instantiate instead. A class with callbacks cannot be instantiated uncompiled.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        # A `ClassVar` could not be redeclared without.
        callbacks: list[tuple[str, Callable[..., Any]]] = []
        """A list of callbacks that are applied to the class."""
    else:
        # pydantic would make a field of what is annotated.
        callbacks = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        note(cls, kwargs)
        super().__init_subclass__(**kwargs)
        if arctic_mixin(cls) is not None:
            return
        for base in cls.__bases__:
            if issubclass(base, CallbackMixin):
                set_names(base)
        compiled = compiled_ancestor(cls)
        if compiled is None:
            watch_list(cls)
            watch_keywords(cls, CallbackMixin)
        elif compiled is cls:
            if "callbacks" not in vars(cls):
                empty = ClosedList()
                empty.__set_name__(cls, "callbacks")
                type.__setattr__(cls, "callbacks", empty)
            if adopt_assigned(cls.__mro__):
                for ancestor in cls.__mro__[1:]:
                    if issubclass(ancestor, CallbackMixin) and ancestor is not CallbackMixin:
                        refuse_alone(ancestor)
        refuse_with_callbacks(cls)


watch_list(CallbackMixin)
set_names(CallbackMixin)
for _mark in MARKS:
    setattr(CallbackMixin, _mark, MarkAttribute())
