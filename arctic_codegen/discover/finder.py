"""Which file does a module name refer to (R3)? By the import system's rules, without importing.

For each entry of a search path, in order: a folder of that name with an ``__init__`` file, then a
file of that name, extension modules before sources. Folders without ``__init__`` are portions of a
namespace package if no entry has a regular module. Built-in modules take precedence.
"""

from __future__ import annotations

import keyword
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from arctic_codegen.discover.interpreter import SearchPath
from arctic_codegen.discover.trees import Tree
from arctic_codegen.model.ownership import is_below

_SOURCE = ".py"
# Frozen modules precede the search path; their sources are in the standard library.
_FROZEN = frozenset(
    {"_collections_abc", "_sitebuiltins", "abc", "codecs", "genericpath", "importlib", "io"}
    | {"ntpath", "os", "posixpath", "runpy", "site", "stat", "zipimport"}
)


class Entry(msgspec.Struct, frozen=True):
    """A folder on the search path; ``installed`` folders do not belong to the project."""

    folder: str
    installed: bool


class Found(msgspec.Struct, frozen=True):
    """The result for a name. ``search`` are the folders with a package's modules."""

    kind: Literal["source", "namespace", "opaque", "missing"]
    path: str | None = None
    is_package: bool = False
    search: tuple[Entry, ...] = ()
    installed: bool = False


MISSING = Found("missing")


class Finder:
    """Finds modules in a tree. Each folder is listed once."""

    def __init__(self, tree: Tree, roots: Sequence[str], search: SearchPath) -> None:
        self.roots = tuple(os.path.normpath(root) for root in roots)
        self._tree = tree
        self._builtin = search.builtin_names
        self._suffixes: dict[str, Literal["source", "opaque"]] = {
            **dict.fromkeys(search.suffixes, "opaque"),
            _SOURCE: "source",
            ".pyc": "opaque",
        }
        """The suffixes of module files in order of precedence, with the kind of module of each."""
        self._editable = dict(search.editable)
        known = set(self.roots)
        own = [Entry(root, False) for root in self.roots]
        others = [Entry(folder, True) for folder in search.folders if folder not in known]
        self._entries = (*own, *others)
        self.installed_folders = tuple(entry.folder for entry in others)
        """The folders of the search path that are not import roots of the project."""
        self.folders = (*self.roots, *self.installed_folders)
        self._names: dict[str, frozenset[str]] = {}
        self._found: dict[str, Found] = {}

    def find(self, name: str) -> Found:
        """What the import system would find under a dotted name."""
        found = self._found.get(name)
        if found is None:
            found = self._find(name)
            if found.kind == "missing":
                found = self._hooked(name)
            self._found[name] = found
        return found

    def is_editable(self, name: str) -> bool:
        """Whether an editable install's import hook provides this name."""
        return name in self._editable

    def submodules(self, name: str) -> tuple[str, ...]:
        """Dotted names of the modules directly inside a package, sorted."""
        names: set[str] = set()
        for entry in self.find(name).search:
            for file in self._listing(entry.folder):
                module = self._module_of(entry.folder, file)
                if module is not None:
                    names.add(f"{name}.{module}")
        return tuple(sorted(names))

    def _find(self, name: str) -> Found:
        parent, _, tail = name.rpartition(".")
        if not tail or name.startswith(".") or "\0" in name:
            return MISSING
        if parent:
            return self._search(tail, self.find(parent).search)
        if tail in self._builtin:
            return Found("opaque", installed=True)
        if tail in _FROZEN:
            found = self._search(tail, [entry for entry in self._entries if entry.installed])
            return Found("opaque", installed=True) if found.kind == "missing" else found
        found = self._search(tail, self._entries)
        if found.kind == "missing" and self._is_unread_library(tail):
            return Found("opaque", installed=True)
        return found

    def _hooked(self, name: str) -> Found:
        """The module that an editable install's import hook finds, if the search path has none."""
        path = self._editable.get(name)
        if path is None:
            return MISSING
        folder, stem = os.path.split(path)
        found = self._package(path, True) or self._file(folder, stem, self._listing(folder), True)
        return found or MISSING

    def _search(self, tail: str, entries: Iterable[Entry]) -> Found:
        portions: list[Entry] = []
        for entry in entries:
            names = self._listing(entry.folder)
            if tail in names:
                folder = os.path.join(entry.folder, tail)
                found = self._package(folder, entry.installed)
                if found is not None:
                    return found
                if self._tree.is_dir(folder):
                    portions.append(Entry(folder, entry.installed))
            found = self._file(entry.folder, tail, names, entry.installed)
            if found is not None:
                return found
        if portions:
            installed = all(portion.installed for portion in portions)
            return Found("namespace", None, True, tuple(portions), installed)
        return MISSING

    def _package(self, folder: str, installed: bool) -> Found | None:
        """The package in a folder with an ``__init__`` file."""
        found = self._file(folder, "__init__", self._listing(folder), installed)
        if found is None:
            return None
        return msgspec.structs.replace(found, is_package=True, search=(Entry(folder, installed),))

    def _file(self, folder: str, stem: str, names: frozenset[str], installed: bool) -> Found | None:
        """The file of a module, if the folder has one."""
        for suffix, kind in self._suffixes.items():
            if stem + suffix in names:
                path = os.path.join(folder, stem + suffix)
                if self._tree.is_file(path):
                    return Found(kind, path, installed=installed)
        return None

    def _listing(self, folder: str) -> frozenset[str]:
        names = self._names.get(folder)
        if names is None:
            names = self._names[folder] = frozenset(self._tree.names(folder))
        return names

    def _module_of(self, folder: str, file: str) -> str | None:
        """The module that a file or folder with this name would be."""
        if "." in file:
            for suffix in self._suffixes:
                stem = file.removesuffix(suffix)
                if stem != file:
                    if stem == "__init__" or not stem.isidentifier():
                        return None
                    return stem
            return None
        if file == "__pycache__" or not file.isidentifier():
            return None
        path = os.path.join(folder, file)
        if not self._tree.is_dir(path):
            return None
        # Python treats a folder of data as a namespace package, but it is not meant as a module.
        return file if any(name.endswith(_SOURCE) for name in self._listing(path)) else None

    def _is_unread_library(self, name: str) -> bool:
        """Whether it is a module of a standard library that is stored in an archive."""
        if name not in sys.stdlib_module_names:
            return False
        return not any("os.py" in self._listing(entry.folder) for entry in self._entries)


def module_name(path: str, roots: Sequence[str]) -> str | None:
    """The name by which a file is imported; ``None`` if there is none (R2, R3).

    A file below two roots belongs to the longer one. Folders without ``__init__`` are namespace
    packages, so any path of identifiers under a root has a name.
    """
    root = root_of(path, roots)
    if root is None or not path.endswith(_SOURCE):
        return None
    parts = os.path.relpath(path, root).removesuffix(_SOURCE).split(os.sep)
    if parts[-1] == "__init__":
        parts.pop()
    if not parts or not all(map(is_importable, parts)):
        return None
    return ".".join(parts)


def root_of(path: str, roots: Sequence[str]) -> str | None:
    """The longest root that contains a path."""
    holding = [root for root in roots if is_below(path, root)]
    return max(holding, key=len, default=None)


def is_importable(name: str) -> bool:
    """Whether a part of a module name can be used in an ``import`` statement.

    Python looks up the normal form of a name, so another form is never found.
    """
    return name.isidentifier() and not keyword.iskeyword(name) and normal_form(name) == name


def normal_form(name: str) -> str:
    """The normal form of a name, which Python uses."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)
