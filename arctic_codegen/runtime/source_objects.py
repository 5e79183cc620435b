"""Finds the objects of the sources that a compiled module uses."""

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
    """The default value of a parameter, as callers of ``function`` see it.

    If a decorator hides the parameter, the wrapped function is used. Raises LookupError if the
    parameter has no default.
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
    """The ``__init__`` of a class as Python calls it when an object is created.

    ``object.__init__`` accepts the arguments of a ``__new__`` only if no subclass has an
    ``__init__``, which a compiled class may have.
    """
    found: Any = cls.__init__  # type: ignore[misc]
    new: Any = cls.__new__
    return _no_init if found is object.__init__ and new is not object.__new__ else found


def _no_init(instance: object, /, *args: object, **kwargs: object) -> None:
    """Does nothing, like ``object.__init__``, but accepts any arguments."""


def made_field(instance: object, name: str, value: Any) -> Any:
    """An argument of a dataclass; the value of the field's factory if the argument is missing."""
    field = getattr(type(instance), "__dataclass_fields__", {}).get(name)
    if field is not None and type(value).__name__ == "_HAS_DEFAULT_FACTORY_CLASS":
        return field.default_factory()
    return value


def listed(
    cls: type, event: str, name: str, nth: int = 0, *, of: int = 1, by: str | None = None
) -> Any:
    """The callable of an entry in the list of a source class that cannot be imported by name.

    It is the ``nth`` (from 0) of ``of`` entries with that event and a callable whose innermost
    definition has that name. ``by`` is the module whose statement has added it, if that is another
    one. Other entries of the list do not matter.

    Raises CallbacksDifferError if the list has another number of such entries.
    """
    unchanged = unchanged_entries(cls) if by is None else None
    if unchanged is not None:  # the fast path, nearly always taken
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
    if added:  # ArcticTraining's lists do not record it
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
    """The list of a class, even if it does not record its changes (ArcticTraining's)."""
    return own_entries(cls) or getattr(cls, "callbacks", ())


def _named(entries: Iterable[Any], event: str, name: str, aliases: Aliases = ()) -> list[Any]:
    """The callables of that event whose innermost definition has that name."""
    key = event_key(event)
    there = [entry[1] for entry in entries if event_key(entry[0]) == key]
    return [one for one in there if has_name(unwrapped(one), name, aliases)]


def named_object(source: Any, name: str, items: tuple[int, ...] = ()) -> Any:
    """The object that a compiled module of ``source`` names as ``module:path``.

    ``None`` if it does not exist, or its module has not been imported yet.
    """
    module, _, path = name.partition(":")
    start = source if module == source.__name__ else sys.modules.get(module)
    try:
        return _reached(start, path, items)
    except (AttributeError, LookupError, TypeError):
        return None


def _reached(start: Any, path: str, items: tuple[int, ...]) -> Any:
    """Follows the attributes of a dotted path, and then subscripts."""
    found = start
    for name in path.split("."):
        found = getattr(found, name)
    for item in items:
        found = found[item]
    return found


class ScriptFunction:
    """A callable of a script, looked up when it is called (R12).

    The script imports the compiled module, so the callable does not exist yet when that is
    executed. If the script runs as ``__main__``, it is the function in ``__main__``.

    ``file`` is the script's path, absolute or relative to any folder. With ``inside``, the callable
    is taken out of its wrappers. With ``condition``, it is the condition of the wrapper at that
    depth below the outermost.
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
        """The actual callable."""
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
        """Whether this is the callable of an entry that is added at run time (R34)."""
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
"""The callables that statements of scripts have added, by class, module, event, name and number."""


class StatedFunction(ScriptFunction):
    """An unnamed callable that a script's statement adds to the list of ``owner`` (R12).

    It is the ``nth`` (from 0) in that list with that event and name, and exists once the
    ``statement`` has run. The compiled classes of the class and its subclasses share it.
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
        """The actual callable.

        Raises CallbackNotAddedError if the statement has not run yet.
        """
        if self._key not in _stated:
            # The statement may have changed a list that does not record it (ArcticTraining's).
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
