"""Source text that is copied into another module, such as annotations and bodies of lambdas.

Each name in it is a reference to its definition.
"""

from __future__ import annotations

import msgspec


class Ref(msgspec.Struct, frozen=True):
    """A global name: ``name`` (dotted, ``""`` for the module itself) inside ``module``.

    It says how generated code imports it: ``from module import <first part of name>``, or
    ``import module`` where ``name`` is empty. ``typing_only`` names exist for the type checker
    alone (the source imports them under ``TYPE_CHECKING``). ``builtin`` names are not imported.
    """

    module: str
    name: str
    typing_only: bool = False
    builtin: bool = False


class Text(msgspec.Struct, frozen=True):
    """Python text with references in it: ``("dict[str, ", Ref(...), "]")``."""

    parts: tuple[str | Ref, ...]


THE_OBJECT = Ref("", "")
"""In the body of a condition: the object that it is given."""
EXCEPTION = Text((Ref("builtins", "BaseException", builtin=True),))
"""The type of what a callback under ``on_error`` takes."""
