"""Where files are read from. No other module opens a source file.

A tree answers questions about paths as the operating system would, so that the stages work the
same on disk, in memory, and on a revision of a git repository.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Protocol

from arctic_codegen.files.regular import kind_of, names_in, read_regular


class Tree(Protocol):
    """Files and folders by absolute path."""

    def read(self, path: str) -> bytes:
        """The bytes of a regular file; ``OSError`` if it cannot be read or is not one."""
        ...

    def is_file(self, path: str) -> bool:
        """Whether there is a regular file at the path; links are followed."""
        ...

    def is_dir(self, path: str) -> bool:
        """Whether there is a folder at the path; links are followed."""
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder, sorted; empty if it is not a folder or cannot be listed."""
        ...

    def real_path(self, path: str) -> str:
        """The path with links resolved, by which a walk detects cycles."""
        ...


def is_disk(tree: Tree) -> bool:
    """Whether another process would read the same bytes from the same paths."""
    return getattr(tree, "is_disk", False) is True


class DiskTree:
    """The file system."""

    is_disk = True

    def read(self, path: str) -> bytes:
        return read_regular(path)

    def is_file(self, path: str) -> bool:
        return kind_of(path) == stat.S_IFREG

    def is_dir(self, path: str) -> bool:
        return kind_of(path) == stat.S_IFDIR

    def names(self, folder: str) -> tuple[str, ...]:
        return names_in(folder)

    def real_path(self, path: str) -> str:
        try:
            return os.path.realpath(path)
        except OSError:  # a link that was removed meanwhile
            return os.path.abspath(path)


class SnapshotTree:
    """A tree whose files keep the content of their first read.

    This ensures that edits apply to the examined text, even if others write meanwhile.
    """

    def __init__(self, tree: Tree) -> None:
        self.read = cache(tree.read)
        self.is_file = tree.is_file
        self.is_dir = tree.is_dir
        self.names = tree.names
        self.real_path = tree.real_path


def folders_of(paths: Iterable[str]) -> dict[str, set[str]]:
    """The folders that contain these files, and their parents, each with its names."""
    found: dict[str, set[str]] = {}
    for path in paths:
        folder, name = os.path.split(path)
        while name and name not in found.setdefault(folder, set()):
            found[folder].add(name)
            folder, name = os.path.split(folder)
    return found


class MemoryTree:
    """Files in memory, layered over another tree (or nothing)."""

    def __init__(self, files: Mapping[str, bytes | str], below: Tree | None = None) -> None:
        self._files = {
            os.path.normpath(path): data.encode("utf-8") if isinstance(data, str) else data
            for path, data in files.items()
        }
        self._below = below
        self._folders = folders_of(self._files)

    def read(self, path: str) -> bytes:
        data = self._files.get(os.path.normpath(path))
        if data is not None:
            return data
        if self._below is None:
            raise FileNotFoundError(f"no such file: '{path}'")
        return self._below.read(path)

    def is_file(self, path: str) -> bool:
        path = os.path.normpath(path)
        return path in self._files or (self._below is not None and self._below.is_file(path))

    def is_dir(self, path: str) -> bool:
        path = os.path.normpath(path)
        if path in self._files:
            return False
        return path in self._folders or (self._below is not None and self._below.is_dir(path))

    def names(self, folder: str) -> tuple[str, ...]:
        folder = os.path.normpath(folder)
        own = self._folders.get(folder, set())
        below = self._below.names(folder) if self._below is not None else ()
        return tuple(sorted(own.union(below)))

    def real_path(self, path: str) -> str:
        path = os.path.normpath(path)
        if path in self._files or path in self._folders or self._below is None:
            return path
        return self._below.real_path(path)
