"""Source text that is copied into another module, such as annotations and bodies of lambdas.

Each name in it is a reference to its definition.
"""

from __future__ import annotations

import msgspec


class Ref(msgspec.Struct, frozen=True):
    """A global name: ``name`` (dotted, ``""`` for the module itself) in ``module``.

    Generated code imports it by ``from module import <first part of name>``, or by ``import
    module`` if ``name`` is empty. ``typing_only`` names exist for type checkers only (the source
    imports them under ``TYPE_CHECKING``). ``builtin`` names are not imported.
    """

    module: str
    name: str
    typing_only: bool = False
    builtin: bool = False


class Text(msgspec.Struct, frozen=True):
    """Python text with references in it: ``("dict[str, ", Ref(...), "]")``."""

    parts: tuple[str | Ref, ...]


THE_OBJECT = Ref("", "")
"""In the body of a condition: the object that is passed to it."""
EXCEPTION = Text((Ref("builtins", "BaseException", builtin=True),))
"""The type of the argument of a callback under ``on_error``."""
