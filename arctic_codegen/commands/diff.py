"""``diff`` as a function: compares the plans at a git revision with the current ones."""

from __future__ import annotations

import os
from pathlib import Path

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.commands.plan_changes import ClassChange, plan_changes
from arctic_codegen.commands.results import ListResult
from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.discover.git_tree import GitTree
from arctic_codegen.model.progress import Progress, quiet


class DiffResult(ListResult, frozen=True):
    """The differences, the classes, and the findings about the current sources."""

    changes: tuple[ClassChange, ...] = ()
    commit: str = ""
    errors_before: int = 0
    """How many errors the sources had at the revision; classes with errors have no plan."""


def diff(
    against: str = "HEAD",
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> DiffResult:
    """Compare the plans of the classes between the sources at a revision and now.

    The configuration at the revision is used as well. Raises
    :class:`~arctic_codegen.diagnostics.faults.WrongUse` if there is no git, repository or
    revision.
    """
    folder = working_folder or Path.cwd()
    loaded = configuration.load(folder, config=config, use_cache=use_cache)
    settings = loaded.settings
    if settings is None:
        return DiffResult(None, loaded.findings)
    tree = GitTree(settings.root, against)
    was = configuration.at_revision(settings, lambda path: tree.read(os.fspath(path)))
    old = driver.resolve_project(was, tree=tree, progress=progress)
    new = driver.resolve_project(settings, progress=progress)
    return DiffResult(
        settings,
        new.findings,
        classes=tuple(host for host in new.hosts if host.requested),
        installed_folders=new.installed_folders,
        changes=plan_changes(old, new, str(folder)),
        commit=tree.commit,
        errors_before=sum(one.severity is Severity.ERROR for one in old.findings),
    )
