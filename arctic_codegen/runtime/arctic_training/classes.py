"""Makes compiled classes bypass ArcticTraining's machinery and join its registry (R38, R39)."""

from __future__ import annotations

import sys
import types
from abc import ABC
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from arctic_codegen.runtime.arctic_training.checkpoints import keep_state
from arctic_codegen.runtime.arctic_training.late import LateCallbacks
from arctic_codegen.runtime.arctic_training.order import keep_order_text
from arctic_codegen.runtime.arctic_training.pairing import explain_pairs
from arctic_codegen.runtime.proof import prove_again
from arctic_codegen.runtime.source_lists import MIXIN_MODULE, arctic_mixin

WRAPPED = "__at_wrapped_name__"
"""The attribute of ArcticTraining's method wrappers that contains the event's name."""

OUTPUT = "__arctic_output__"
"""The global of a compiled module that contains its output folder."""

_F = TypeVar("_F", bound=Callable[..., Any])


def plain(method: _F) -> _F:
    """A method without the wrapper that ArcticTraining has put around it.

    If users have put decorators around that wrapper, the method is returned unchanged: the wrapper
    does nothing for a compiled class.
    """
    keep_state()
    defined_in = getattr(method, "__globals__", {}).get("__name__")
    if defined_in == MIXIN_MODULE and WRAPPED in vars(method):
        unwrapped: _F = getattr(method, "__wrapped__", method)
        return unwrapped
    return method


def take_over(*, late: bool = False) -> list[Any]:
    """The ``_initialized_callbacks`` of a compiled class; in its body it starts the takeover.

    ``late`` lets ArcticTraining add callbacks to objects, for which the class must be compiled.
    """
    return _TakeOver(late)


class _TakeOver(list[Any]):
    """Disables ArcticTraining's machinery for a class, and replaces itself by the actual list.

    It runs when the class has its bases and its body, before ``__init_subclass__`` and the registry
    see the class.
    """

    def __init__(self, late: bool) -> None:
        super().__init__()
        self._late = late

    def __set_name__(self, owner: type, name: str) -> None:
        keep_state()
        source = vars(owner)["__arctic_source__"]
        wrapped = dict(_wrapped(source))
        for method, function in wrapped.items():
            if method not in vars(owner):
                setattr(owner, method, plain(function))
        events = None
        if self._late:
            events = {f"post-{getattr(function, WRAPPED)}" for function in wrapped.values()}
        setattr(owner, name, LateCallbacks(owner, events))
        _silence(owner, source, events)
        keep_order_text(owner)
        _free_source_name(owner, source)


def _wrapped(source: type) -> Iterator[tuple[str, Any]]:
    """The methods of a source class that ArcticTraining has wrapped, as attribute lookup finds
    them."""
    seen: set[str] = set()
    for ancestor in source.__mro__:
        for name, value in tuple(vars(ancestor).items()):
            if name not in seen:
                seen.add(name)
                if isinstance(value, types.FunctionType) and hasattr(value, WRAPPED):
                    yield name, value


def _silence(owner: Any, source: Any, events: set[str] | None) -> None:
    """Disables ArcticTraining's work when an object is created and when a method is called."""

    def no_callbacks(cls: type) -> list[Any]:
        # A class with its own `__new__` calls this for each object.
        prove_again(owner.__module__)
        return []

    def no_late_callbacks(cls: type) -> list[Any]:
        return LateCallbacks(cls, events)

    def as_it_is(cls: type) -> None:
        return None

    def run_none(self: Any, name: str, args: Any, kwargs: Any) -> tuple[Any, Any]:
        return args, kwargs

    def event_methods(cls: type) -> Any:
        # Annotations are strings in a compiled module, and callers need the types.
        return source._get_all_callback_event_methods()

    owner._run_callbacks = run_none
    owner._rewrap_class_methods = classmethod(as_it_is)
    owner._get_all_callbacks = classmethod(no_callbacks)
    owner._init_callbacks = classmethod(no_late_callbacks)
    owner._get_all_callback_event_methods = classmethod(event_methods)
    mixin: Any = arctic_mixin(owner)
    if mixin is not None and source.__new__ is mixin.__new__:
        # A user's own `__new__` stays and calls the mixin's, which now collects nothing.
        make = staticmethod(_maker(owner, super(mixin, owner).__new__, events))

        def make_first(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
            prove_again(owner.__module__)
            owner.__new__ = make
            return make.__func__(cls, *args, **kwargs)

        owner.__new__ = staticmethod(make_first)


def _maker(owner: type, new: Any, events: set[str] | None) -> Callable[..., Any]:
    """A ``__new__`` that creates an object with as little overhead as possible."""
    is_trainer = _root(owner) == "Trainer"
    if not is_trainer and events is None and new is object.__new__:
        return _make

    def make(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
        if is_trainer:
            _check_ranks(owner)
        if events is not None:  # as in ArcticTraining, a new object drops late callbacks
            cls._initialized_callbacks = LateCallbacks(cls, events)
        return new(cls)

    return make


_object_new = object.__new__


def _make(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
    return _object_new(cls)


def _check_ranks(owner: type) -> None:
    """Compares the output of all ranks; runs when each rank creates its trainer, when the ranks are
    connected."""
    folder = getattr(sys.modules.get(owner.__module__), OUTPUT, None)
    if folder is not None:
        from arctic_codegen.runtime.same_output import check_same_output

        check_same_output(folder)


def registry_table(cls: type) -> dict[str, type] | None:
    """ArcticTraining's registry table for the kind of this class; ``None`` if there is none."""
    tables: dict[str, dict[str, type]] | None = getattr(type(cls), "_registry", None)
    root = _root(cls)
    return None if tables is None or root is None else tables.get(root)


def _root(cls: type) -> str | None:
    """The name of the building block, which the registry finds along the first bases."""
    bases = cls.__bases__
    root: type | None = None
    while bases and not any(base is ABC for base in bases):
        root = bases[0]
        bases = root.__bases__
    return root.__name__ if root is not None and bases else None


def _free_source_name(owner: type, source: type) -> None:
    """Frees the registered name of the source class, before the registry checks it."""
    table = registry_table(owner)
    name = vars(owner).get("name")
    if table is None or not isinstance(name, str):
        return
    there = table.get(name)
    if there is source or vars(there or object).get("__arctic_source__") is source:
        del table[name]
        explain_pairs()
