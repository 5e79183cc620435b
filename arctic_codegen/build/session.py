"""The state of one run of the passes: findings, timings, and caches."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.build.cache.folder import cache_folder
from arctic_codegen.build.cache.scans_and_texts import scan_cache, text_cache
from arctic_codegen.build.loader import FileLoader
from arctic_codegen.build.lock_file import Fingerprints
from arctic_codegen.build.relevance import Chosen, Relevance
from arctic_codegen.build.write import compiled_classes
from arctic_codegen.diagnostics.codes import fails
from arctic_codegen.diagnostics.faults import InternalFault, NeedsFullBuild, WrongUse
from arctic_codegen.diagnostics.records import Finding, sort_findings
from arctic_codegen.diagnostics.silence import Silencer
from arctic_codegen.discover.interpreter import advice
from arctic_codegen.discover.requested import requested_modules
from arctic_codegen.discover.trees import Tree
from arctic_codegen.model.decls import IgnoreComment
from arctic_codegen.model.output import PreviousOutput
from arctic_codegen.model.progress import Progress
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import SourceFile

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.trees import SyntaxTree

_READABLE = ("source", "namespace")


class Session:
    """What goes along with the passes: findings, times, and what is kept."""

    def __init__(self, settings: Settings, tree: Tree, progress: Progress) -> None:
        self.settings = settings
        self.requested: tuple[str, ...] = ()
        """The modules of the sources, sorted."""
        self.relevant: tuple[str, ...] = ()
        """Those of them that can matter, sorted."""
        self.chosen: Chosen | None = None
        """What made them matter, once that is known."""
        self.known_choice: Chosen | None = None
        """The choice of the last build, where it still does."""
        self.fingerprints: Fingerprints = {}
        """Those that are known: the last build's, and then this one's."""
        self.checks_types = False
        """Types are checked in the end: what ignore comments are of use is known only then."""
        self.timings: list[tuple[str, float]] = []
        self._tree = tree
        self._progress = progress
        self._findings: list[Finding] = []
        self._silencer = Silencer(settings)
        self.known_comments: dict[str, tuple[IgnoreComment, ...]] = {}
        """The ignore comments of files that need not be read, since they are as they were."""
        folder = cache_folder(settings)
        self._trees: dict[str, SyntaxTree | None] = {}
        self._scans = None if folder is None else scan_cache(folder)
        self.texts = None if folder is None else text_cache(folder)
        self.loader = FileLoader(tree, settings, kept=self._scans)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times a pass, and says of an exception where it came from."""
        self._progress(f"{name} ...")
        started = time.perf_counter()
        try:
            yield
        except (WrongUse, InternalFault, NeedsFullBuild):
            raise
        except Exception as error:
            raise InternalFault(error, name, self.loader.reading) from error
        finally:
            self.timings.append((name, time.perf_counter() - started))

    def keep(self) -> None:
        """Keeps what was parsed and written for other runs."""
        for cache in (self._scans, self.texts):
            if cache is not None:
                cache.save()
        self.loader.end_workers()

    def add_sources(self, also: Sequence[str]) -> None:
        """Takes up the modules that targets of the command line name, where they exist."""
        settings = self.settings
        more = tuple(
            name
            for name in also
            if name not in settings.sources and self.loader.finder.find(name).kind in _READABLE
        )
        places = settings.source_places and (*settings.source_places, *(None for _ in more))
        self.settings = msgspec.structs.replace(
            settings, sources=(*settings.sources, *more), source_places=places
        )

    def find(self) -> tuple[Finding, ...]:
        """Finds the modules of the sources; what is wrong with that is reported, and given."""
        found = requested_modules(self.loader.tree, self.loader.finder, self.settings)
        self.requested = found.modules
        problem = self.loader.problem
        return self.report([*([] if problem is None else [problem]), *found.findings])

    def choose(self, meanwhile: Callable[[], None] | None = None) -> None:
        """Finds which of the modules can matter, and has those scanned. ``meanwhile`` is done
        while other processes do that."""
        anew: Relevance | None = None
        if self.known_choice is None:
            anew = Relevance(
                {name: self.loader.file(name) for name in self.requested},
                self.loader.finder,
                self._tree,
                self.settings,
                self.loader.read_ahead,
            )
        self.loader.sources = frozenset(self.requested)
        chosen = self.known_choice if anew is None else anew.chosen()
        assert chosen is not None
        if self.loader.read_ahead(chosen.relevant):
            if anew is not None:
                self.loader.read_ahead(anew.likely())
            if meanwhile is not None:
                meanwhile()
        if anew is not None:
            anew.with_mistakes()
            chosen = anew.chosen()
        self.chosen, self.relevant = chosen, chosen.relevant

    def previous_output(self, *, with_classes: bool) -> PreviousOutput:
        """What must not be lost by accident; the classes that are compiled where asked for."""
        settings = self.settings
        classes = compiled_classes(settings.output) if with_classes else {}
        return PreviousOutput(
            settings.python or sys.executable,
            advice(settings.root, settings.python),
            {
                module: {name: os.path.relpath(path, settings.root) for name, path in found.items()}
                for module, found in classes.items()
            },
        )

    def counts(self) -> tuple[tuple[str, int], ...]:
        """What has been done with files, for a person to read."""
        skipped: set[str] = set()
        if self.chosen is not None:
            asked_for = (module.name for module in self.loader.loaded())
            skipped = set(self.requested).difference(self.relevant, asked_for)
        return (("files skipped", len(skipped)), *self.loader.counts())

    def digest_of_body(self, module: str, qualname: str) -> str:
        """A digest of what a function does, as the checks of callbacks read it."""
        from arctic_codegen.resolve.names.trees import SyntaxTree

        if module not in self._trees:
            parsed = self.loader.syntax(module)
            self._trees[module] = None if parsed is None else SyntaxTree(parsed)
        tree = self._trees[module]
        return "" if tree is None else tree.digest(qualname)

    # Findings.

    @property
    def comments(self) -> dict[str, tuple[IgnoreComment, ...]]:
        """The ignore comments of each file."""
        found = dict(self.known_comments)
        for module in self.loader.loaded():
            if module.file is not None and module.decls is not None and module.decls.ignores:
                found[module.file.path] = module.decls.ignores
        return found

    def report(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Takes those that no comment and no setting silences; gives all."""
        found = tuple(findings)
        if found:
            self._findings += self._silencer.kept(found, self.comments)
        return found

    @property
    def failed(self) -> bool:
        """Whether a later pass makes sense."""
        return fails(self._findings, self.settings.strict)

    def report_unused_ignores(self, judged: Iterable[str], paths: Iterable[str]) -> None:
        """AC013, once all has been reported of these codes that a comment could silence in these
        files."""
        comments = self.comments
        own = {path: comments[path] for path in paths if path in comments}
        self.report(self._silencer.unused(own, judged, last=self.checks_types))

    def requested_files(self, names: Iterable[str] | None = None) -> Mapping[str, SourceFile]:
        """The files of the requested modules (or of those named), by module."""
        return {
            name: file
            for name in (self.requested if names is None else names)
            if (file := self.loader.file(name)) is not None
        }

    def diagnostics(self) -> tuple[Finding, ...]:
        """All of them, each once, in the order in which a person reads them."""
        return sort_findings(self._findings)
