"""The state of one run of the passes: findings, timings and caches."""

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
from arctic_codegen.diagnostics.records import Finding, Severity, sort_findings
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
    """The state that the passes share: findings, timings, caches and the loader."""

    def __init__(self, settings: Settings, tree: Tree, progress: Progress) -> None:
        self.settings = settings
        self.requested: tuple[str, ...] = ()
        """The modules of the sources, sorted."""
        self.relevant: tuple[str, ...] = ()
        """The relevant modules among them, sorted."""
        self.chosen: Chosen | None = None
        """The choice of relevant modules, once it is made."""
        self.known_choice: Chosen | None = None
        """The choice of the last build, if it is still valid."""
        self.fingerprints: Fingerprints = {}
        """Known fingerprints: those of the last build, then also those of this one."""
        self.checks_types = False
        """Types will be checked: unused ignore comments are known only after that."""
        self.timings: list[tuple[str, float]] = []
        self._tree = tree
        self._progress = progress
        self._findings: list[Finding] = []
        self._silencer = Silencer(settings)
        self.known_comments: dict[str, tuple[IgnoreComment, ...]] = {}
        """The ignore comments of unchanged files, which need not be read."""
        folder = cache_folder(settings)
        self._trees: dict[str, SyntaxTree | None] = {}
        self._scans = None if folder is None else scan_cache(folder)
        self.texts = None if folder is None else text_cache(folder)
        self.loader = FileLoader(tree, settings, kept=self._scans)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the time of a pass; an exception in it becomes an :class:`InternalFault`."""
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
        """Save the caches for other runs, and stop the workers."""
        for cache in (self._scans, self.texts):
            if cache is not None:
                cache.save()
        self.loader.end_workers()

    def add_sources(self, also: Sequence[str]) -> None:
        """Add modules that command-line targets name to the sources, if they exist."""
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

    def request(self, modules: tuple[str, ...]) -> None:
        """Set the modules of the sources, which are sorted."""
        self.requested = modules
        self.loader.sources = frozenset(modules)

    def find(self) -> tuple[Finding, ...]:
        """Find the modules of the sources; reports problems, and returns them."""
        found = requested_modules(self.loader.tree, self.loader.finder, self.settings)
        self.request(found.modules)
        problem = self.loader.problem
        return self.report([*([] if problem is None else [problem]), *found.findings])

    def choose(self, meanwhile: Callable[[], None] | None = None) -> None:
        """Select the relevant modules, and let workers scan them. ``meanwhile`` is called while the
        workers run."""
        relevance: Relevance | None = None
        if self.known_choice is None:
            relevance = Relevance(
                {name: self.loader.file(name) for name in self.requested},
                self.loader.finder,
                self._tree,
                self.settings,
                self.loader.read_ahead,
            )
        chosen = self.known_choice if relevance is None else relevance.chosen()
        assert chosen is not None
        if self.loader.read_ahead(chosen.relevant):
            if relevance is not None:
                self.loader.read_ahead(relevance.likely())
            if meanwhile is not None:
                meanwhile()
        if relevance is not None:
            relevance.add_invalid()
            chosen = relevance.chosen()
        self.chosen, self.relevant = chosen, chosen.relevant

    def previous_output(self, *, with_classes: bool) -> PreviousOutput:
        """The existing output, which must not be lost by accident; without ``with_classes``, its
        compiled classes are omitted."""
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
        """How many files were skipped, read and parsed, with labels for display."""
        skipped: set[str] = set()
        if self.chosen is not None:
            asked_for = (module.name for module in self.loader.loaded())
            skipped = set(self.requested).difference(self.relevant, asked_for)
        return (("files skipped", len(skipped)), *self.loader.counts())

    def digest_of_body(self, module: str, qualname: str) -> str:
        """A digest of a function's body, as the checks of callbacks read it."""
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
        """Collect the findings that no comment or setting suppresses; returns all of them."""
        found = tuple(findings)
        if found:
            self._findings += self._silencer.kept(found, self.comments)
        return found

    @property
    def failed(self) -> bool:
        """Whether the findings so far fail the run, so that no later pass runs."""
        return fails(self._findings, self.settings.strict)

    def report_unused_ignores(self, judged: Iterable[str], paths: Iterable[str]) -> None:
        """Report AC013 for these files. All findings with the codes ``judged`` must have been
        reported before, unless there are errors: those may hide any other finding."""
        comments = self.comments
        own = {path: comments[path] for path in paths if path in comments}
        if any(map(_may_hide_others, self._findings)):
            self.report(self._silencer.unused(own, ()))
        else:
            self.report(self._silencer.unused(own, judged, last=self.checks_types))

    def requested_files(self, names: Iterable[str] | None = None) -> Mapping[str, SourceFile]:
        """The files of the requested modules (or of those named), by module."""
        return {
            name: file
            for name in (self.requested if names is None else names)
            if (file := self.loader.file(name)) is not None
        }

    def diagnostics(self) -> tuple[Finding, ...]:
        """All findings, without duplicates, in reading order."""
        return sort_findings(self._findings)


def _may_hide_others(finding: Finding) -> bool:
    """Whether other findings may be missing because of this one. Errors of types (AC5) and of the
    output (AC6), and hazards (AC8), hide none."""
    return finding.severity is Severity.ERROR and not finding.code.startswith(("AC5", "AC6", "AC8"))
