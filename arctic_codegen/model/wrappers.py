"""The wrappers around a callback, and the named objects that generated code imports for it."""

from __future__ import annotations

from typing import Literal

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.text import Text


class FunctionReach(msgspec.Struct, frozen=True, tag=True):
    """A function or object that can be imported: ``from module import path``.

    ``items`` are subscripts to apply, as in ``init_cb[1]``.
    """

    module: str
    path: str
    items: tuple[int, ...] = ()


class ScriptReach(msgspec.Struct, frozen=True, tag=True):
    """A function of a module that imports the output: it is looked up at each call (R12)."""

    module: str
    path: str
    items: tuple[int, ...] = ()


class LiftedLambda(msgspec.Struct, frozen=True):
    """A lambda that can be copied into the generated module as a function (R29).

    ``params`` are its parameter names, the object first; ``body`` is its expression.
    """

    params: tuple[str, ...]
    body: Text
    inline: bool = False
    """Whether a condition's body can be inlined in a method: the class mangles no name in it."""


class Condition(msgspec.Struct, frozen=True):
    """The condition of a wrapper: a callable, or a path of attributes of the object (R56)."""

    shown: str
    """As written in the source."""
    place: Place
    """Where it is passed to the wrapper."""
    path: str = ""
    """``config.trace``; empty for a callable."""
    name: str = ""
    """Module and qualified name of a callable."""
    reach: FunctionReach | ScriptReach | None = None
    """How a callable with a name is accessed; others are taken from the wrapper object."""
    lifted: LiftedLambda | None = None
    function: Place | None = None
    """The place of the name in the ``def`` of a function of the project."""
    object_name: str = ""
    """The name of that function's first parameter."""
    annotated: bool = True
    lambda_number: int = 0
    """The position of a lambda among the conditions of its scope, from 1, for the proof."""


WrapperKind = Literal["rank_zero", "every", "optional", "when", "unless", "on_error", "always"]

Role = Literal["in order", "on_error", "always"]
"""When a callback runs: in the order of its event, on failure, or always (R58)."""
ROLES: tuple[Role, ...] = ("in order", "on_error", "always")
"""The callbacks of one event run in this order of roles."""


class WrapperTraits(msgspec.Struct, frozen=True):
    """What the build has to know about a kind of wrapper."""

    takes: Literal["callback", "condition", "number", "number and by"] = "callback"
    """What it takes: only a callback, or also another argument before it; ``by`` is a keyword."""
    role: Role = "in order"
    keeps_count: bool = False
    """Whether it keeps a number in an attribute of the object."""
    runs_first_call: bool = False
    """Whether a callback inside always runs on the first call, on the ranks that it is for."""
    rank_zero_only: bool = False
    """Whether a callback inside runs on rank 0 only, where it may fail without the others."""
    catches: bool = False
    """Whether training continues on a rank on which a callback inside fails."""

    @property
    def idempotent(self) -> bool:
        """Whether another one of the kind inside it changes nothing."""
        return self.rank_zero_only or self.catches


WRAPPERS: dict[WrapperKind, WrapperTraits] = {
    "rank_zero": WrapperTraits(runs_first_call=True, rank_zero_only=True),
    "optional": WrapperTraits(runs_first_call=True, catches=True),
    "every": WrapperTraits("number and by", keeps_count=True),
    "when": WrapperTraits("condition"),
    "unless": WrapperTraits("condition"),
    "on_error": WrapperTraits(role="on_error"),
    "always": WrapperTraits(role="always"),
}
"""The wrappers, which also have a function of this name in ``arctic_codegen.runtime.wrappers``."""


class Wrapper(msgspec.Struct, frozen=True):
    """One of this package's wrappers around a callback (R47, R56 to R58)."""

    kind: WrapperKind
    n: int | None = None
    condition: Condition | None = None
    """For ``every``, the path of its counter."""

    @property
    def traits(self) -> WrapperTraits:
        return WRAPPERS[self.kind]

    def __str__(self) -> str:
        return self._call(self.kind, ()) if self.n or self.condition else self.kind

    def around(self, text: str) -> str:
        """The call of the wrapper on ``text``, in source syntax."""
        return self._call(self.kind, (text,))

    def again(self, name: str, text: str, condition: str) -> str:
        """The same with another name for the wrapper, and another text for its condition."""
        return self._call(name, (text,), condition)

    def _call(self, name: str, text: tuple[str, ...], condition: str = "") -> str:
        number = () if self.n is None else (str(self.n),)
        if self.condition is None:
            given = (*number, *text)
        else:
            asked = condition or self.condition.shown
            given = (asked, *text) if self.n is None else (*number, *text, f"by={asked}")
        return f"{name}({', '.join(given)})"


def role_of(wrappers: tuple[Wrapper, ...]) -> Role:
    """The role of a callback, whichever of its wrappers determines it."""
    for wrapper in wrappers:
        if wrapper.traits.role != "in order":
            return wrapper.traits.role
    return "in order"


def around(wrappers: tuple[Wrapper, ...], text: str) -> str:
    """``text`` inside the wrappers, in source syntax."""
    for wrapper in reversed(wrappers):
        text = wrapper.around(text)
    return text
