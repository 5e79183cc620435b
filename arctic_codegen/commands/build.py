"""``build`` as a function: compiles the configured sources into the output folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.build.cache.observer import Observer
from arctic_codegen.commands.results import BuildResult, outcome
from arctic_codegen.model.progress import Progress, quiet


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

    With ``write=False`` nothing is written, and ``changes`` lists the changes;
    ``report_differences`` reports them as findings (AC603 to AC606).
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
        working_folder=str(here),
        progress=progress,
    )
    return BuildResult(loaded.settings, strict=strict, observer=observer, **outcome(built))
