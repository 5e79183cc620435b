"""``arctic-codegen build --watch``: builds again on every save."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence

import msgspec

from arctic_codegen.build.cache.facts import CACHE
from arctic_codegen.build.cache.observer import Observer
from arctic_codegen.cli import console
from arctic_codegen.cli.options import Options
from arctic_codegen.commands.build import build
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover import distributions

_LOOK_EVERY_MS = 300
"""The interval at which the watcher checks for an interrupt."""


def watch(paths: Sequence[str], chosen: Options, strict: bool) -> int:
    """Build on every change until interrupted; returns the exit code of the last build."""
    try:
        import watchfiles
    except ImportError as error:
        raise WrongUse("--watch needs watchfiles", "pip install 'arctic-codegen[watch]'") from error

    run = _Watched(paths, chosen, strict)
    run.build()
    console.summary("Watching for changes; Ctrl-C ends it.", chosen)
    try:
        while True:
            folders = run.folders()
            # One more build covers changes that were saved before this watcher was started.
            missed = True
            for changes in watchfiles.watch(
                *folders,
                watch_filter=None,
                recursive=False,
                debounce=100,
                step=20,
                rust_timeout=_LOOK_EVERY_MS,
                yield_on_timeout=True,
            ):
                if missed or any(run.concerns(path) for _, path in changes):
                    missed = False
                    run.build_again()
                    if run.folders() != folders:
                        break
    except KeyboardInterrupt:
        return run.code


class _Watched:
    """The successive builds of one project."""

    def __init__(self, paths: Sequence[str], chosen: Options, strict: bool) -> None:
        self._paths = paths
        self._chosen = chosen
        self._strict = strict
        self._known: tuple[Finding, ...] | None = None
        self._observer: Observer | None = None
        self.code = 0

    def build(self) -> None:
        """Build, and report the findings if they differ from the last report."""
        try:
            self._build()
        finally:
            gc.collect()  # the objects of a build reference each other in cycles

    def build_again(self) -> None:
        """Build again; an error is only printed, since it may be temporary (a configuration that is
        just being saved, say)."""
        try:
            self.build()
        except WrongUse as error:
            self.code = 2
            self._known = None
            hint = "" if error.hint is None else f" ({error.hint})"
            console.summary(f"arctic-codegen: error: {error.message}{hint}", self._chosen)

    def _build(self) -> None:
        distributions.forget()
        chosen = self._chosen
        quiet = msgspec.structs.replace(chosen, quiet=True)
        result = console.with_progress(quiet, build, self._paths, strict=self._strict)
        self.code = result.exit_code
        self._observer = result.observer or self._observer
        before, self._known = self._known, result.findings
        if before == result.findings and not result.changes:
            return
        console.report_findings(result.findings, chosen, self._strict)
        console.report_discarded(result, chosen)
        written = f"{console.counted(len(result.changes), 'file')} written"
        seconds = sum(spent for _, spent in result.timings)
        text = f"{written if result.written else 'not built'} in {seconds:.2f} s"
        console.summary(text, chosen, result.findings, self._strict)

    def folders(self) -> tuple[str, ...]:
        """The folders to watch: those of the project that the build has listed or read files
        from."""
        root = str(self._chosen.working_folder)
        found = {root}
        if self._observer is not None:
            facts = self._observer.facts
            found.update(facts.folders)
            found.update(os.path.dirname(path) for path in facts.files)
        installed = (f"{os.sep}site-packages{os.sep}", f"{os.sep}lib{os.sep}python")
        return tuple(
            sorted(
                folder
                for folder in found
                if os.path.isdir(folder)
                and not any(mark in f"{folder}{os.sep}" for mark in installed)
            )
        )

    def concerns(self, path: str) -> bool:
        """Whether a change at this path may affect a build."""
        parts = path.split(os.sep)
        if CACHE in parts or "__pycache__" in parts or path.endswith((".tmp", "~", ".swp")):
            return False
        if self._observer is not None and self._observer.facts.output:
            return not self._observer.facts.is_own(path)
        return True
