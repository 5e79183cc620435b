"""What does a module declare? Each module is found, read and scanned once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.build.cache.scans_and_texts import ResultCache
from arctic_codegen.build.workers import early
from arctic_codegen.build.workers.pool import Workers, begin
from arctic_codegen.build.workers.worker import FINDING
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.discover import interpreter
from arctic_codegen.discover.finder import Finder, Found
from arctic_codegen.discover.interpreter import SearchPath
from arctic_codegen.discover.trees import Tree
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.model.output import has_header
from arctic_codegen.model.settings import Settings, is_in_output, output_package
from arctic_codegen.model.source import Module, Skimmed, SourceFile
from arctic_codegen.scan import syntax_of

if TYPE_CHECKING:
    import ast

ENOUGH = 300_000
"""With fewer bytes to parse, starting workers does not pay off."""

_LARGE = 10
"""A file is large if it has more than this fraction (one in ...) of all bytes to parse."""


class FileLoader:
    """The :class:`arctic_codegen.model.source.Loader` for a tree.

    ``whole`` means that its files are whole modules, which Python's compiler can check as well;
    the cells of a notebook or the body of a function are not.
    """

    def __init__(
        self,
        tree: Tree,
        settings: Settings,
        *,
        search: SearchPath | None = None,
        whole: bool = True,
        kept: ResultCache[ModuleDecls] | None = None,
    ) -> None:
        self.tree = tree
        self.kept = kept
        """The cache of scanned files; new scans are added."""
        self.parsed = 0
        self.reading: str | None = None
        """The file that was requested last, or the name of its module if it has none."""
        self.sources: frozenset[str] = frozenset()
        """The modules of the sources."""
        self.problem: Finding | None = None
        """Why the interpreter of the setting ``python`` cannot be used; if set, the running
        interpreter is used instead."""
        self.finder = Finder(tree, settings.src, search or self._search_path(settings))
        self._output = output_package(settings)
        self._whole = whole
        self._modules: dict[str, Module] = {}
        self._files: dict[str, SourceFile | Finding] = {}
        self._scanned: dict[str, ModuleDecls | Finding] = {}
        self._workers: Workers | None = None
        self._decoder = msgspec.msgpack.Decoder(ModuleDecls)

    def _search_path(self, settings: Settings) -> SearchPath:
        if settings.python is None:
            return interpreter.own_search_path(self.tree)
        try:
            return interpreter.search_path_of(settings.python, self.tree)
        except interpreter.InterpreterProblem as problem:
            failed = message("AC010", "interpreter-fails", reason=problem)
            self.problem = failed.at(settings.python_place)
            return interpreter.own_search_path(self.tree)

    def module(self, name: str) -> Module:
        """The module with this dotted name; of kind ``missing`` if there is none."""
        self.reading = self.finder.find(name).path or name
        module = self._modules.get(name)
        if module is None:
            module = self._modules[name] = self._load(name)
        return module

    def skim(self, name: str) -> Skimmed | None:
        """The file of an installed module, without scanning it; ``None`` for other modules.

        Files of the project are always scanned: their mistakes are reported.
        """
        found = self.finder.find(name)
        file = self.file(name) if found.installed else None
        return None if file is None else Skimmed(file.data, found.is_package)

    def skim_own(self, name: str) -> Skimmed | None:
        """The file of a module of the sources, without scanning it; ``None`` for other modules."""
        file = self.file(name) if name in self.sources else None
        return None if file is None else Skimmed(file.data, self.finder.find(name).is_package)

    def file(self, name: str) -> SourceFile | None:
        """The file of a module, without scanning it; ``None`` if it has no readable file."""
        found = self.finder.find(name)
        if found.kind != "source" or found.path is None:
            return None
        file = self.read(found.path)
        return file if isinstance(file, SourceFile) else None

    def syntax(self, name: str) -> ast.Module | None:
        """Python's own syntax tree of a module; ``None`` if the running Python cannot parse it."""
        file = self.file(name)
        return None if file is None else syntax_of(file.data)

    def submodules(self, name: str) -> tuple[str, ...]:
        """Dotted names of the modules directly inside a package, sorted."""
        return self.finder.submodules(name)

    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many files were read, parsed and found in the cache, with labels for display."""
        return (
            ("files read", len(self._files)),
            ("files parsed", self.parsed),
            ("files found in the cache", 0 if self.kept is None else self.kept.found),
        )

    def loaded(self) -> tuple[Module, ...]:
        """Every module that was requested so far, sorted by name."""
        return tuple(self._modules[name] for name in sorted(self._modules))

    def _load(self, name: str) -> Module:
        found = self.finder.find(name)
        if self._is_output(name, found):
            return Module(name, "opaque", found.is_package)
        if found.kind != "source" or found.path is None:
            return Module(name, found.kind, found.is_package, installed=found.installed)
        file = self.read(found.path)
        if isinstance(file, Finding):
            return Module(name, "source", found.is_package, failure=file, installed=found.installed)
        decls = self._scanned.get(file.path)
        if decls is None:
            decls = self._scanned[file.path] = self._scan(file)
        return Module(
            name,
            "source",
            found.is_package,
            file,
            None if isinstance(decls, Finding) else decls,
            decls if isinstance(decls, Finding) else None,
            found.installed,
        )

    def _is_output(self, name: str, found: Found) -> bool:
        """Whether a module belongs to the output: its meaning in sources does not depend on whether
        a build has written it, and it is never read (R32)."""
        if not is_in_output(name, self._output):
            return False
        if found.kind != "source" or found.path is None:
            return found.kind == "missing"
        file = self.read(found.path)
        return isinstance(file, SourceFile) and has_header(file.data)

    def read_ahead(self, names: Iterable[str]) -> bool:
        """Let workers scan the files of these modules, if this saves enough time; returns whether
        there are workers.

        The result is the same as if each file were scanned on demand.
        """
        if not self._whole:
            return False
        new: dict[str, SourceFile] = {}
        for name in names:
            file = self.file(name)
            if file is None or file.path in self._scanned:
                continue
            if self._workers is not None and self._workers.has(file.path):
                continue
            known = self.scanned_before(file.digest)
            if known is not None:
                self._scanned[file.path] = known
            else:
                new[file.path] = file
        if self._workers is None:
            self._workers = early.take()
        if self._workers is None and sum(len(file.data) for file in new.values()) >= ENOUGH:
            self._workers = begin()
        if self._workers is not None:
            # Large files come first, so that both workers finish at about the same time; the others
            # are in the order in which they will be needed.
            large = sum(len(file.data) for file in new.values()) / _LARGE
            ordered = sorted(new.values(), key=lambda file: min(0, large - len(file.data)))
            files = [(file.path, file.data) for file in ordered]
            self._workers.add(files, pack=self.kept is not None)
        return self._workers is not None

    def dismiss_workers(self) -> None:
        """Tell the workers that no more files will come. A file that is requested later is scanned
        in this process."""
        if self._workers is not None:
            self._workers.dismiss()

    def end_workers(self) -> None:
        """Wait until the workers have ended."""
        if self._workers is not None:
            self._workers.end()

    def scanned_before(self, digest: str) -> ModuleDecls | None:
        """The cached scan of a file with this digest."""
        return self.kept.get(bytes.fromhex(digest)) if self.kept is not None and digest else None

    def _scan(self, file: SourceFile) -> ModuleDecls | Finding:
        known = self.scanned_before(file.digest)
        if known is not None:
            return known
        self.parsed += 1
        found = self._scan_in_worker(file)
        if found is not None:
            return found
        from arctic_codegen.scan import scan  # loads libcst, which takes a tenth of a second

        decls = scan(file.data, file.path, compiles=self._whole)
        if self.kept is not None and isinstance(decls, ModuleDecls):
            self.kept.add(bytes.fromhex(file.digest), decls)
        return decls

    def _scan_in_worker(self, file: SourceFile) -> ModuleDecls | Finding | None:
        """The result of a worker for a file; ``None`` if there is none."""
        workers = self._workers
        if workers is None or not workers.works or not self._whole:
            return None
        if not workers.has(file.path):
            workers.add([(file.path, file.data)], pack=self.kept is not None)
        reply = workers.result(file.path)
        if reply is None:
            return None
        try:
            if reply.kind == FINDING:
                return msgspec.msgpack.decode(reply.data, type=Finding)
            decls = self._decoder.decode(reply.data)
        except (msgspec.MsgspecError, ValueError):
            return None
        if self.kept is not None:
            self.kept.add_packed(bytes.fromhex(file.digest), reply.kept)
        return decls

    def read(self, path: str) -> SourceFile | Finding:
        """The bytes and the digest of a file, or the finding that it cannot be read."""
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = self._read(path)
        return file

    def _read(self, path: str) -> SourceFile | Finding:
        try:
            data = self.tree.read(path)
        except OSError as error:
            unreadable = message("AC002", "unreadable", reason=error.strerror or error)
            return unreadable.at(Place(path, Span(1, 1, 1, 1)))
        return SourceFile(path, data, hashlib.sha256(data).hexdigest())
