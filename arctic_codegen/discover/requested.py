"""From ``sources`` to the modules that a run compiles (R2, R3)."""

from __future__ import annotations

import os
import re
import sys

import msgspec

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Span, sort_findings
from arctic_codegen.discover.finder import Finder, is_importable, module_name, normal_form, root_of
from arctic_codegen.discover.trees import Tree
from arctic_codegen.discover.walk import Walker, is_output, is_pattern
from arctic_codegen.frameworks.table import PACKAGES
from arctic_codegen.model.settings import Settings, output_package

# A file that cannot be imported and mentions none of these has nothing to compile.
_OF_INTEREST = re.compile("|".join(["callback", *sorted(PACKAGES)]).encode())
_FIRST = Span(1, 1, 1, 1)


class Requested(msgspec.Struct, frozen=True):
    """The modules to compile, sorted, and the findings about the sources."""

    modules: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def requested_modules(tree: Tree, finder: Finder, settings: Settings) -> Requested:
    """The modules that ``settings.sources`` name."""
    search = _Search(tree, finder, settings)
    places = settings.source_places or (None,) * len(settings.sources)
    for source, place in zip(settings.sources, places, strict=True):
        search.take(source, place)
    search.check_folders()
    search.check_names()
    search.check_output()
    return Requested(tuple(sorted(search.paths)), sort_findings(search.findings))


class _Search:
    """Collects the modules of the sources. ``paths`` has the files of each module."""

    def __init__(self, tree: Tree, finder: Finder, settings: Settings) -> None:
        self.paths: dict[str, set[str]] = {}
        self.findings: list[Finding] = []
        self._guesses = 0
        self._tree = tree
        self._finder = finder
        self._settings = settings
        self._walker = Walker(tree, settings.output)

    def take(self, source: str, place: Place | None) -> None:
        """Add the modules of one source."""
        path = os.path.normpath(os.path.join(self._settings.root, source))
        if self._walker.in_output(path):
            self._report(message("AC011", "in-output", source=source), place)
        elif self._tree.is_file(path):
            self._take_file(source, path, place)
        elif self._tree.is_dir(path):
            self._take_folder(source, path, place)
        elif is_pattern(source):
            self._take_pattern(source, path, place)
        elif not self._take_module(source, place):
            self._report_missing(source, path, place)

    def _take_file(self, source: str, path: str, place: Place | None) -> None:
        if not path.endswith(".py"):
            self._report(
                message(
                    "AC011",
                    "notebook" if path.endswith(".ipynb") else "not-python",
                    source=self._shown(source),
                ),
                place,
            )
        elif not self._add(path):
            self.findings.append(self._outside(path, place))

    def _take_folder(self, source: str, path: str, place: Place | None) -> None:
        files = self._walker.files(path)
        if not files:
            if path not in self._walker.unreadable:
                self._report(message("AC011", "empty-folder", source=source), place)
        elif all(self._name(file) is None for file in files):
            # Report one finding for the folder, not one for each of its files.
            importable = self._name(os.path.join(path, "__init__.py")) is not None
            self.findings.append(self._outside(files[0] if importable else path, place))
        else:
            self._take_files(files)

    def _take_pattern(self, source: str, pattern: str, place: Place | None) -> None:
        files: set[str] = set()
        for path in self._walker.matches(pattern):
            if self._tree.is_dir(path):
                files.update(self._walker.files(path))
            elif path.endswith(".py") and not self._walker.in_output(path):
                files.add(path)
        if files:
            self._take_files(sorted(files))
        else:
            self._report(message("AC011", "empty-pattern", source=source), place)

    def _take_files(self, files: list[str] | tuple[str, ...]) -> None:
        outside = [one for one in files if not self._add(one) and self._is_of_interest(one)]
        homeless = [one for one in outside if root_of(one, self._finder.roots) is None]
        for file in outside:
            if file not in homeless[1:]:
                more = len(homeless) - 1 if file in homeless[:1] else 0
                self.findings.append(self._outside(file, Place(file, _FIRST), more))

    def _take_module(self, source: str, place: Place | None) -> bool:
        """Add a module by its dotted name, or a package with everything in it."""
        if not all(map(is_importable, source.split("."))):
            return False
        found = self._finder.find(source)
        if found.kind == "missing":
            return False
        if found.kind == "opaque" and not found.is_package:
            self._report(message("AC011", "no-source", source=source), place)
            return True
        if found.kind == "source" and found.path is not None:
            self.paths.setdefault(source, set()).add(found.path)
        for entry in found.search:
            for file in self._walker.files(entry.folder):
                parts = os.path.relpath(file, entry.folder).removesuffix(".py").split(os.sep)
                if parts[-1] == "__init__":
                    parts.pop()
                if all(map(is_importable, parts)):
                    name = ".".join((source, *parts))
                    if self._finder.find(name).path == file:
                        self.paths.setdefault(name, set()).add(file)
        return True

    def _add(self, path: str) -> bool:
        name = self._name(path)
        if name is not None:
            self.paths.setdefault(name, set()).add(path)
        return name is not None

    def _name(self, path: str) -> str | None:
        """A file's module name, by the import roots, otherwise by the folders of packages."""
        roots = self._finder.roots
        return module_name(path, roots) or module_name(path, self._finder.installed_folders)

    def _is_of_interest(self, path: str) -> bool:
        try:
            return _OF_INTEREST.search(self._tree.read(path)) is not None
        except OSError:
            return True

    def check_folders(self) -> None:
        """Report folders that cannot be listed: the output of their modules must not be removed."""
        for folder, reason in self._walker.unreadable.items():
            self._report(message("AC002", "folder", reason=reason), Place(folder, _FIRST))

    def check_names(self) -> None:
        """Report module names that refer to another file than the one they were derived from."""
        for name, paths in self.paths.items():
            found = self._finder.find(name)
            # Python prefers a package to a module with the same name, whatever the order of paths.
            first, *others = sorted(paths, key=lambda path: (path != found.path, path))
            for other in others:
                self.findings.append(_clash(name, other, first))
            if others or found.path == first:
                continue
            if found.path is not None and found.kind == "source":
                self.findings.append(_clash(name, first, found.path))
            else:
                self._report_shadowed(name, first)

    def check_output(self) -> None:
        """Report a module with the name of the output: one would be imported instead of the
        other."""
        package = output_package(self._settings)
        if package is None:
            return
        output = os.path.normpath(self._settings.output)
        for root in self._settings.src:
            base = os.path.join(os.path.normpath(root), *package.split("."))
            candidates = [f"{base}.py"]
            if base != output and not is_output(self._tree, base):
                candidates.append(os.path.join(base, "__init__.py"))
            for path in filter(self._tree.is_file, candidates):
                found = message("AC014", "name-of-output", name=package)
                self._report(found, Place(path, _FIRST))

    def _report_shadowed(self, name: str, path: str) -> None:
        outer = name
        while "." in outer and self._finder.find(outer).kind == "missing":
            outer = outer.rpartition(".")[0]
        by = self._finder.find(outer).path
        found = message("AC012", "shadowed-by-python", name=name, outer=outer)
        if by:
            found = message("AC012", "shadowed", name=name, outer=outer, file=by)
        self._report(found, Place(path, _FIRST))

    def _outside(self, path: str, place: Place | None, more: int = 0) -> Finding:
        """AC012: why a file or folder, and ``more`` similar files, have no module name."""
        shown = self._shown(path)
        here = place or Place(path, _FIRST)
        root = root_of(path, self._finder.roots)
        if root is None:
            if not more:
                return message("AC012", "outside-roots", path=shown).at(here)
            files = "1 more file" if more == 1 else f"{more} more files"
            return message("AC012", "outside-roots-several", path=shown, files=files).at(here)
        parts = os.path.relpath(path, root).removesuffix(".py").split(os.sep)
        bad = [part for part in parts if not is_importable(part) and part != "__init__"]
        if not bad:
            return message("AC012", "root-is-package", path=shown).at(here)
        part = bad[-1]
        if part.isidentifier() and (normal := normal_form(part)) != part:
            found = message("AC012", "read-otherwise", path=shown, part=part, normal=normal)
        else:
            found = message("AC012", "not-a-name", path=shown, part=part)
        return found.at(here)

    def _shown(self, path: str) -> str:
        """A path for messages: relative to the project if it is inside."""
        root = self._settings.root.rstrip(os.sep) + os.sep
        return path.removeprefix(root)

    def _report(self, problem: Message, place: Place | None) -> None:
        self.findings.append(problem.at(place))

    def _report_missing(self, source: str, path: str, place: Place | None) -> None:
        self._guesses += 1
        near = self._near(source, path) if self._guesses <= suggest.MOST_GUESSES else None
        shown = self._shown(source)
        found = message("AC011", "not-found", source=shown)
        if near:
            found = message("AC011", "did-you-mean", source=shown, meant=near)
        self._report(found, place)

    def _near(self, source: str, path: str) -> str | None:
        """A suggestion: a module, or a file in the same folder."""
        parent, _, tail = source.rpartition(".")
        if parent and self._finder.find(parent).kind != "missing":
            modules = {one.rpartition(".")[2]: one for one in self._finder.submodules(parent)}
            for near in suggest.close(tail, modules, most=1):
                return modules[near]
        folder, name = os.path.split(path)
        names = [
            one
            for one in self._tree.names(folder)
            if one.endswith(".py") or self._tree.is_dir(os.path.join(folder, one))
        ]
        exact = [f"{name}.py"] if f"{name}.py" in names else suggest.close(name, names, most=1)
        if exact:
            return source.removesuffix(name) + exact[0]
        folders = self._finder.installed_folders
        installed = {one.removesuffix(".py") for each in folders for one in self._tree.names(each)}
        known = filter(str.isidentifier, installed - sys.stdlib_module_names)
        # There are hundreds: one of them is always a little similar.
        return next(iter(suggest.close(source, known, most=1, cutoff=0.8)), None)


def _clash(name: str, path: str, other: str) -> Finding:
    first = message("AC014", "found-first", name=name).note(Place(other, _FIRST))
    return message("AC014", "two-files", name=name).at(Place(path, _FIRST), first)
