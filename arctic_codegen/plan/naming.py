"""Names for generated modules: one authority hands them out, so that no two can clash."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

from arctic_codegen.model.hosts import Text

_NEVER = frozenset({*keyword.kwlist, "annotations", "callbacks"})
"""Keywords, and what every generated module or class binds."""

_LOCAL = re.compile(r"result(_\d+)?")
"""Names that compiled methods keep for their own variables."""

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


class Names:
    """The names of one generated module, used ones and forbidden ones.

    ``fixed`` are those that cannot give way: compiled classes, and whatever is bound in their
    bodies, signatures and lambdas. A global name may be one of none of these, because any scope
    of the module can then read it.
    """

    def __init__(self, fixed: Iterable[str]) -> None:
        self._taken = {unicodedata.normalize("NFKC", name) for name in fixed} | _NEVER

    def pick(self, wanted: str) -> str:
        """A free name: the wanted one, the same with an underscore, or numbered."""
        # A class body mangles a name with two leading underscores, so none is ever handed out.
        wanted = unicodedata.normalize("NFKC", wanted)
        if wanted.startswith("__"):
            wanted = "_" + wanted.strip("_")
        private = wanted if wanted.startswith("_") else "_" + wanted
        private = private if private.strip("_") else "_name"
        for name in (wanted, private):
            if self._free(name):
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
    """A variable for a method with these parameters. No global of the module is called so."""
    taken = set(params)
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def snake(name: str) -> str:
    """``SFTTrainer`` as ``sft_trainer``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def identifiers(text: Text | str | None) -> list[str]:
    """Every word of a text that could be a name, references left out, in order."""
    parts = [] if text is None else [text] if isinstance(text, str) else text.parts
    written = (part for part in parts if isinstance(part, str))
    words = (word for part in written for word in re.findall(r"[^\W\d]\w*", part))
    return [unicodedata.normalize("NFKC", word) for word in words]
