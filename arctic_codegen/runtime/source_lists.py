"""The ``callbacks`` lists of source classes, which record their changes.

A list records which module runs a later statement such as ``X.callbacks.append(entry)``, and keeps
the list that the class statement bound. The proof at import compares all of this with what the
build read (R48).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from operator import is_not
from typing import Any, NamedTuple

from arctic_codegen.runtime.closed_list import (
    CheckedList,
    ClassList,
    Entry,
    of_library,
    same_entry,
    shown,
)
from arctic_codegen.runtime.errors import IN_MEMORY, ClosedCallbacksError, full_name
from arctic_codegen.runtime.module_names import module_of
from arctic_codegen.runtime.refusal import is_refused, refuse, uncompiled


class Addition(NamedTuple):
    """The entries that one statement outside the class body adds to a class's list."""

    module: str
    position: int | None
    """The index; ``None`` for the end."""
    entries: tuple[Entry, ...]


MIXIN_MODULE = "arctic_training.callback.mixin"


class SourceList(ClassList):
    """The ``callbacks`` of a source class: a list that records which modules change it.

    Each source class has one. If the class body has no list, it shows the inherited entries and its
    own additions. It is a data descriptor, so it cannot be changed on an object.
    """

    def __init__(
        self, cls: type, entries: list[Entry], *, own: bool = True, declared: bool = False
    ) -> None:
        super().__init__(entries)
        self.cls: type = cls
        self.own = own
        """Whether the class has its own list; otherwise it shows the inherited entries."""
        self.declared = (entries, tuple(entries)) if declared else None
        """The list that the class statement bound, of which this is a copy, and its entries at that
        time; ``None`` if a later statement assigned the list."""
        self.additions: list[Addition] = []

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            self._refresh()
            return self
        attributes = of_library(instance)
        if "callbacks" in attributes:
            return attributes["callbacks"]
        cls = type(instance)
        return ObjectList(cls, getattr(cls, "callbacks", ()))

    def _refresh(self) -> None:
        """Updates the inherited entries."""
        if self.own:
            return
        inherited: list[Entry] = []
        for ancestor in self.cls.__mro__[1:]:
            value = vars(ancestor).get("callbacks")
            if isinstance(value, SourceList):
                if not value.own and not value.additions:
                    continue
                value._refresh()
            if isinstance(value, (list, tuple)):
                inherited = list(value)
                break
        list.__setitem__(self, slice(None), self.with_additions(inherited))

    def with_additions(self, entries: list[Entry]) -> list[Entry]:
        """Applies the additions of this list to ``entries``, in place, and returns it."""
        for one in self.additions:
            at = len(entries) if one.position is None else one.position
            entries[at:at] = one.entries
        return entries

    def _refusal(self, instance: object, problem: str) -> TypeError:
        return uncompiled(type(instance))

    def _may_change(self, method: str, *given: Any) -> None:
        """Allows a change that builds do not read, since the proof at import detects its effect.

        Raises ClosedCallbacksError if a compiled class has been proved already, or if the list only
        shows inherited entries, on which the change would have no effect.
        """
        name = full_name(self.cls)
        if not self.own:
            raise ClosedCallbacksError(
                f"{name} inherits its callbacks, so callbacks.{method} would have no effect: give "
                f"{name} its own list"
            )
        compiled = _loaded_compiled(self.cls)
        if compiled:
            raise ClosedCallbacksError(
                f"callbacks.{method} would change the callbacks of {name}, which are compiled into"
                f" {full_name(compiled[0])}: write the final list in the class body, and "
                f"{_again(compiled[0], self.cls)}"
            )

    def _add(self, position: int, entries: tuple[Entry, ...]) -> None:
        for compiled in _loaded_compiled(self.cls):
            check_compiled_in(compiled, self.cls, entries)
        at = None if position == len(self) else position
        list.__setitem__(self, slice(position, position), entries)
        self.additions.append(Addition(module_of(sys._getframe(2).f_globals), at, entries))
        refuse_with_callbacks(self.cls)


class ObjectList(CheckedList):
    """``obj.callbacks`` of an object of a source class: changing it would have no effect."""

    def __init__(self, cls: type, entries: Iterable[Entry]) -> None:
        super().__init__(entries)
        self._cls = cls

    def _add(self, position: int, entries: tuple[Entry, ...]) -> None:
        if entries:
            raise uncompiled(self._cls)

    def _may_change(self, method: str, *given: Any) -> None:
        raise uncompiled(self._cls)


def watch_list(cls: type) -> None:
    """Gives a source class a list that records its changes."""
    adopt_assigned(cls.__mro__[1:])
    value = vars(cls).get("callbacks")
    if isinstance(value, SourceList) and not value.own:
        value = None  # a decorator has created the class again with our list in it
    if isinstance(value, list):
        type.__setattr__(cls, "callbacks", SourceList(cls, value, declared=True))
    elif value is None and isinstance(_inherited(cls), list):
        # A tuple is not replaced, since it cannot change.
        type.__setattr__(cls, "callbacks", SourceList(cls, [], own=False))


def _inherited(cls: type) -> object:
    """The value of ``callbacks`` that a lookup finds in the base classes."""
    spaces = map(vars, cls.__mro__[1:])
    return next((space["callbacks"] for space in spaces if "callbacks" in space), None)


def adopt_assigned(classes: Iterable[type]) -> bool:
    """Replaces lists that statements ``X.callbacks = [...]`` have assigned by recording ones.

    Returns whether any class may have got callbacks in this way.
    """
    adopted = False
    for cls in classes:
        value = cls.__dict__.get("callbacks")
        if value is None or getattr(value, "cls", None) is cls:
            continue
        above = (vars(one).get("callbacks") for one in cls.__mro__[1:])
        if isinstance(value, tuple):
            adopted = True
        elif isinstance(value, list) and any(isinstance(one, SourceList) for one in above):
            type.__setattr__(cls, "callbacks", SourceList(cls, value))
            adopted = True
    return adopted


def is_callback_name(name: str) -> bool:
    """Whether a callable class attribute of that name is a callback method (R11)."""
    if not name.endswith("_callback"):
        return False
    prefix = 4 if name.startswith("pre_") else 5 if name.startswith("post_") else 0
    return bool(prefix) and len(name) > prefix + len("_callback")


def added_by(cls: type) -> dict[int, set[str]]:
    """The entries that statements have added to the class's list, by ``id``.

    The values are the modules of these statements, and the class's own module if its body has the
    same entry.
    """
    added: dict[int, set[str]] = {}
    own = vars(cls).get("callbacks")
    if isinstance(own, SourceList) and own.additions:
        for one in own.additions:
            for entry in one.entries:
                added.setdefault(id(entry), set()).add(one.module)
        for entry in own.declared[1] if own.declared else ():
            if id(entry) in added:
                added[id(entry)].add(cls.__module__)
    return added


def unchanged_entries(cls: type) -> Iterable[Entry] | None:
    """The class's own entries, if neither the list nor the one in the class statement has changed.

    Otherwise ``None``.
    """
    value = cls.__dict__.get("callbacks")
    if isinstance(value, SourceList):
        if value.additions or (value.declared is not None and has_changed(*value.declared)):
            return None
        return value if value.own else ()
    return value if isinstance(value, (list, tuple)) else ()


def has_changed(kept: list[Entry], then: tuple[Entry, ...]) -> bool:
    """Whether a list contains other objects than before."""
    return len(kept) != len(then) or any(map(is_not, kept, then))


def original_list(cls: type) -> tuple[list[Entry], tuple[Entry, ...]] | None:
    """The list that the class statement bound, of which the class has a copy, and what it held
    then."""
    value = vars(cls).get("callbacks")
    return value.declared if isinstance(value, SourceList) else None


def own_entries(cls: type) -> tuple[Entry, ...]:
    """The entries of the class's own list, later changes included."""
    value = vars(cls).get("callbacks")
    if isinstance(value, SourceList) and not value.own:
        return tuple(value.with_additions([]))
    return tuple(value) if isinstance(value, (list, tuple)) else ()


def has_callbacks(cls: type, without: tuple[type, ...] = ()) -> bool:
    """Whether objects of the class have callbacks (R35), ignoring the classes ``without``."""
    names: set[str] = set()
    for ancestor in cls.__mro__:
        if ancestor in without or ancestor is object:
            continue
        if own_entries(ancestor):
            return True
        space = vars(ancestor)
        if "_callback " not in f"{' '.join(space)} ":  # one test for all: most classes have none
            continue
        for name in [name for name in space if name.endswith("_callback")]:
            if name not in names:
                names.add(name)  # hidden methods do not count: `post_epoch_callback = None`
                if is_callback_name(name) and callable(space.get(name)):
                    return True
    return False


def compiled_ancestor(cls: type) -> type | None:
    """The nearest compiled class in the MRO, the class itself included."""
    for ancestor in cls.__mro__:
        if "__arctic_source__" in vars(ancestor):
            return ancestor
    return None


def arctic_mixin(cls: type) -> type | None:
    """ArcticTraining's mixin, if a class derives from it: that mixin runs callbacks uncompiled."""
    for ancestor in cls.__mro__:
        if ancestor.__name__ == "CallbackMixin" and ancestor.__module__ == MIXIN_MODULE:
            return ancestor
    return None


def check_compiled_in(compiled: type, owner: type, entries: Iterable[Entry]) -> None:
    """Raises ClosedCallbacksError if entries added to ``owner`` are missing in a compiled class.

    The module that adds them was then not among the sources of the build, and the callbacks would
    be lost.
    """
    known = vars(compiled).get("callbacks", ())
    for entry in entries:
        if not any(same_entry(one, entry) for one in known):
            advice = "add the module that does this to 'sources' in the configuration"
            if compiled.__module__.startswith(IN_MEMORY):
                advice = "add it before compiled() is called"
            raise ClosedCallbacksError(
                f"{shown(entry)} is added to the callbacks of {full_name(owner)}, but "
                f"{full_name(compiled)} was compiled without it: {advice}, and"
                f" {_again(compiled, owner)}"
            )


def _again(compiled: type, source: type) -> str:
    if compiled.__module__.startswith(IN_MEMORY):
        return f"in a notebook, first run the cell of {source.__qualname__} again"
    return "run 'arctic-codegen build'"


def _loaded_compiled(cls: type) -> list[type]:
    """The compiled classes below a source class that have been created so far."""
    children: list[type] = type.__subclasses__(cls)
    found = [child for child in children if "__arctic_source__" in vars(child)]
    for child in children:
        found += _loaded_compiled(child)
    return found


def refuse_alone(cls: type) -> None:
    """Makes a source class refuse instantiation if it has callbacks; ignores its subclasses."""
    if is_refused(cls):
        return
    compiled = compiled_ancestor(cls)
    if compiled is not cls and has_callbacks(cls, compiled.__mro__ if compiled else ()):
        refuse(cls)


def refuse_with_callbacks(cls: type) -> None:
    """Makes the class and its source subclasses refuse instantiation if they have callbacks."""
    if "__arctic_source__" in vars(cls):
        return
    refuse_alone(cls)
    children: list[type] = type.__subclasses__(cls)
    for child in children:
        refuse_with_callbacks(child)
