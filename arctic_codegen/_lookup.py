"""How compiled modules find the source's own objects: defaults, and functions of scripts."""

from __future__ import annotations

import os
import sys
from typing import Any

from arctic_codegen._lists import same_callable
from arctic_codegen._wrappers import unwrapped


def default_of(function: Any, parameter: str) -> Any:
    """The object that is a parameter's default, as callers of ``function`` see it.

    Where a decorator hides the parameter, the function that it wraps is asked.
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


class ScriptFunction:
    """A callable of a script, looked up when it is called (R12).

    The script imports the compiled module, so it is not there yet when that is executed. Where
    it runs as ``__main__``, its function is the one in ``__main__``.
    """

    def __init__(
        self, module: str, file: str, path: str, items: tuple[int, ...], inside: bool
    ) -> None:
        self._inside = inside
        self._module = module
        self._file = file
        self._path = path
        self._items = items
        self.__qualname__ = path

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = self.find()
        return (unwrapped(found) if self._inside else found)(*args, **kwargs)

    def find(self) -> Any:
        """The callable itself."""
        found: Any = self._script()
        for name in self._path.split("."):
            found = getattr(found, name)
        for item in self._items:
            found = found[item]
        return found

    def _script(self) -> Any:
        main = sys.modules.get("__main__")
        spec = getattr(main, "__spec__", None)
        if spec is not None and spec.name in (self._module, f"{self._module}.__main__"):
            return main
        if main is not None and _is_file(getattr(main, "__file__", None), self._file):
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
            return (
                code is not None and name == self._path and _is_file(code.co_filename, self._file)
            )
        try:
            return same_callable(self.find(), given)
        except (ImportError, AttributeError, LookupError, TypeError):
            return False

    def __repr__(self) -> str:
        return f"<{self._module}.{self._path}, looked up when it is called>"


def script(module: str, file: str, path: str, *items: int, inside: bool = False) -> Any:
    """A callable of a script. ``file`` is the script's path, absolute or relative to wherever.

    ``inside`` takes it out of its wrappers.
    """
    return ScriptFunction(module, file, path, items, inside)


def _is_file(path: str | None, wanted: str) -> bool:
    """Whether ``path`` is the file that ``wanted`` names, of which only the tail may be known."""
    if path is None:
        return False
    full = os.path.normcase(os.path.realpath(path)).replace(os.sep, "/").split("/")
    parts = [part for part in wanted.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return full[-len(parts) :] == [os.path.normcase(part) for part in parts]
