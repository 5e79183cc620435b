"""``check`` as a function: the output, the types, and what is mended on the way."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from arctic_codegen import config as configuration
from arctic_codegen import driver
from arctic_codegen.discover.trees import DiskTree
from arctic_codegen.driver import FileChange, Progress, quiet
from arctic_codegen.editing.rewriting import rewrite
from arctic_codegen.mending import changes, ignore_all, mend
from arctic_codegen.model.settings import Settings
from arctic_codegen.results import BuildResult, build_result, diff_of


class CheckResult(BuildResult, frozen=True):
    """What a check found, and how it changed sources (or would)."""

    edits: tuple[FileChange, ...] = ()
    """Sources with their texts of before and after; the paths are absolute."""
    edited: bool = False
    """Whether the edits have been made."""
    fixed: int = 0
    """How many findings they mend."""
    silenced: int = 0
    """How many they silence."""

    @property
    def exit_code(self) -> int:
        """As of a build; where edits are only shown, 1 if there are any."""
        if self.edits and not self.edited:
            return 1
        return super().exit_code

    def edits_diff(self) -> str:
        """The edits as one unified diff, with paths as seen from the configuration file."""
        assert self.settings is not None
        root = self.settings.root
        return "".join(diff_of(os.path.relpath(one.path, root), one) for one in self.edits)


def check(
    paths: Sequence[str] = (),
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    checker: str | None = None,
    fix: bool = False,
    add_ignores: bool = False,
    edit: bool = True,
    strict: bool = False,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> CheckResult:
    """Whether the output is what a build would write, and whether sources and output, as it
    would be written, pass the type checker (``mypy`` or ``pyright``; the configured one by
    default).

    ``fix`` mends findings that have one right answer, and ``add_ignores`` silences those that
    there are, in the sources; with ``edit=False`` no source is written, and ``edits`` says what
    would be.

    Where the sources have mistakes of their own, nothing can be compiled, and no types are
    checked: the result is then not ``complete``. Raises
    :class:`~arctic_codegen.faults.WrongUse` where the checker is not installed or cannot work.
    """
    loaded = configuration.load(
        working_folder or Path.cwd(), config=config, extra_sources=paths, use_cache=use_cache
    )
    if loaded.settings is None:
        return CheckResult(None, loaded.findings, strict=strict)
    run = _Check(loaded.settings, checker, strict, progress)
    if fix:
        run.fix(edit)
    if edit or not fix:
        run.look()
        if fix:
            run.fix_unused_ignores()
        if add_ignores:
            run.add_ignores(edit)
    return run.result(edit)


class _Check:
    """One check, step by step."""

    def __init__(
        self, settings: Settings, checker: str | None, strict: bool, progress: Progress
    ) -> None:
        self._settings = settings
        self._checker = checker or settings.checker
        self._strict = strict
        self._progress = progress
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}
        self._fixed = 0
        self._silenced = 0
        self._found: BuildResult | None = None

    def look(self) -> None:
        """Compares the output and checks the types, as everything stands on the disk."""
        from arctic_codegen.typecheck.checking import check_types, start

        # It is loaded while the output is compiled.
        started = start(self._checker)
        try:
            built = driver.build(
                self._settings,
                write=False,
                tell_differences=True,
                types=lambda found: check_types(started, found),
                progress=self._progress,
            )
        finally:
            started.close()
        self._found = build_result(self._settings, built, self._strict)

    def fix(self, edit: bool) -> None:
        """Mends what a build finds."""
        mended = mend(self._settings, self._progress)
        self._fixed += mended.count
        self._take(mended.files, edit)

    def fix_unused_ignores(self) -> None:
        """Mends what is known only now that types have been checked."""
        assert self._found is not None
        mended = mend(self._settings, self._progress, self._found.findings)
        if mended.files:
            self._fixed += mended.count
            self._take(mended.files, edit=True)
            self.look()

    def add_ignores(self, edit: bool) -> None:
        """Silences what has been found."""
        assert self._found is not None
        added = ignore_all(self._settings, self._found.findings, notes=self._strict)
        self._silenced += added.count
        self._take(added.files, edit)
        if added.files and edit:
            self.look()

    def _take(self, files: Mapping[str, bytes], edit: bool) -> None:
        tree = DiskTree()
        for path, data in files.items():
            self._before.setdefault(path, tree.read(path))
            self._after[path] = data
        if edit:
            rewrite(files)

    def result(self, edited: bool) -> CheckResult:
        """All of it."""
        found = self._found or BuildResult(self._settings, (), strict=self._strict)
        return CheckResult(
            **{name: getattr(found, name) for name in BuildResult.__struct_fields__},
            edits=changes(self._before, self._after),
            edited=edited,
            fixed=self._fixed,
            silenced=self._silenced,
        )
