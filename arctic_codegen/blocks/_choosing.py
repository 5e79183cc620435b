"""Which classes and configurations does a trainer use, according to its class attributes?

``data_factory = MyData`` names the class itself. ``data_factory: MyData`` and
``data_factory: Union[A, B]`` are the forms of ArcticTraining; the first class is the default.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from typing import Any, TypeVar

from arctic_codegen.blocks._errors import RecipeError

T = TypeVar("T")


def candidates(cls: type, attribute: str, root: type[T]) -> tuple[type[T], ...]:
    """The classes that a class attribute allows; the first is the default.

    The nearest definition in the MRO decides. Raises :class:`RecipeError` if its annotation cannot
    be evaluated at run time.
    """
    for owner in cls.__mro__:
        value = vars(owner).get(attribute)
        if isinstance(value, type) and issubclass(value, root):
            return (value,)
        hint = _hint(owner, attribute)
        classes = [one for one in _alternatives(hint) if isinstance(one, type)]
        found = tuple(one for one in classes if issubclass(one, root) and one is not root)
        if found:
            return found
    return ()


def choose(cls: type, attribute: str, root: type[Any], name: str) -> type[Any]:
    """The allowed class with that registered name, or the first one if ``name`` is empty.

    Raises :class:`RecipeError` if there is none.
    """
    allowed = candidates(cls, attribute, root)
    if not allowed:
        raise RecipeError(
            f"{cls.__qualname__} has no {attribute}: set the class attribute, such as"
            f" '{attribute} = My{root.__name__}'"
        )
    if not name:
        return allowed[0]
    for one in allowed:
        if getattr(one, "name", None) == name:
            return one
    known = ", ".join(repr(getattr(one, "name", one.__qualname__)) for one in allowed)
    raise RecipeError(f"{cls.__qualname__} has no {attribute} named {name!r}; it has {known}")


def config_class(cls: type, root: type[T]) -> type[T]:
    """The class of a trainer's or factory's configuration: the annotation of ``config``."""
    found = candidates(cls, "config", root)
    return found[0] if found else root


def _hint(cls: type, attribute: str) -> Any:
    """The annotation of an attribute in the class's own body, as an object if it names one."""
    hint = inspect.get_annotations(cls).get(attribute)
    if isinstance(hint, str):
        module = sys.modules.get(cls.__module__)
        try:
            return eval(hint, vars(module) if module is not None else {}, dict(vars(cls)))
        except Exception as error:
            raise RecipeError(
                f"{cls.__module__}.{cls.__qualname__}.{attribute}: the annotation {hint!r} cannot "
                f"be evaluated at run time ({error}): import its names outside 'if TYPE_CHECKING'"
            ) from None
    return hint


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)
