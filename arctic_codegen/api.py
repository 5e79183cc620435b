"""The commands as functions with typed results, for the command line and for programs.

Nothing here prints. A mistake in the sources is a finding in the result; wrong use raises
:class:`~arctic_codegen.diagnostics.faults.WrongUse`, a fault of the tool
:class:`~arctic_codegen.diagnostics.faults.InternalFault`.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.caching.observing import Observer
from arctic_codegen.commands.results import BuildResult, ExplainResult, ListResult, outcome
from arctic_codegen.model.changes import FileChange, Progress, quiet

if TYPE_CHECKING:
    from arctic_codegen.commands.annotating import AnnotateResult as AnnotateResult
    from arctic_codegen.commands.annotating import annotate as annotate
    from arctic_codegen.commands.checking import CheckResult as CheckResult
    from arctic_codegen.commands.checking import check as check
    from arctic_codegen.commands.comparing import DiffResult as DiffResult
    from arctic_codegen.commands.comparing import diff as diff
    from arctic_codegen.commands.showing import explain as explain
    from arctic_codegen.commands.showing import list_classes as list_classes

_ELSEWHERE = {
    "AnnotateResult": "annotating",
    "annotate": "annotating",
    "CheckResult": "checking",
    "check": "checking",
    "DiffResult": "comparing",
    "diff": "comparing",
    "explain": "showing",
    "list_classes": "showing",
}
"""What a build has no use for is loaded when it is asked for."""

__all__ = [
    "AnnotateResult",
    "BuildResult",
    "CheckResult",
    "DiffResult",
    "ExplainResult",
    "FileChange",
    "ListResult",
    "annotate",
    "build",
    "check",
    "diff",
    "explain",
    "list_classes",
]


def __getattr__(name: str) -> Any:
    module = _ELSEWHERE.get(name)
    if module is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"arctic_codegen.commands.{module}"), name)


def build(
    paths: Sequence[str] = (),
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    write: bool = True,
    report_differences: bool = False,
    strict: bool = False,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> BuildResult:
    """Compile the configured sources and ``paths``.

    With ``write=False`` nothing is written, and ``changes`` says what would be;
    ``report_differences`` makes findings of them (AC603 to AC606).
    """
    here = working_folder or Path.cwd()
    observer = Observer(here, config, paths) if use_cache else None
    loaded = configuration.load(
        here, config=config, extra_sources=paths, strict=strict, use_cache=use_cache
    )
    if loaded.settings is None:
        return BuildResult(None, loaded.findings, strict)
    tree = None if observer is None else observer.configured(loaded.settings)
    built = driver.build(
        loaded.settings,
        tree=tree,
        observer=None if tree is None else observer,
        write=write,
        report_differences=report_differences,
        progress=progress,
    )
    return BuildResult(loaded.settings, strict=strict, observer=observer, **outcome(built))
