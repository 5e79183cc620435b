"""Chooses all names inside generated modules, so that no two can clash."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

from arctic_codegen.model.text import Text

_NEVER = frozenset({*keyword.kwlist, "annotations", "callbacks"})
"""Keywords, and names that every generated module or class binds."""

_LOCAL = re.compile(r"(result|quotient|raised|late)(_\d+)?")
"""Names that are reserved for variables of compiled methods."""

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


class UniqueNames:
    """The used and forbidden names of one generated module.

    ``fixed`` are names that cannot change: compiled classes, and all names bound in their bodies,
    signatures and lambdas. A global name must differ from all of these, so that any scope of the
    module can read it.
    """

    def __init__(self, fixed: Iterable[str]) -> None:
        self._taken = {unicodedata.normalize("NFKC", name) for name in fixed} | _NEVER

    def pick(self, *wanted: str) -> str:
        """A free name, which is then in use: the first wanted one that is free, with or without an
        underscore, otherwise the last one with a number."""
        private = ""
        for one in wanted:
            # A class body mangles names with two leading underscores, so none is returned.
            one = unicodedata.normalize("NFKC", one)
            if one.startswith("__"):
                one = "_" + one.strip("_")
            private = one if one.startswith("_") else "_" + one
            private = private if private.strip("_") else "_name"
            name = next(filter(self._free, (one, private)), "")
            if name:
                break
        else:
            number = 2
            while not self._free(name := f"{private}_{number}"):
                number += 1
        self._taken.add(name)
        return name

    def _free(self, name: str) -> bool:
        return (
            name not in self._taken
            and name not in _BUILTINS
            and not _LOCAL.fullmatch(name)
            and bool(name.strip("_"))
        )


def local(wanted: str, params: Iterable[str]) -> str:
    """The name of a local variable for a method with these parameters. It shadows no global."""
    taken = set(params)
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


_WORD_STARTS = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z])(?![B-Z][A-Z][a-z])|(?<=[A-Z])(?<!^[B-Z])(?<!_[B-Z])(?=[A-Z][a-z])"
)
"""A single capital other than ``A`` is not a word: ``NaN|Guard``, ``MLflow|Logger``."""


def snake(name: str) -> str:
    """``SFTTrainer`` as ``sft_trainer``, ``NaNGuard`` as ``nan_guard``."""
    return _WORD_STARTS.sub("_", name).lower()


def already_named_by(name: str, dotted: str) -> bool:
    """Whether a name of the module consists of the last words of a dotted name, and therefore
    identifies it."""
    words = [word.strip("_") for word in _words(dotted)]
    own = snake(name.replace(".", "_").strip("_"))
    return any(own == snake("_".join(words[-count:])) for count in (1, 2, 3))


def called_after(dotted: str) -> str:
    """A name for the callable with this dotted name; empty for a lambda."""
    words = _words(dotted)
    if words[-1] in _GENERIC_NAMES and words[-2:-1] == ["<locals>"]:
        words = words[:-2]  # the function that creates it has a better name
    last = words[-1].strip("_")
    if last.startswith(("pre_", "post_")) and words[-2:][0][:1].isupper():
        return f"_{snake(words[-2])}_{last}"  # a method of a `Callback`, which names its event
    return (
        f"_{snake(last) if dotted.endswith('.__call__') else last}" if last.isidentifier() else ""
    )


_GENERIC_NAMES = frozenset(
    {"<lambda>", "callback", "decorated", "fn", "func", "function", "inner", "wrapped", "wrapper"}
)
"""Generic names of functions that other functions create."""


def _words(dotted: str) -> list[str]:
    return dotted.removesuffix(".__call__").split(".")


def identifiers(text: Text | str | None) -> list[str]:
    """Every word of a text that may be a name, in order, without references."""
    parts = [] if text is None else [text] if isinstance(text, str) else text.parts
    written = (part for part in parts if isinstance(part, str))
    words = (word for part in written for word in re.findall(r"[^\W\d]\w*", part))
    return [unicodedata.normalize("NFKC", word) for word in words]
