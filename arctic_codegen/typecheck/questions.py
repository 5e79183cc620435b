"""What a checker is asked, and what it answers, independent of the checker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.diagnostics.texts import read_from_disk

CheckerName = Literal["mypy", "pyright"]


class CheckedFile(msgspec.Struct, frozen=True, array_like=True):
    """A file to check: its absolute path, and the name that it is imported by."""

    path: str
    module: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which files are checked, and how they would be if the output were written now."""

    folder: str
    """Where the checker runs, so that it finds the project's own settings for it."""
    roots: tuple[str, ...]
    """Import roots."""
    sources: tuple[CheckedFile, ...]
    output: tuple[CheckedFile, ...]
    overlay: tuple[tuple[str, str | None], ...] = ()
    """Paths of files that are not as they would be written: the text, or ``None`` for a file that
    would be removed."""
    untyped: tuple[str, ...] = ()
    """Top-level packages that host classes come from: where they are not typed, the checker looks
    into them all the same."""
    python: str | None = None
    """The interpreter whose installed packages count; ``None`` for the running one."""
    cache: str | None = None
    """A folder for the checker's own cache; ``None`` for none."""


def reader(question: Question) -> Callable[[str], bytes | None]:
    """Reads files as they would be if the output were written."""
    texts = {path: text for path, text in question.overlay if text is not None}

    def read(path: str) -> bytes | None:
        text = texts.get(path)
        return read_from_disk(path) if text is None else text.encode("utf-8")

    return read


def character(line: str | None, units: int, encoding: str, size: int = 1) -> int:
    """The column, from 1, behind so many units of an encoding, each of ``size`` bytes."""
    if line is None or line.isascii():
        return units + 1
    return len(line.encode(encoding)[: units * size].decode(encoding, errors="ignore")) + 1


class CheckerMessage(msgspec.Struct, frozen=True):
    """One error of a checker. ``rule`` is the checker's own code for it, in its own words.

    ``place`` has columns in characters. ``more`` are the notes that go along with it.
    """

    place: Place
    text: str
    rule: str = ""
    more: tuple[str, ...] = ()


class CheckerFault(Exception):
    """The checker could not do its work, for a reason that its user can read."""


class Checker(Protocol):
    """One of the type checkers, started before it has anything to do."""

    name: CheckerName

    def ask(self, question: Question) -> None:
        """Has it begin on a question that :meth:`messages` will be asked for."""
        ...

    def messages(self, question: Question) -> Sequence[CheckerMessage]:
        """Every error in the files asked about; raises :class:`CheckerFault`."""
        ...

    def close(self) -> None:
        """Ends what was started."""
        ...
