"""Walks a tree for Python files: whole folders, and glob patterns."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator

from arctic_codegen._version import LOCK_NAME
from arctic_codegen.discover.trees import Tree
from arctic_codegen.files.regular import listing_error
from arctic_codegen.model.ownership import is_below

_LEFT_OUT = frozenset({"__pycache__", "node_modules"})
# Folders with one of these are environments with third-party packages, or the output of another
# build.
_OTHERS = frozenset({"pyvenv.cfg", "conda-meta", LOCK_NAME})
_MAGIC = re.compile(r"[*?[]")


def is_output(tree: Tree, folder: str) -> bool:
    """Whether a folder was written by a build."""
    return tree.is_file(os.path.join(folder, LOCK_NAME))


def is_pattern(text: str) -> bool:
    """Whether a source is a glob."""
    return _MAGIC.search(text) is not None


class Walker:
    """Walks through folders, skipping the output folder."""

    def __init__(self, tree: Tree, output: str) -> None:
        self._tree = tree
        self._output = os.path.normpath(output)
        self.unreadable: dict[str, str] = {}
        """Folders that cannot be listed, with the reasons."""

    def in_output(self, path: str) -> bool:
        """Whether a path is the output folder or inside it."""
        return path == self._output or is_below(path, self._output)

    def files(self, folder: str) -> tuple[str, ...]:
        """The Python files below a folder, sorted.

        Each real folder is visited once, so that cyclic links end. Folders that are not links are
        visited first, so that a file keeps the path in its own folder.
        """
        found: list[str] = []
        seen: set[str] = set()
        links: list[str] = []
        self._below(folder, self._tree.real_path(folder), seen, links, found)
        while links:
            links.sort(reverse=True)
            link = links.pop()
            self._below(link, self._tree.real_path(link), seen, links, found)
        return tuple(sorted(found))

    def _below(
        self, folder: str, real: str, seen: set[str], links: list[str], found: list[str]
    ) -> None:
        pending = [(folder, real)]
        while pending:
            folder, real = pending.pop()
            if real in seen:
                continue
            seen.add(real)
            for name in self._names(folder):
                path = os.path.join(folder, name)
                if name.endswith(".py") and not name.startswith("."):
                    if self._tree.is_file(path):
                        found.append(path)
                elif self._enters(path, name):
                    real_path = self._tree.real_path(path)
                    if real_path == os.path.join(real, name):
                        pending.append((path, real_path))
                    else:
                        links.append(path)

    def _names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder; records a folder that cannot be listed."""
        names = self._tree.names(folder)
        error = None if names else listing_error(folder)
        if error is not None:
            self.unreadable[folder] = error.strerror or str(error)
        return names

    def _enters(self, path: str, name: str) -> bool:
        """Whether a folder inside a source belongs to it."""
        if name.startswith(".") or name in _LEFT_OUT or not self._tree.is_dir(path):
            return False
        if self.in_output(path):
            return False
        return _OTHERS.isdisjoint(self._tree.names(path))

    def matches(self, pattern: str) -> tuple[str, ...]:
        """The files and folders that an absolute glob pattern matches, sorted.

        ``**`` matches any number of folders. ``*`` matches nothing that a walk skips.
        """
        drive, rest = os.path.splitdrive(pattern)
        parts = [part for part in rest.replace(os.sep, "/").split("/") if part]
        return tuple(sorted(set(self._match(drive + os.sep, parts, set()))))

    def _match(self, folder: str, parts: list[str], seen: set[tuple[str, int]]) -> Iterator[str]:
        """``seen`` are folders with the number of remaining parts: several ``**`` reach a folder in
        many ways."""
        if (folder, len(parts)) in seen:
            return
        seen.add((folder, len(parts)))
        if not parts:
            yield folder
            return
        part, rest = parts[0], parts[1:]
        if part == "**":
            yield from self._match(folder, rest, seen)
            for name in self._names(folder):
                path = os.path.join(folder, name)
                if self._enters(path, name) and not self._is_link(path):
                    yield from self._match(path, parts, seen)
        elif not is_pattern(part):
            path = os.path.join(folder, part)
            if self._tree.is_dir(path) or (not rest and self._tree.is_file(path)):
                yield from self._match(path, rest, seen)
        else:
            for name in self._names(folder):
                if not fnmatch.fnmatchcase(name, part):
                    continue
                if name.startswith(".") and not part.startswith("."):
                    continue
                path = os.path.join(folder, name)
                if self._enters(path, name) or (not rest and self._tree.is_file(path)):
                    yield from self._match(path, rest, seen)

    def _is_link(self, path: str) -> bool:
        folder = self._tree.real_path(os.path.dirname(path))
        return self._tree.real_path(path) != os.path.join(folder, os.path.basename(path))
