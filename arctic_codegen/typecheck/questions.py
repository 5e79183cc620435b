"""What a checker is asked, and what it answers, independent of the checker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.diagnostics.texts import read_from_disk

CheckerName = Literal["mypy", "pyright"]


class CheckedFile(msgspec.Struct, frozen=True, array_like=True):
    """A file to check: its absolute path, and the module name that it is imported by."""

    path: str
    module: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """The files to check, with the contents that they would have after a build."""

    folder: str
    """The folder to run the checker in, so that it finds the project's settings for it."""
    roots: tuple[str, ...]
    """Import roots."""
    sources: tuple[CheckedFile, ...]
    output: tuple[CheckedFile, ...]
    overlay: tuple[tuple[str, str | None], ...] = ()
    """Files whose content on disk differs from that after a build: path and text, or ``None`` for a
    file to be removed."""
    untyped: tuple[str, ...] = ()
    """Top-level packages of host classes, which the checker analyses even if they are not
    typed."""
    python: str | None = None
    """The interpreter whose installed packages are used; ``None`` for the running one."""
    cache: str | None = None
    """A folder for the checker's own cache; ``None`` for none."""


def reader(question: Question) -> Callable[[str], bytes | None]:
    """A function that reads files with the content that they would have after a build."""
    texts = {path: text for path, text in question.overlay if text is not None}

    def read(path: str) -> bytes | None:
        text = texts.get(path)
        return read_from_disk(path) if text is None else text.encode("utf-8")

    return read


def character(line: str | None, units: int, encoding: str, size: int = 1) -> int:
    """The column, from 1, after a number of code units of an encoding, each of ``size`` bytes."""
    if line is None or line.isascii():
        return units + 1
    return len(line.encode(encoding)[: units * size].decode(encoding, errors="ignore")) + 1


class CheckerMessage(msgspec.Struct, frozen=True):
    """One error of a checker. ``rule`` is the checker's own code for it.

    ``place`` has columns in characters. ``more`` are the notes that belong to it.
    """

    place: Place
    text: str
    rule: str = ""
    more: tuple[str, ...] = ()


class CheckerFault(Exception):
    """The checker failed, with a reason for the user."""


class Checker(Protocol):
    """A type checker, which is started before its input is ready."""

    name: CheckerName

    def ask(self, question: Question) -> None:
        """Start to work on a question that will be passed to :meth:`messages`."""
        ...

    def messages(self, question: Question) -> Sequence[CheckerMessage]:
        """All errors in the files of the question; raises :class:`CheckerFault`."""
        ...

    def close(self) -> None:
        """Stop the checker's process."""
        ...
