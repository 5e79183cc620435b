"""What source classes know of their own lists of callbacks.

Later statements such as ``X.callbacks.append(entry)`` are kept by the module that makes them, and
the list that the class statement bound is kept beside the copy that the class has: the proof at
import compares all of it with what the build read (R48).
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterable
from operator import is_not
from typing import Any, NamedTuple

from arctic_codegen.runtime.errors import IN_MEMORY, ClosedCallbacksError, full_name, uncompiled
from arctic_codegen.runtime.lists import (
    ClassList,
    Entry,
    GuardedList,
    of_library,
    same_entry,
    shown,
)
from arctic_codegen.runtime.places import module_of
from arctic_codegen.runtime.refusal import is_refused, refuse


class Change(NamedTuple):
    """One change of a class's own list from outside its body.

    ``module`` is ``None`` for an assignment: nothing at run time shows who made it.
    """

    module: str | None
    kind: str
    position: int
    entries: tuple[Entry, ...]


class State:
    """What is kept of one class. Plain mixins that are no host class have one too."""

    def __init__(self, cls: type) -> None:
        self.original: tuple[list[Entry], tuple[Entry, ...]] | None = None
        """The list that the class statement bound, and what it held then; the class has a copy."""
        self.changes: list[Change] = []
        self.is_source = False
        """A source class, whose list is watched."""
        self.stored: object = None
        """The value of ``callbacks`` in such a class, to notice when another is assigned."""
        self.inherited: SourceList | None = None
        """What ``X.callbacks`` gives where the class has no list of its own."""
        key = id(cls)
        self._alive = weakref.ref(cls, lambda _: _states.pop(key, None))


MIXIN_MODULE = "arctic_training.callback.mixin"

_states: dict[int, State] = {}
"""By identity: a metaclass may make its classes unhashable."""


def state_of(cls: type) -> State:
    """The state of a class, made if there is none."""
    state = _states.get(id(cls))
    if state is None:
        state = _states[id(cls)] = State(cls)
    return state


def _own_list(cls: type) -> tuple[Entry, ...] | None:
    """The list in the class's own dict, unless we put it there to show what is inherited."""
    value = vars(cls).get("callbacks")
    if isinstance(value, SourceList) and not value.own:
        return None
    return tuple(value) if isinstance(value, (list, tuple)) else None


class SourceList(ClassList):
    """The ``callbacks`` of a source class: Python's list, which keeps who changes it.

    It is a data descriptor: on the class it is this list (or, in a subclass without a list of
    its own, a list of that subclass's), on an object it is closed.
    """

    def __init__(self, cls: type, entries: Iterable[Entry], own: bool) -> None:
        super().__init__(entries)
        self._cls = weakref.ref(cls)  # the state of a class, which does not end with it, has this
        self.own = own
        """Whether the class has it for itself; else it shows what the class inherits."""

    @property
    def cls(self) -> type:
        """The class whose list this is."""
        cls = self._cls()
        assert cls is not None, "a list of callbacks has outlived its class"
        return cls

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is not None:
            own = of_library(instance).get("callbacks")
            return ObjectList(type(instance), seen_list(type(instance))) if own is None else own
        if owner is None or owner is self._cls() or _stored(owner) is not self:
            return self  # the last case is `super().callbacks`
        return _inherited_list(owner)

    def _refusal(self, instance: object, problem: str) -> TypeError:
        return uncompiled(type(instance))

    def _may_change(self, method: str, *given: Any) -> None:
        """Lets a change through that no build reads: the proof at import sees what it did.

        Raises ClosedCallbacksError where a compiled class has been proved already, and where the
        list only shows what the class inherits, which no such change would reach.
        """
        cls = self._cls()
        if cls is None:
            return
        name = full_name(cls)
        if not self.own:
            raise ClosedCallbacksError(
                f"{name} inherits its callbacks, and callbacks.{method} would have no effect: give"
                f" {name} a list of its own"
            )
        compiled = _loaded_compiled(cls)
        if compiled:
            raise ClosedCallbacksError(
                f"callbacks.{method} would change the callbacks of {name}, which are compiled into"
                f" {full_name(compiled[0])}: write the list in the class"
                f" body as it is to be, and {_again(compiled[0], cls)}"
            )

    def _add(self, kind: str, position: int, entries: tuple[Entry, ...]) -> None:
        cls = self._cls()
        if cls is not None:
            for compiled in _loaded_compiled(cls):
                check_compiled_in(compiled, cls, entries)
        list.__setitem__(self, slice(position, position), entries)
        if cls is not None:
            module = module_of(sys._getframe(2).f_globals)
            state_of(cls).changes.append(Change(module, kind, position, entries))
            refuse_with_callbacks(cls)


class ObjectList(GuardedList):
    """``obj.callbacks`` of an object of a source class: changing it would have no effect."""

    def __init__(self, cls: type, entries: Iterable[Entry]) -> None:
        super().__init__(entries)
        self._cls = cls

    def _add(self, kind: str, position: int, entries: tuple[Entry, ...]) -> None:
        if entries:
            raise uncompiled(self._cls)

    def _may_change(self, method: str, *given: Any) -> None:
        raise uncompiled(self._cls)


def _stored(cls: type) -> object:
    """What look-up on the class finds as ``callbacks``, descriptors left alone."""
    for ancestor in cls.__mro__:
        if "callbacks" in vars(ancestor):
            return vars(ancestor)["callbacks"]
    return None


def seen_list(cls: type) -> list[Entry]:
    """``cls.callbacks`` as a plain list."""
    value = getattr(cls, "callbacks", ())
    return list(value) if isinstance(value, (list, tuple)) else []


def _inherited_list(cls: type) -> SourceList:
    """The list of a class without an own one: what it inherits, and its own changes."""
    state = state_of(cls)
    if state.inherited is None:
        state.inherited = SourceList(cls, (), own=False)
    _refresh(state.inherited)
    return state.inherited


def _refresh(shown: SourceList) -> None:
    entries: list[Entry] = []
    for ancestor in shown.cls.__mro__[1:]:
        own = _own_list(ancestor)
        if own is not None:
            entries = list(own)
            break
        if state_of(ancestor).changes:
            entries = list(_inherited_list(ancestor))
            break
    list.__setitem__(shown, slice(None), _changed(entries, state_of(shown.cls)))


def watch(cls: type) -> None:
    """Keeps the own lists of a source class and of its ancestors as they were declared."""
    for ancestor in cls.__mro__:
        state_of(ancestor)
    adopt_assigned(cls)
    state = state_of(cls)
    state.is_source = True
    own = _own_list(cls) is not None
    stored = _stored(cls)
    if isinstance(stored, list) and (own or not isinstance(stored, SourceList)):
        # Tuples stay as they are: nothing changes them. What a plain mixin gives is shown
        # through a list that belongs to this class, so that changes reach this class alone.
        kept = SourceList(cls, stored, own)
        if own:
            state.original = stored, tuple(stored)
        type.__setattr__(cls, "callbacks", kept)
        if not own:
            state.inherited = kept
    elif isinstance(stored, SourceList) and "callbacks" in vars(cls):
        type.__delattr__(cls, "callbacks")  # a decorator made the class again with our list in it
        watch(cls)
    state.stored = vars(cls).get("callbacks")


def adopt_assigned(cls: type) -> bool:
    """Takes over the lists that statements ``X.callbacks = [...]`` have put into source classes;
    whether there were any."""
    adopted = False
    for ancestor in cls.__mro__:
        state = _states.get(id(ancestor))
        value = vars(ancestor).get("callbacks")
        if state is None or not state.is_source or value is state.stored:
            continue
        if isinstance(value, SourceList) and not value.own and value._cls() is ancestor:
            # `X.callbacks += [...]` stores what it has changed: the list that shows what X
            # inherits. The change is known, and X has no list of its own for it.
            type.__delattr__(ancestor, "callbacks")
        elif isinstance(value, (list, tuple)):
            state.changes = [Change(None, "assign", 0, tuple(value))]
            state.original = None
            if isinstance(value, list):
                type.__setattr__(ancestor, "callbacks", SourceList(ancestor, value, own=True))
        state.stored = vars(ancestor).get("callbacks")
        adopted = True
    return adopted


def is_callback_name(name: str) -> bool:
    """Whether a class attribute of that name is a callback method, if it can be called (R11)."""
    if not name.endswith("_callback"):
        return False
    prefix = 4 if name.startswith("pre_") else 5 if name.startswith("post_") else 0
    return bool(prefix) and len(name) > prefix + len("_callback")


def added_by(cls: type) -> dict[int, set[str]]:
    """By ``id``, the entries that statements have added to the class's list, and the modules of
    these statements; with the class's own where its body has the same entry."""
    state = _states.get(id(cls))
    if state is None or not state.changes:
        return {}
    added: dict[int, set[str]] = {}
    for change in state.changes:
        if change.module is not None:
            for entry in change.entries:
                added.setdefault(id(entry), set()).add(change.module)
    for entry in state.original[1] if state.original else ():
        if id(entry) in added:
            added[id(entry)].add(cls.__module__)
    return added


def unchanged_entries(cls: type) -> Iterable[Entry] | None:
    """The class's own list, where nothing but its class statement has given it, and the list that
    this named is still the same; else ``None``."""
    state = _states.get(id(cls))
    value = cls.__dict__.get("callbacks")
    if state is None:
        return value if isinstance(value, (list, tuple)) else ()
    if state.changes or (state.is_source and value is not state.stored):
        return None
    if state.original is not None and has_changed(*state.original):
        return None
    if isinstance(value, SourceList):
        return value if value.own else ()
    return value if isinstance(value, (list, tuple)) else ()


def has_changed(kept: list[Entry], then: tuple[Entry, ...]) -> bool:
    """Whether a list has other objects than it had once."""
    return len(kept) != len(then) or any(map(is_not, kept, then))


def original_list(cls: type) -> tuple[list[Entry], tuple[Entry, ...]] | None:
    """The list that the class statement bound, of which the class has a copy, and what it held
    then."""
    state = _states.get(id(cls))
    return state.original if state else None


def own_entries(cls: type) -> tuple[Entry, ...]:
    """The entries of the class's own list, later changes included."""
    own = _own_list(cls)
    if own is not None:
        return own
    state = _states.get(id(cls))
    return tuple(_changed([], state)) if state and state.changes else ()


def _changed(entries: list[Entry], state: State) -> list[Entry]:
    """The list after the changes from outside the class body, by the rules of ``list``."""
    for change in state.changes:
        at = change.position if change.kind == "insert" else len(entries)
        entries[at:at] = change.entries
    return entries


def has_callbacks(cls: type, without: tuple[type, ...] = ()) -> bool:
    """Whether objects of the class have callbacks (R35), those of some ancestors left out."""
    names: set[str] = set()
    for ancestor in cls.__mro__:
        if ancestor in without or ancestor is object:
            continue
        if own_entries(ancestor):
            return True
        space = vars(ancestor)
        if "_callback " not in f"{' '.join(space)} ":  # one look at all: most classes have none
            continue
        for name in [name for name in space if name.endswith("_callback")]:
            if name not in names:
                names.add(name)  # what is hidden does not count: `post_epoch_callback = None`
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
    """ArcticTraining's mixin, where a class stands on it: it runs callbacks uncompiled."""
    for ancestor in cls.__mro__:
        if ancestor.__name__ == "CallbackMixin" and ancestor.__module__ == MIXIN_MODULE:
            return ancestor
    return None


def check_compiled_in(compiled: type, owner: type, entries: Iterable[Entry]) -> None:
    """Raises if a change of a source class's list is not in a class that was compiled from it.

    The module that makes it was then not among the sources of the build, and the callback would
    be lost.
    """
    known = vars(compiled).get("callbacks", ())
    for entry in entries:
        if not any(same_entry(one, entry) for one in known):
            advice = "add the module that does this to 'sources' in the configuration"
            if compiled.__module__.startswith(IN_MEMORY):
                advice = "add it before compiled() is called"
            raise ClosedCallbacksError(
                f"{shown(entry)} is added to the callbacks of {full_name(owner)}, and"
                f" {full_name(compiled)} was compiled without it: {advice}, and"
                f" {_again(compiled, owner)}"
            )


def _again(compiled: type, source: type) -> str:
    if compiled.__module__.startswith(IN_MEMORY):
        return f"in a notebook, first run the cell of {source.__qualname__} again"
    return "run 'arctic-codegen build'"


def _loaded_compiled(cls: type) -> list[type]:
    """The compiled classes below a source class that have been made so far."""
    children: list[type] = type.__subclasses__(cls)
    found = [child for child in children if "__arctic_source__" in vars(child)]
    for child in children:
        found += _loaded_compiled(child)
    return found


def refuse_alone(cls: type) -> None:
    """Refuses objects of a source class if it has callbacks, and looks at no subclass."""
    if is_refused(cls):
        return
    compiled = compiled_ancestor(cls)
    if compiled is not cls and has_callbacks(cls, compiled.__mro__ if compiled else ()):
        refuse(cls)


def refuse_with_callbacks(cls: type) -> None:
    """Refuses objects of the class and its source subclasses, those that have callbacks."""
    if "__arctic_source__" in vars(cls):
        return
    refuse_alone(cls)
    children: list[type] = type.__subclasses__(cls)
    for child in children:
        refuse_with_callbacks(child)
