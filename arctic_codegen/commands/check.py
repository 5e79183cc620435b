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

# What a check of an unchanged project has no use for is imported where it is used.


class CheckResult(BuildResult, frozen=True):
    """What a check found, and how it changed sources (or would)."""

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
    if not (fix or add_ignores):
        run.look(recalled=not imports)  # of an import the classes have to be known
    else:
        from arctic_codegen.commands import fix as fixing

        run.require_checker()
        if fix:
            run.take("fixed", fixing.fix(settings, run.tree, progress))
        if run.result.edits and not edit:
            run.know(types_left=True)  # they are those of the sources as they are
        else:
            run.look()
            if fix:  # what is known only now that types have been checked
                more = fixing.fix(settings, run.tree, progress, run.result.findings)
                run.take("fixed", more, look=True)
            if add_ignores:
                found = run.result
                added = fixing.ignore_all(settings, run.tree, found.findings, notes=found.strict)
                run.take("silenced", added, look=True)
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
    """What is known so far."""
    tree: SnapshotTree = field(default_factory=lambda: SnapshotTree(DiskTree()))
    """What was looked at last: edits are made in that."""
    hosts: tuple[HostClass, ...] = ()
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)

    def know(self, **more: object) -> None:
        """Adds to what is known."""
        self.result = msgspec.structs.replace(self.result, **more)

    def take(self, kind: str, edited: Edited, look: bool = False) -> None:
        """Edits sources, or notes what would be edited; with ``look`` looks at them again then."""
        self.know(**{kind: getattr(self.result, kind) + edited.count})
        if not edited.files:
            return
        from arctic_codegen.commands.fix import file_changes
        from arctic_codegen.editing.rewriting import rewrite

        before = {path: self.tree.read(path) for path in edited.files}
        self.before = {**before, **self.before}
        self.after.update(edited.files)
        self.know(edits=file_changes(self.before, self.after))
        if self.result.edited:
            rewrite(edited.files, before)
            if look:
                self.look()

    def look(self, recalled: bool = False) -> None:
        """Compares the output and checks the types, as everything stands on the disk; with
        ``recalled`` from what was found before, where nothing is different."""
        from arctic_codegen.build.cache.last_check import recall

        known = recall(self.settings) if recalled else None
        if known is None or not self._is_unchanged(known):
            self._look_closely()

    def require_checker(self) -> None:
        """Raises :class:`WrongUse` where it is not installed: before any source is edited."""
        if self.early is None or self.settings.checker != "mypy":
            with self._started():
                pass

    def _started(self) -> closing[Checker]:
        from arctic_codegen.typecheck.checking import start

        early, self.early = self.early, None
        return closing(start(self.settings.checker, early))

    def _is_unchanged(self, known: KeptCheck) -> bool:
        """Whether nothing is different and the checker still says nothing."""
        from arctic_codegen.typecheck.checking import answer

        begun = time.perf_counter()
        with self._started() as checker:
            # It works on the answer while everything is looked at.
            checker.ask(known.found.question)
            if not known.run.holds() or answer(checker, known.found.question):
                return False
        self.know(
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
        observed = self.observer.configured(self.settings)
        self.tree = SnapshotTree(DiskTree() if observed is None else observed)
        with self._started() as checker:  # it is loaded while the output is compiled

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
        # Type errors that concern no callback have been found all the same: comments that silence
        # them are of use.
        self.hosts = built.hosts
        left_out = {
            (one.place, one.message)
            for one in (checked[0].unrelated if checked and not self.sources else ())
        }
        kept = tuple(one for one in built.findings if (one.place, one.message) not in left_out)
        unrelated = len(built.findings) - len(kept)
        self.know(**{**outcome(built), "findings": kept, "unrelated": unrelated})
        if observed is not None and built.complete and not built.changes and checked[0].silent:
            # A lock file that is as good as a new one stays as it is.
            left = (output for output in built.outputs if output.path != LOCK_NAME)
            self.observer.built({output.path: output.text for output in left})
            known = CheckRecord(checked[0].question, built.findings, built.classes, built.modules)
            keep(self.settings, self.observer, known)

    def import_output(self) -> None:
        """Imports the compiled modules, if the output is what a build would write."""
        from arctic_codegen.commands.import_check import import_findings
        from arctic_codegen.diagnostics.silence import Silencer

        if not self.result.complete or self.result.changes:
            return
        self.progress("importing the output")
        kept = Silencer(self.settings).kept(import_findings(self.settings, self.hosts), {})
        self.know(imported=True, findings=(*self.result.findings, *kept))
