"""The ``callbacks`` of a compiled class: a list that can be read but not changed (R34)."""

from __future__ import annotations

import functools
import os
import types
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, SupportsIndex

from arctic_codegen.runtime.errors import ClosedCallbacksError, full_name
from arctic_codegen.runtime.method_attributes import keep_attributes
from arctic_codegen.runtime.wrapping import without_static, wrapped_by

if TYPE_CHECKING:
    from typing_extensions import Self

Entry = tuple[str, Callable[..., Any]]


class CheckedList(list[Entry]):
    """A list of entries whose every change goes through :meth:`_add` or :meth:`_may_change`.

    Copies of it are plain lists.
    """

    def _add(self, position: int, entries: tuple[Entry, ...]) -> None:
        """Adds entries, or raises an error."""
        raise NotImplementedError

    def _may_change(self, method: str, *given: Any) -> None:
        """Raises an error if a change other than an addition is not allowed."""
        raise NotImplementedError

    def append(self, entry: Entry, /) -> None:
        self._add(len(self), (entry,))

    def extend(self, entries: Iterable[Entry], /) -> None:
        self._add(len(self), tuple(entries))

    def insert(self, index: SupportsIndex, entry: Entry, /) -> None:
        self._add(index.__index__(), (entry,))

    def __iadd__(self, entries: Iterable[Entry], /) -> Self:  # type: ignore[override,misc]  # it gives itself
        self._add(len(self), tuple(entries))
        return self

    def clear(self) -> None:
        if self:
            self._may_change("clear")
            super().clear()

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        # Copying and pickling would otherwise add the entries one by one to a new list of this
        # type, which refuses them.
        return (list, (list(self),))


def _asking(name: str) -> Callable[..., Any]:
    """The method of ``list`` with that name, which first checks whether the change is allowed."""
    change = getattr(list, name)

    @functools.wraps(change)
    def method(self: CheckedList, *args: Any, **options: Any) -> Any:
        self._may_change(name, *args)
        return change(self, *args, **options)

    return method


for _name in ("remove", "pop", "sort", "reverse", "__setitem__", "__delitem__", "__imul__"):
    setattr(CheckedList, _name, _asking(_name))


class ClassList(CheckedList):
    """The ``callbacks`` of a class, which cannot be assigned or deleted on its objects."""

    cls: type | None = None

    def _refusal(self, instance: object, problem: str) -> TypeError:
        raise NotImplementedError

    def __set__(self, instance: object, value: object) -> None:
        if value is self:  # `trainer.callbacks += [...]` assigns the list to itself
            return
        if not is_of_library(instance):
            raise self._refusal(instance, "callbacks cannot be assigned on an object")
        of_library(instance)["callbacks"] = value

    def __delete__(self, instance: object) -> None:
        if of_library(instance).pop("callbacks", None) is None:
            raise self._refusal(instance, "callbacks cannot be deleted")


class ClosedList(ClassList):
    """The entries that were compiled into a class."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.cls = owner
        # Here, since an `__init_subclass__` may look for attributes of methods.
        source = vars(owner).get("__arctic_source__")
        if source is not None:
            keep_attributes(owner, source)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else of_library(instance).get("callbacks", self)

    def _add(self, position: int, entries: tuple[Entry, ...]) -> None:
        """Accepts entries that are in the list already, because the build read the statement.

        Raises ClosedCallbacksError for any other entry.
        """
        for entry in entries:
            if not any(same_entry(known, entry) for known in self):
                raise self._refusal(None, f"cannot add {shown(entry)}")

    def _may_change(self, method: str, *given: Any) -> None:
        raise self._refusal(None, f"callbacks.{method} would have no effect")

    def _refusal(self, instance: object, problem: str) -> TypeError:
        owner = "a compiled class" if self.cls is None else full_name(self.cls)
        return ClosedCallbacksError(
            f"{problem}: the callbacks of {owner} are fixed at build time; declare it in the"
            " sources and run 'arctic-codegen build'"
        )


def of_library(instance: object) -> dict[str, Any]:
    """The ``__dict__`` of an object, which stores a library's own attribute ``callbacks`` (R52)."""
    attributes: dict[str, Any] = getattr(instance, "__dict__", {})
    return attributes


def is_of_library(instance: object) -> bool:
    """Whether the attribute ``callbacks`` of an object belongs to a library's class in the MRO, and
    not to a host class."""
    if "callbacks" in of_library(instance):
        return True
    hosts: set[str] = set()
    others: list[tuple[str, type]] = []
    for cls in type(instance).__mro__:
        package = cls.__module__.partition(".")[0]
        if any(one.__name__ == "CallbackMixin" for one in cls.__mro__):
            hosts.add(package)
        else:
            others.append((package, cls))
    return any(_speaks_of_callbacks(cls) for package, cls in others if package not in hosts)


def _speaks_of_callbacks(cls: type) -> bool:
    functions = (getattr(value, "fget", value) for value in vars(cls).values())
    codes = (getattr(function, "__code__", None) for function in functions)
    return any(code is not None and "callbacks" in code.co_names for code in codes)


def shown(entry: object) -> str:
    """An entry for a message: its event and the name of its callable."""
    if isinstance(entry, (tuple, list)) and len(entry) == 2:
        name = getattr(entry[1], "__qualname__", None) or repr(entry[1])
        return f"({entry[0]!r}, {name})"
    return repr(entry)


def same_entry(known: object, given: object) -> bool:
    """Whether two entries have the same event and the same callable."""
    if known is given:
        return True
    if not (isinstance(known, tuple) and isinstance(given, (tuple, list)) and len(given) == 2):
        return False
    return event_key(known[0]) == event_key(given[0]) and same_callable(known[1], given[1])


def event_key(event: object) -> object:
    """The event string, normalized so that equivalent strings (R5) are equal."""
    if not isinstance(event, str):
        return event
    phase, dash, name = event.partition("-")
    name = name.replace("-", "_")
    return f"{phase}{dash}{'init' if name == '__init__' else name}"


def same_callable(known: object, given: object) -> bool:
    """Whether two callables count as the same one (R34)."""
    known, given = without_static(known), without_static(given)
    if known is given:
        return True
    matches = getattr(type(known), "__arctic_matches__", None)
    if matches is not None:  # a function that is found when it is called
        return bool(matches(known, given))
    around, other = wrapped_by(known), wrapped_by(given)
    if around is not None or other is not None:
        if around is None or other is None or (around.kind, around.n) != (other.kind, other.n):
            return False
        return _same_value(around.condition, other.condition) and same_callable(around.fn, other.fn)
    if isinstance(known, types.FunctionType) and isinstance(given, types.FunctionType):
        return _same_function(known, given)
    if isinstance(known, functools.partial) and isinstance(given, functools.partial):
        return (
            same_callable(known.func, given.func)
            and _same_values(known.args, given.args)
            and known.keywords.keys() == given.keywords.keys()
            and all(
                _same_value(value, given.keywords[key]) for key, value in known.keywords.items()
            )
        )
    if isinstance(known, types.MethodType) and isinstance(given, types.MethodType):
        return known.__self__ is given.__self__ and same_callable(known.__func__, given.__func__)
    return False


def place_of(function: types.FunctionType) -> tuple[str, str, int]:
    """File, qualified name and first line of a function."""
    code = function.__code__
    return (_real(code.co_filename), function.__qualname__, code.co_firstlineno)


def same_code(known: object, given: object) -> bool:
    """Whether two callables have equal code objects, or none.

    The text of a function may have been compiled more than once.
    """
    ours, theirs = getattr(known, "__code__", None), getattr(given, "__code__", None)
    return bool(ours == theirs)


def _same_function(known: types.FunctionType, given: types.FunctionType) -> bool:
    if place_of(known) != place_of(given):
        return False
    # One definition may create several functions, which differ in their closures.
    ours, theirs = known.__closure__ or (), given.__closure__ or ()
    return len(ours) == len(theirs) and all(map(_same_cell, ours, theirs))


def _same_cell(known: types.CellType, given: types.CellType) -> bool:
    try:
        ours, theirs = known.cell_contents, given.cell_contents
    except ValueError:  # an empty cell: the function is still being defined
        return True
    if isinstance(ours, types.FunctionType) and isinstance(theirs, types.FunctionType):
        return place_of(ours) == place_of(theirs)
    if isinstance(ours, (str, bytes, int, float, complex, tuple, type(None))):
        return _same_value(ours, theirs)
    # If a script runs as `__main__` and is also imported, each of its objects exists twice.
    return type(ours).__qualname__ == type(theirs).__qualname__


def _same_values(known: tuple[Any, ...], given: tuple[Any, ...]) -> bool:
    return len(known) == len(given) and all(map(_same_value, known, given))


def _same_value(known: object, given: object) -> bool:
    if known is given or same_callable(known, given):
        return True
    try:
        return bool(known == given)
    except Exception:  # arrays and tensors give no single answer: they count as different
        return False


@functools.cache
def _real(path: str) -> str:
    """A path in canonical form; names such as ``<stdin>`` are unchanged."""
    return path if path.startswith("<") else os.path.normcase(os.path.realpath(path))
