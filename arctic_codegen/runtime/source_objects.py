"""How does a compiled module find the objects of its source?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

from arctic_codegen.runtime.callable_shapes import Aliases, aliases_of, has_name
from arctic_codegen.runtime.closed_list import event_key, same_callable, same_code
from arctic_codegen.runtime.errors import CallbackNotAddedError, CallbacksDifferError, full_name
from arctic_codegen.runtime.module_names import is_file, is_module
from arctic_codegen.runtime.source_lists import added_by, own_entries, unchanged_entries
from arctic_codegen.runtime.wrapping import condition_of, unwrapped

HELP = (
    "Something changes them in a way that the build cannot see. Write entries and methods in the"
    " class body, or change the list by its own name (append, extend, insert, +=) at module level"
    " of a module in `sources`, and run 'arctic-codegen build'"
)


def default_of(function: Any, parameter: str) -> Any:
    """The object that is a parameter's default, as callers of ``function`` see it.

    If a decorator hides the parameter, the wrapped function is used.
    """
    seen: set[int] = set()
    while function is not None and id(function) not in seen:
        seen.add(id(function))
        plain = getattr(function, "__func__", function)
        code = getattr(plain, "__code__", None)
        if code is not None:
            keywords = plain.__kwdefaults__ or {}
            if parameter in keywords:
                return keywords[parameter]
            positional = code.co_varnames[: code.co_argcount]
            defaults = plain.__defaults__ or ()
            if parameter in positional:
                place = positional.index(parameter) - (len(positional) - len(defaults))
                if place >= 0:
                    return defaults[place]
        function = getattr(function, "__wrapped__", None) or getattr(plain, "__wrapped__", None)
    raise LookupError(f"the parameter {parameter!r} has no default: run 'arctic-codegen build'")


def init_of(cls: type) -> Any:
    """The ``__init__`` of a class as Python calls it when an object is made.

    That of ``object`` lets the arguments be that a ``__new__`` has taken, but only as long as no
    subclass has an ``__init__``.
    """
    found: Any = cls.__init__  # type: ignore[misc]
    new: Any = cls.__new__
    return _no_init if found is object.__init__ and new is not object.__new__ else found


def _no_init(instance: object, /, *args: object, **kwargs: object) -> None:
    """What ``object.__init__`` does."""


def made_field(instance: object, name: str, value: Any) -> Any:
    """A dataclass's argument; where none was given for a field with a factory, what that makes."""
    field = getattr(type(instance), "__dataclass_fields__", {}).get(name)
    if field is not None and type(value).__name__ == "_HAS_DEFAULT_FACTORY_CLASS":
        return field.default_factory()
    return value


def listed(
    cls: type, event: str, name: str, nth: int = 0, *, of: int = 1, by: str | None = None
) -> Any:
    """The callable of an entry in the list of a source class, which has no name of its own.

    It is the ``nth`` (from 0) of the ``of`` entries with that event and a callable whose innermost
    definition has that name; ``by`` names the other module whose statement has added it. What
    stands elsewhere in the list does not matter.

    Raises CallbacksDifferError where the list has another number of such entries.
    """
    unchanged = unchanged_entries(cls) if by is None else None
    if unchanged is not None:  # nearly always: a short way
        plain = [
            fn
            for text, fn in unchanged
            if text == event
            and type(fn) is FunctionType
            and f"{fn.__module__}.{fn.__qualname__}" == name
        ]
        if len(plain) == of:
            return plain[nth]
    entries = _entries(cls)
    added = added_by(cls)
    if added:  # on ArcticTraining nobody knows
        home = cls.__module__
        entries = [
            one
            for one in entries
            if any(is_module(module, by or home) for module in added.get(id(one), {home}))
        ]
    found = _named(entries, event, name, aliases_of(cls, cls.__module__))
    if len(found) != of:  # several modules may have added one object
        found = list({id(one): one for one in found}.values())
    if len(found) == of:
        return found[nth]
    text = (
        f"its list has {len(found)} entries of {event!r} that could be {name}, but the build read"
        f" {of}"
    )
    raise CallbacksDifferError(
        f"{full_name(cls)}: {text}. {HELP}, or give the callable a name at module level",
        ((cls, text),),
        name=cls.__module__,
    )


def _entries(cls: type) -> Iterable[Any]:
    """The list of a class, even if it is not watched (ArcticTraining's)."""
    return own_entries(cls) or getattr(cls, "callbacks", ())


def _named(entries: Iterable[Any], event: str, name: str, aliases: Aliases = ()) -> list[Any]:
    """The callables of an event whose innermost definition has that name."""
    key = event_key(event)
    there = [entry[1] for entry in entries if event_key(entry[0]) == key]
    return [one for one in there if has_name(unwrapped(one), name, aliases)]


def named_object(source: Any, name: str, items: tuple[int, ...] = ()) -> Any:
    """The object that a compiled module of ``source`` calls ``module:path``; ``None`` where its
    module has not been imported yet."""
    module, _, path = name.partition(":")
    start = source if module == source.__name__ else sys.modules.get(module)
    try:
        return _reached(start, path, items)
    except (AttributeError, LookupError, TypeError):
        return None


def _reached(start: Any, path: str, items: tuple[int, ...]) -> Any:
    """What attributes, and then subscripts, lead to."""
    found = start
    for name in path.split("."):
        found = getattr(found, name)
    for item in items:
        found = found[item]
    return found


class ScriptFunction:
    """A callable of a script, looked up when it is called (R12).

    The script imports the compiled module, so it is not there yet when that is executed. Where
    it runs as ``__main__``, its function is the one in ``__main__``. ``file`` is the script's path,
    absolute or relative to wherever. ``inside`` takes the callable out of its wrappers, and
    ``condition`` is that of the wrapper so many inside the outermost.
    """

    def __init__(
        self,
        module: str,
        file: str,
        path: str,
        *items: int,
        inside: bool = False,
        condition: int | None = None,
    ) -> None:
        self._inside = inside
        self._condition = condition
        self._module = module
        self._file = file
        self._path = path
        self._items = items
        self.__qualname__ = path

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = self.find()
        if self._condition is not None:
            found = condition_of(found, self._condition)
        return (unwrapped(found) if self._inside else found)(*args, **kwargs)

    def find(self) -> Any:
        """The callable itself."""
        return _reached(self._script(), self._path, self._items)

    def _script(self) -> Any:
        main = sys.modules.get("__main__")
        spec = getattr(main, "__spec__", None)
        if spec is not None and spec.name in (self._module, f"{self._module}.__main__"):
            return main
        if main is not None and is_file(getattr(main, "__file__", None), self._file):
            return main
        loaded = sys.modules.get(self._module)
        if loaded is not None:
            return loaded
        import importlib

        return importlib.import_module(self._module)

    def __arctic_matches__(self, given: object) -> bool:
        """Whether an entry that is added at run time has this callable (R34)."""
        code = getattr(given, "__code__", None)
        if self._path.endswith("<lambda>"):
            name = getattr(given, "__qualname__", "")
            return code is not None and name == self._path and is_file(code.co_filename, self._file)
        try:
            return same_callable(self.find(), given)
        except (ImportError, AttributeError, LookupError, TypeError):
            return False

    def __repr__(self) -> str:
        return f"<{self._module}.{self._path}, looked up when it is called>"


_stated: dict[tuple[int, str, object, str, int], Any] = {}
"""What statements of scripts have added, by class, module, event, name and number."""


class StatedFunction(ScriptFunction):
    """What a script's statement adds to the list of ``owner`` without a name of its own (R12).

    It is the ``nth`` (from 0) there with that event and name, and there when the ``statement`` has
    run; the compiled classes below the one that it changes share it.
    """

    def __init__(
        self,
        owner: type,
        module: str,
        file: str,
        statement: str,
        event: str,
        name: str,
        nth: int,
        inside: bool = False,
        condition: int | None = None,
    ) -> None:
        path = name.removeprefix(f"{module}.")
        super().__init__(module, file, path, inside=inside, condition=condition)
        self._owner = owner
        self._statement = statement
        self._event = event
        self._name = name
        self._nth = nth
        self._key = (id(owner), module, event_key(event), name, nth)

    def find(self) -> Any:
        if self._key not in _stated:
            # The statement may have changed a list that nobody watches (ArcticTraining's).
            found = _named(_entries(self._owner), self._event, self._name)
            if len(found) > self._nth:
                _stated[self._key] = found[self._nth]
        if self._key not in _stated:
            raise CallbackNotAddedError(
                f"the callback {self._name} has not been added yet: the statement in {self._file}"
                f" that changes {self._statement} has to run before '{self._event}' runs on an "
                "object"
            )
        return _stated[self._key]

    def __arctic_matches__(self, given: Any) -> bool:
        if self._key in _stated:
            known = _stated[self._key]
            return known is given or (same_code(known, given) and same_callable(known, given))
        if not has_name(unwrapped(given), self._name):
            return False
        _stated[self._key] = given
        return True


script: Callable[..., Any] = ScriptFunction
stated: Callable[..., Any] = StatedFunction
