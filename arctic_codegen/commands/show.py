"""``list`` and ``explain`` as functions: host classes, events and callbacks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.commands.at_line import Shown, at_line
from arctic_codegen.commands.concerned import concerning
from arctic_codegen.commands.results import ExplainResult, ListResult, in_what_could_be_read
from arctic_codegen.commands.targets import Target, find, no_such_class, read_target, with_class
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.diagnostics.texts import read_from_disk
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.ownership import is_below
from arctic_codegen.model.progress import Progress, quiet


def list_classes(
    targets: Sequence[str] = (),
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    strict: bool = False,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> ListResult:
    """The host classes of the sources, or those that the targets name."""
    folder = working_folder or Path.cwd()
    asked = [read_target(target, folder) for target in targets]
    loaded = configuration.load(
        folder,
        config=config,
        extra_sources=[target.path for target in asked if target.path is not None],
        need_sources=not asked,
        strict=strict,
        use_cache=use_cache,
    )
    if loaded.settings is None:
        return ListResult(None, loaded.findings, strict=strict)
    resolved = driver.resolve_project(
        loaded.settings,
        also=[target.module for target in asked],
        progress=progress,
    )
    requested = tuple(host for host in resolved.hosts if host.requested)
    asked = [with_class(target, requested) for target in asked]
    for target in asked:
        if not any(target.takes(host) for host in requested) and not resolved.failed:
            raise no_such_class(target, resolved)
    if asked:
        requested = tuple(host for host in requested if any(target.takes(host) for target in asked))
    return ListResult(
        loaded.settings, resolved.findings, strict, resolved.installed_folders, classes=requested
    )


def explain(
    target: str,
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> ExplainResult:
    """Explain one class, ``module:Class``, one of its events, ``module:Class.event``, or a line,
    ``file.py:12``: the class or event there, or the events of all classes that call the callback
    there. A line of the output is treated as the code that it was generated from."""
    folder = working_folder or Path.cwd()
    asked = read_target(target, folder)
    if asked.path and os.path.isdir(asked.path) and not is_below(asked.path, str(folder)):
        # Do not read all files of a foreign folder to suggest its classes: it may be huge.
        raise WrongUse(
            f"'{target}' is a folder, not a class", "`arctic-codegen list` shows the classes"
        )
    loaded = configuration.load(
        folder,
        config=config,
        extra_sources=[] if asked.path is None or asked.line else [asked.path],
        need_sources=bool(asked.line),
        use_cache=use_cache,
    )
    if loaded.settings is None:
        return ExplainResult(None, loaded.findings)
    resolved = driver.resolve_project(loaded.settings, also=[asked.module], progress=progress)
    if asked.path is not None and asked.line:
        found, names_event = _at_line(asked, asked.path, resolved)
        problem = WrongUse(
            f"there is no class with callbacks, event or callback at '{target}'",
            "`arctic-codegen list` shows them all",
        )
    else:
        found, names_event = find(asked, resolved.hosts)
        problem = no_such_class(asked, resolved)
    if not found:
        nothing = in_what_could_be_read(resolved, problem)
        return ExplainResult(loaded.settings, resolved.findings, nothing=nothing)
    return explained(resolved, found, names_event=names_event)


def _at_line(asked: Target, path: str, resolved: ResolvedProject) -> Shown:
    shown = asked.text.partition(":")[0]
    if not os.path.exists(path):  # a path of an installed file is displayed relative to its package
        known = (os.path.join(folder, shown) for folder in resolved.installed_folders)
        path = next(filter(os.path.isfile, known), path)
    text = read_from_disk(path)
    if text is None:
        raise WrongUse(f"there is no file '{shown}' that can be read")
    if asked.line > (length := len(text.splitlines())):
        raise WrongUse(f"'{shown}' has {length} lines, and no line {asked.line}")
    return at_line(path, text, asked.line, resolved)


def explained(
    resolved: ResolvedProject, hosts: Sequence[HostClass], *, names_event: bool = False
) -> ExplainResult:
    """These classes, with the findings about them."""
    findings = concerning(resolved, hosts)
    others = set(resolved.findings).difference(findings)
    places = {
        callback.name: callback.place
        for one in resolved.hosts
        for found in one.events
        for callback in (*found.pre, *found.post)
    }
    return ExplainResult(
        resolved.settings,
        findings,
        classes=tuple(hosts),
        names_event=names_event,
        others=sum(one.severity is not Severity.NOTE for one in others),
        places=places,
        installed_folders=resolved.installed_folders,
    )
