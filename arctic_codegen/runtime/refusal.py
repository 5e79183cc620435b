"""Makes source classes with callbacks refuse instantiation, at no cost to compiled classes.

``object.__new__`` checks a flag of the class that marks it as abstract. If the flag is set, it
sorts the class's ``__abstractmethods__`` for its message. A set that raises an exception when it
is iterated turns that into our own error. Subclasses do not inherit the flag, so a compiled class
has no Python-level ``__new__`` and no other trace of this.

``ABCMeta`` and ``@dataclass`` later replace the set by their own. They fill it from the sets of the
base classes, so those of host classes contain two names that no class can implement until it is
compiled, and that raise an exception when they are sorted.
"""

from __future__ import annotations

import abc
import os
import sys
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

from arctic_codegen.runtime.errors import IN_MEMORY, UncompiledClassError, full_name

MARKS = ("__callbacks_are_not_compiled__", "__run_arctic_codegen_build__")
"""Two, because a single name need not be sorted. They are readable in case that fails."""

_IS_ABSTRACT = 1 << 20
"""The class flag that ``object.__new__`` checks (``Py_TPFLAGS_IS_ABSTRACT``), as in ``inspect``."""

_refused: dict[int, weakref.ref[type]] = {}


def is_refused(cls: type) -> bool:
    """Whether objects of exactly this class are refused."""
    return id(cls) in _refused


class Mark(str):
    """The name of an abstract method that no class can implement, in the set of one class."""

    cls: type

    def __lt__(self, other: str) -> bool:
        raise _error(self.cls)

    __gt__ = __lt__


class MarkAttribute:
    """The attribute that the marks name: abstract in a class that is refused, else ``None``."""

    __isabstractmethod__ = True

    def __get__(self, instance: object, owner: type) -> MarkAttribute | None:
        return self if instance is None and is_refused(owner) else None


class AbstractNames(frozenset[str]):
    """``__abstractmethods__`` of a host class: the actual names, and the refusal."""

    cls: type

    def __bool__(self) -> bool:
        # `type.__abstractmethods__` sets the flag to this value.
        return len(self) > 0 or is_refused(self.cls)

    def __iter__(self) -> Iterator[str]:
        frame = sys._getframe(1)
        caller = frame.f_globals.get("__name__")
        if caller in ("abc", "_py_abc"):
            for_class = frame.f_locals.get("cls")
            if isinstance(for_class, type):
                return iter((*super().__iter__(), *marks(for_class)))
        elif caller != "inspect" and is_refused(self.cls):
            raise _error(self.cls)
        return super().__iter__()

    def __repr__(self) -> str:
        return repr(set(super().__iter__()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (frozenset, (tuple(super().__iter__()),))


def marks(cls: type) -> tuple[Mark, ...]:
    """New marks for the set of a class."""
    made = tuple(map(Mark, MARKS))
    for mark in made:
        mark.cls = cls
    return made


def _error(cls: type) -> TypeError:
    names = vars(cls).get("__abstractmethods__", ())
    if isinstance(names, AbstractNames):
        names = frozenset.__iter__(names)
    real = sorted(_real(names))
    if real:  # compiling it would not help
        missing = ", ".join(real)
        return TypeError(
            f"Can't instantiate abstract class {cls.__name__} with abstract methods {missing}"
        )
    return uncompiled(cls)


def set_names(cls: type) -> None:
    """Gives a host class a set that refuses instantiation of it, or of its later subclasses."""
    names = vars(cls).get("__abstractmethods__", ())
    if not isinstance(names, AbstractNames):
        kept = AbstractNames(_real(names))
        kept.cls = cls
        names = kept
    elif bool(names) == bool(cls.__flags__ & _IS_ABSTRACT):
        return  # setting it would clear Python's type cache for the class and its subclasses
    type.__setattr__(cls, "__abstractmethods__", names)


def _real(names: Iterable[str]) -> Iterable[str]:
    return (str(name) for name in names if name not in MARKS)


def refuse(cls: type) -> None:
    """Makes instantiation of exactly this class raise UncompiledClassError from now on."""
    key = id(cls)
    _refused[key] = weakref.ref(cls, lambda _: _refused.pop(key, None))
    if not _is_abc_in_the_making(cls):
        set_names(cls)
    _refuse_new(cls)


def _is_abc_in_the_making(cls: type) -> bool:
    # `inspect.isabstract` makes the same test, to see whether `ABCMeta` has finished a class.
    if "__abstractmethods__" in vars(cls):
        return False
    return isinstance(cls, abc.ABCMeta)


def _refuse_new(cls: type) -> None:
    """Adds a Python-level ``__new__`` if a base has a C-level one, which ignores the flag.

    The compiled class inherits it, so objects of such a class take longer to create.
    """
    builtin = type(object.__new__)
    if not any(
        type(vars(ancestor).get("__new__")) is builtin
        for ancestor in cls.__mro__
        if ancestor is not object
    ):
        return
    if any(hasattr(vars(ancestor).get("__new__"), "__arctic_new__") for ancestor in cls.__mro__):
        return
    own = vars(cls).get("__new__")

    def __new__(made: type, *args: Any, **kwargs: Any) -> Any:
        if is_refused(made):
            raise uncompiled(made)
        if own is not None:
            return own.__get__(None, made)(made, *args, **kwargs)
        return super(cls, made).__new__(made, *args, **kwargs)  # type: ignore[arg-type]  # it is in the MRO

    refusing = staticmethod(__new__)
    refusing.__arctic_new__ = True  # type: ignore[attr-defined]  # static methods have a dict
    type.__setattr__(cls, "__new__", refusing)


def uncompiled(cls: type) -> UncompiledClassError:
    """The error for instantiating a source class; the message says what to instantiate instead."""
    compiled = _compiled_name(cls)
    module = sys.modules.get(cls.__module__)
    typed_in = cls.__module__ == "__main__" and not hasattr(module, "__file__")  # a notebook
    if compiled.startswith(IN_MEMORY) or (typed_in and not compiled):
        advice = f"instantiate arctic_codegen.testing.compiled({cls.__qualname__})"
    elif compiled:
        advice = f"instantiate {compiled} (if that lacks the class, run 'arctic-codegen build')"
    else:
        advice = "run 'arctic-codegen build' and instantiate the compiled class"
    return UncompiledClassError(
        f"{full_name(cls)} is not compiled, so its callbacks would not run: {advice}"
    )


def _compiled_name(cls: type) -> str:
    """The qualified name of the compiled class, if it is loaded or on disk; otherwise empty."""
    children: list[type] = type.__subclasses__(cls)
    for child in children:
        if vars(child).get("__arctic_source__") is cls:
            return full_name(child)
    try:
        return _compiled_on_disk(cls)
    except Exception:  # it only improves a message
        return ""


def _compiled_on_disk(cls: type) -> str:
    """Looks for an output folder beside the import root of the class's module."""
    from arctic_codegen.runtime.staleness import compiled_modules, read_lock

    file = os.path.abspath(vars(sys.modules[cls.__module__])["__file__"])
    stem, name = os.path.splitext(os.path.basename(file))[0], cls.__module__
    if name == "__main__":
        name = stem
    root = os.path.dirname(file)
    for _ in range(name.count(".") + (stem == "__init__")):
        root = os.path.dirname(root)
    for folder in (root, os.path.dirname(root)):
        for child in sorted(os.listdir(folder)):
            if name in compiled_modules(read_lock(os.path.join(folder, child))):
                return f"{child}.{name}.{cls.__name__}"
    return ""
