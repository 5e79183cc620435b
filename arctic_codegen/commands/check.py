"""``check`` as a function: the output, the types, and what is fixed on the way."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen._version import LOCK_NAME
from arctic_codegen.build.cache.observer import Observer
from arctic_codegen.commands.results import BuildResult, outcome
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.trees import DiskTree, SnapshotTree
from arctic_codegen.model.file_changes import FileChange
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.model.settings import Settings
from arctic_codegen.typecheck.questions import Checker

if TYPE_CHECKING:
    from arctic_codegen.build.cache.last_check import KeptCheck
    from arctic_codegen.editing.text import Edited
    from arctic_codegen.typecheck.findings import TypeFindings

# What a check of an unchanged project has no use for is imported where it is used.


class CheckResult(BuildResult, frozen=True):
    """What a check found, and how it changed sources (or would)."""

    edits: tuple[FileChange, ...] = ()
    """Sources with their texts of before and after; the paths are absolute."""
    edited: bool = False
    """Whether the edits have been made."""
    fixed: int = 0
    """How many findings they fix."""
    silenced: int = 0
    """How many they silence."""
    types_left: bool = False
    """Whether types are checked only when the edits are made."""
    unrelated: int = 0
    """How many type errors of the sources were left out, because they concern no callback."""
    imported: bool = False
    """Whether the output was imported."""

    @property
    def exit_code(self) -> int:
        """As of a build; where edits are only shown, 1 if there are any."""
        if self.edits and not self.edited:
            return 1
        return super().exit_code


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
    """Whether the output is what a build would write, and whether sources and output, as it
    would be written, pass the type checker (``mypy`` or ``pyright``; the configured one by
    default).

    Type errors of the sources that concern no callback are reported with ``sources``.

    ``fix`` fixes findings that have one right answer, and ``add_ignores`` silences those that
    there are, in the sources; with ``edit=False`` no source is written, and ``edits`` says what
    would be.

    ``imports`` imports the output in a process of its own, where it is current: this runs the
    project's code (R48).

    ``early`` is a process of mypy's that the caller has started before anything else, and ends.

    Where the sources have mistakes of their own, nothing can be compiled, and no types are
    checked: the result is then not ``complete``. Raises
    :class:`~arctic_codegen.diagnostics.faults.WrongUse` where the checker is not installed or
    cannot work.
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
    if fix:
        run.fix(edit)
    if edit or not run.result.edits:
        run.look(recalled=not (fix or add_ignores))
        if fix:
            run.fix_unused_ignores(edit)
        if add_ignores:
            run.add_ignores(edit)
    else:
        run.leave_types()
    if imports:
        run.import_output()
    return run.result


class _Check:
    """One check, step by step."""

    def __init__(
        self,
        settings: Settings,
        working_folder: Path,
        observer: Observer,
        early: subprocess.Popen[bytes] | None,
        sources: bool,
        progress: Progress,
        result: CheckResult,
    ) -> None:
        self._settings = settings
        self._working_folder = working_folder
        self._observer = observer
        self._early = early
        self._sources = sources
        self._progress = progress
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}
        self._tree = SnapshotTree(DiskTree())
        """What was looked at last: edits are made in that."""
        self.result = result
        """What is known so far."""

    def _know(self, **more: object) -> None:
        self.result = msgspec.structs.replace(self.result, **more)

    def look(self, recalled: bool = False) -> None:
        """Compares the output and checks the types, as everything stands on the disk; with
        ``recalled`` from what was found before, where nothing is different."""
        from arctic_codegen.build.cache.last_check import recall

        known = recall(self._settings) if recalled else None
        if known is None or not self._is_unchanged(known):
            self._look_closely()

    def _started(self) -> closing[Checker]:
        from arctic_codegen.typecheck.checking import start

        early, self._early = self._early, None
        return closing(start(self._settings.checker, early))

    def _is_unchanged(self, known: KeptCheck) -> bool:
        """Whether nothing is different and the checker still says nothing."""
        from arctic_codegen.typecheck.checking import answer

        begun = time.perf_counter()
        with self._started() as checker:
            # It works on the answer while everything is looked at.
            checker.ask(known.found.question)
            if not known.run.holds() or answer(checker, known.found.question):
                return False
        self._know(
            findings=known.found.findings,
            complete=True,
            classes=known.found.classes,
            modules=known.found.modules,
            timings=(("checking types", time.perf_counter() - begun),),
        )
        return True

    def _look_closely(self) -> None:
        from arctic_codegen.build import driver
        from arctic_codegen.build.cache.last_check import CheckRecord, keep
        from arctic_codegen.typecheck.checking import TypeCheckInput, check_types

        checked: list[TypeFindings] = []
        # What cannot be written down (the answers of another interpreter) is not remembered.
        observed = self._observer.configured(self._settings)
        self._tree = SnapshotTree(DiskTree() if observed is None else observed)
        with self._started() as checker:  # it is loaded while the output is compiled

            def types(built: TypeCheckInput) -> tuple[Finding, ...]:
                checked.append(check_types(checker, built))
                return checked[-1].all

            built = driver.build(
                self._settings,
                tree=self._tree,
                write=False,
                report_differences=True,
                working_folder=str(self._working_folder),
                types=types,
                progress=self._progress,
            )
        # Type errors that concern no callback have been found all the same: comments that silence
        # them are of use.
        left_out = {
            (one.place, one.message)
            for one in (checked[0].unrelated if checked and not self._sources else ())
        }
        kept = tuple(one for one in built.findings if (one.place, one.message) not in left_out)
        unrelated = len(built.findings) - len(kept)
        self._know(**{**outcome(built), "findings": kept, "unrelated": unrelated})
        if observed is not None and built.complete and not built.changes and checked[0].silent:
            # A lock file that is as good as a new one stays as it is.
            left = (output for output in built.outputs if output.path != LOCK_NAME)
            self._observer.built({output.path: output.text for output in left})
            known = CheckRecord(checked[0].question, built.findings, built.classes, built.modules)
            keep(self._settings, self._observer, known)

    def import_output(self) -> None:
        """Imports the compiled modules, if the output is what a build would write."""
        from arctic_codegen.commands.import_check import import_findings
        from arctic_codegen.diagnostics.silence import Silencer

        if not self.result.complete or self.result.changes:
            return
        self._progress("importing the output")
        kept = Silencer(self._settings).kept(import_findings(self._settings), {})
        self._know(imported=True, findings=(*self.result.findings, *kept))

    def fix(self, edit: bool) -> None:
        """Fixes what a build finds."""
        from arctic_codegen.commands.fix import fix

        self._take_fixes(fix(self._settings, self._tree, self._progress), edit)

    def fix_unused_ignores(self, edit: bool) -> None:
        """Fixes what is known only now that types have been checked."""
        from arctic_codegen.commands.fix import fix

        fixed = fix(self._settings, self._tree, self._progress, self.result.findings)
        self._take_fixes(fixed, edit)
        if fixed.files and edit:
            self.look()

    def leave_types(self) -> None:
        """Types are those of the sources as they are, and there are edits to make first."""
        self._know(types_left=True)

    def add_ignores(self, edit: bool) -> None:
        """Silences what has been found."""
        from arctic_codegen.commands.fix import ignore_all

        found = self.result
        added = ignore_all(self._settings, self._tree, found.findings, notes=found.strict)
        self._know(silenced=found.silenced + added.count)
        self._take(added.files, edit)
        if added.files and edit:
            self.look()

    def _take_fixes(self, fixed: Edited, edit: bool) -> None:
        self._know(fixed=self.result.fixed + fixed.count)
        self._take(fixed.files, edit)

    def _take(self, files: Mapping[str, bytes], edit: bool) -> None:
        if not files:
            return
        from arctic_codegen.commands.fix import file_changes

        before = {path: self._tree.read(path) for path in files}
        self._before = {**before, **self._before}
        self._after.update(files)
        self._know(edits=file_changes(self._before, self._after))
        if edit:
            from arctic_codegen.editing.rewriting import rewrite

            rewrite(files, before)
