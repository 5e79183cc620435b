"""``check`` as a function: the output, the types, and fixes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen._version import LOCK_NAME
from arctic_codegen.build.cache.observer import Observer
from arctic_codegen.commands.results import BuildResult, outcome
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.trees import DiskTree, SnapshotTree
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.model.settings import Settings
from arctic_codegen.typecheck.questions import Checker

if TYPE_CHECKING:
    from arctic_codegen.build.cache.last_check import KeptCheck
    from arctic_codegen.editing.text import Edited
    from arctic_codegen.typecheck.findings import TypeFindings

# Modules that a check of an unchanged project does not need are imported where they are used.


class CheckResult(BuildResult, frozen=True):
    """The result of a check, and how it changed sources (or would change them)."""

    fixed: int = 0
    """How many findings the edits fix."""
    silenced: int = 0
    """How many findings the edits suppress."""
    types_left: bool = False
    """Whether the types can be checked only after the edits are made."""
    unrelated: int = 0
    """How many type errors of the sources were omitted, because they concern no callback."""
    imported: bool = False
    """Whether the output was imported."""


def check(
    paths: Sequence[str] = (),
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    checker: str | None = None,
    fix: bool = False,
    add_ignores: bool = False,
    sources: bool = False,
    imports: bool = False,
    edit: bool = True,
    strict: bool = False,
    use_cache: bool = True,
    early: subprocess.Popen[bytes] | None = None,
    progress: Progress = quiet,
) -> CheckResult:
    """Check that the output is up to date, and that the sources and the output, as a build would
    write it, pass the type checker (``mypy`` or ``pyright``; by default the configured one).

    Type errors of the sources that concern no callback are reported with ``sources``.

    ``fix`` fixes findings with a single right answer, and ``add_ignores`` suppresses the current
    ones, in the sources, or in those of ``paths``. With ``edit=False`` no source is written, and
    ``edits`` lists the changes.

    ``imports`` imports the output in a separate process, if it is up to date: this runs the
    project's code (R48).

    ``early`` is a mypy process that the caller has started in advance, and stops.

    If the sources have errors, nothing can be compiled and no types are checked: the result is
    then not ``complete``.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` if the checker is not installed or
    does not work.
    """
    here = working_folder or Path.cwd()
    observer = Observer(here, config, paths)
    loaded = configuration.load(here, config=config, extra_sources=paths, use_cache=use_cache)
    if loaded.settings is None:
        return CheckResult(None, loaded.findings, strict=strict)
    settings = loaded.settings
    if checker is not None:
        settings = msgspec.structs.replace(settings, checker=checker)
    result = CheckResult(settings, (), strict, edited=edit)
    run = _Check(settings, here, observer, early, sources, progress, result)
    if not (fix or add_ignores):
        run.check(recalled=not imports)  # an import needs the classes
    else:
        from arctic_codegen.commands import fix as fixing
        from arctic_codegen.commands.targets import files_in
        from arctic_codegen.editing.rewriting import Editable

        editable = Editable(settings, files_in(paths, here, settings))
        run.require_checker()
        if fix:
            run.apply("fixed", fixing.fix(settings, run.tree, editable, progress))
        if run.result.edits and not edit:
            run.update(types_left=True)  # the sources on disk are still the old ones
        else:
            run.check()
            if fix:  # findings of the type checker may have fixes too
                more = fixing.fix(settings, run.tree, editable, progress, run.result.findings)
                run.apply("fixed", more, recheck=True)
            if add_ignores:
                found = run.result
                added = fixing.ignore_all(run.tree, editable, found.findings, notes=found.strict)
                run.apply("silenced", added, recheck=True)
    if imports:
        run.import_output()
    return run.result


@dataclass
class _Check:
    """One check, step by step."""

    settings: Settings
    working_folder: Path
    observer: Observer
    early: subprocess.Popen[bytes] | None
    sources: bool
    progress: Progress
    result: CheckResult
    """The result so far."""
    tree: SnapshotTree = field(default_factory=lambda: SnapshotTree(DiskTree()))
    """The sources as last examined: edits apply to these."""
    hosts: tuple[HostClass, ...] = ()
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)

    def update(self, **more: object) -> None:
        """Add to the result."""
        self.result = msgspec.structs.replace(self.result, **more)

    def apply(self, kind: str, edited: Edited, recheck: bool = False) -> None:
        """Edit sources, or record the edits; with ``recheck``, check again afterwards."""
        self.update(**{kind: getattr(self.result, kind) + edited.count})
        if not edited.files:
            return
        from arctic_codegen.commands.fix import file_changes
        from arctic_codegen.editing.rewriting import rewrite

        before = {path: self.tree.read(path) for path in edited.files}
        self.before = {**before, **self.before}
        self.after.update(edited.files)
        self.update(edits=file_changes(self.before, self.after))
        if self.result.edited:
            rewrite(edited.files, before)
            if recheck:
                self.check()

    def check(self, recalled: bool = False) -> None:
        """Compare the output and check the types, with the files on disk. With ``recalled``, reuse
        the previous result if nothing has changed."""
        from arctic_codegen.build.cache.last_check import recall

        known = recall(self.settings) if recalled else None
        if known is None or not self._is_unchanged(known):
            self._check_fully()

    def require_checker(self) -> None:
        """Raise :class:`WrongUse` if the checker is missing, before any source is edited."""
        if self.early is None or self.settings.checker != "mypy":
            with self._started():
                pass

    def _started(self) -> closing[Checker]:
        from arctic_codegen.typecheck.checking import start

        early, self.early = self.early, None
        return closing(start(self.settings.checker, early))

    def _is_unchanged(self, known: KeptCheck) -> bool:
        """Whether nothing has changed and the checker still reports nothing."""
        from arctic_codegen.typecheck.checking import answer

        begun = time.perf_counter()
        with self._started() as checker:
            # The checker works on the answer while the files are compared.
            checker.ask(known.found.question)
            if not known.run.holds() or answer(checker, known.found.question):
                return False
        self.update(
            findings=known.found.findings,
            complete=True,
            classes=known.found.classes,
            modules=known.found.modules,
            timings=(("checking types", time.perf_counter() - begun),),
        )
        return True

    def _check_fully(self) -> None:
        from arctic_codegen.build import driver
        from arctic_codegen.build.cache.last_check import CheckRecord, keep
        from arctic_codegen.typecheck.checking import TypeCheckInput, check_types

        checked: list[TypeFindings] = []
        # A run with an uncacheable input (the output of another interpreter) is not recorded.
        observed = self.observer.configured(self.settings)
        self.tree = SnapshotTree(DiskTree() if observed is None else observed)
        with self._started() as checker:  # it loads while the output is compiled

            def types(built: TypeCheckInput) -> tuple[Finding, ...]:
                checked.append(check_types(checker, built))
                return checked[-1].all

            built = driver.build(
                self.settings,
                tree=self.tree,
                write=False,
                report_differences=True,
                working_folder=str(self.working_folder),
                types=types,
                progress=self.progress,
            )
        # Type errors that concern no callback were found nevertheless: comments that suppress them
        # are not unused.
        self.hosts = built.hosts
        left_out = {
            (one.place, one.message)
            for one in (checked[0].unrelated if checked and not self.sources else ())
        }
        kept = tuple(one for one in built.findings if (one.place, one.message) not in left_out)
        unrelated = len(built.findings) - len(kept)
        self.update(**{**outcome(built), "findings": kept, "unrelated": unrelated})
        if observed is not None and built.complete and not built.changes and checked[0].silent:
            # An equivalent lock file is left unchanged.
            outputs = (output for output in built.outputs if output.path != LOCK_NAME)
            self.observer.built({output.path: output.text for output in outputs})
            known = CheckRecord(checked[0].question, built.findings, built.classes, built.modules)
            keep(self.settings, self.observer, known)

    def import_output(self) -> None:
        """Import the compiled modules, if the output is up to date."""
        from arctic_codegen.commands.import_check import import_findings
        from arctic_codegen.diagnostics.silence import Silencer

        if not self.result.complete or self.result.changes:
            return
        self.progress("importing the output")
        kept = Silencer(self.settings).kept(import_findings(self.settings, self.hosts), {})
        self.update(imported=True, findings=(*self.result.findings, *kept))
