"""A tree that writes down what it was asked, so that it can be told later whether it would say
the same again.

All that a build knows of the sources comes from its tree. If every answer is still the same, so
is the result.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

import msgspec

from arctic_codegen.discover.trees import DiskTree, Tree

Kind = Literal["read", "is_file", "is_dir", "names", "real_path"]
_T = TypeVar("_T")


class Answer(msgspec.Struct, frozen=True):
    """One question about a path, and a digest of the answer."""

    kind: Kind
    path: str
    digest: str


class RecordingTree:
    """Another tree, as it is, with a record."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._answers: dict[tuple[Kind, str], str] = {}
        self.last = ""
        """The digest of the last answer."""

    def answers(self) -> tuple[Answer, ...]:
        """All so far, each question once."""
        return tuple(Answer(kind, path, text) for (kind, path), text in self._answers.items())

    def read(self, path: str) -> bytes:
        return self._asked("read", path, self._tree.read)

    def is_file(self, path: str) -> bool:
        return self._asked("is_file", path, self._tree.is_file)

    def is_dir(self, path: str) -> bool:
        return self._asked("is_dir", path, self._tree.is_dir)

    def names(self, folder: str) -> tuple[str, ...]:
        return self._asked("names", folder, self._tree.names)

    def real_path(self, path: str) -> str:
        return self._asked("real_path", path, self._tree.real_path)

    def _asked(self, kind: Kind, path: str, ask: Callable[[str], _T]) -> _T:
        try:
            answer = ask(path)
        except OSError as error:
            self._note(kind, path, f"error {error.errno}")
            raise
        self._note(kind, path, answer)
        return answer

    def _note(self, kind: Kind, path: str, answer: object) -> None:
        self.last = self._answers[kind, path] = _digest(answer)


def still_the_same(answers: Iterable[Answer]) -> bool:
    """Whether the disk answers all of these questions as it did."""
    tree = RecordingTree(DiskTree())
    asking: dict[Kind, Callable[[str], object]] = {
        "read": tree.read,
        "is_file": tree.is_file,
        "is_dir": tree.is_dir,
        "names": tree.names,
        "real_path": tree.real_path,
    }
    for answer in answers:
        with contextlib.suppress(OSError):  # it is written down as well
            asking[answer.kind](answer.path)
        if tree.last != answer.digest:
            return False
    return True


def _digest(answer: object) -> str:
    data = answer if isinstance(answer, bytes) else repr(answer).encode(errors="surrogateescape")
    return hashlib.blake2b(data, digest_size=16).hexdigest()
