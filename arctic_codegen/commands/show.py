"""``list`` and ``explain`` as functions: host classes, events and callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.commands.at_line import at_line
from arctic_codegen.commands.results import ExplainResult, ListResult
from arctic_codegen.commands.targets import find, no_such_class, read_target
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.model.hosts import HostClass
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
    for target in asked:
        if not any(target.takes(host) for host in requested) and not resolved.failed:
            raise no_such_class(target, requested)
    if asked:
        requested = tuple(host for host in requested if any(target.takes(host) for target in asked))
    return ListResult(
        loaded.settings, resolved.findings, strict, requested, resolved.installed_folders
    )


def explain(
    target: str,
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> ExplainResult:
    """One class, ``module:Class``, one event of it, ``module:Class.event``, or what stands in a
    line, ``file.py:12``: a class, an event, or the events of all classes that call the callback
    there. A line of the output stands for what it was generated from."""
    folder = working_folder or Path.cwd()
    asked = read_target(target, folder)
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
        output = loaded.settings.output
        hosts, names_event = at_line(asked.path, asked.line, resolved.hosts, output)
        if not hosts and not resolved.failed:
            raise WrongUse(
                f"no class with callbacks, event or callback stands at '{target}'",
                "`arctic-codegen list` shows them all",
            )
        return explained(resolved, hosts, names_event=names_event)
    host, event = find(asked, resolved.hosts)
    if host is None:
        if resolved.failed:
            hint = no_such_class(asked, resolved.hosts).hint
            return ExplainResult(loaded.settings, resolved.findings, hint=hint)
        raise no_such_class(asked, resolved.hosts)
    shown = host if event is None else msgspec.structs.replace(host, events=(event,))
    return explained(resolved, (shown,), names_event=event is not None)


def explained(
    resolved: ResolvedProject, hosts: Sequence[HostClass], *, names_event: bool = False
) -> ExplainResult:
    """Those classes, with the findings that concern their files."""
    concerned = frozenset[str]().union(*map(_files_of, hosts))
    findings = tuple(
        finding
        for finding in resolved.findings
        if finding.place is None or finding.place.path in concerned
    )
    places = {
        callback.name: callback.place
        for one in resolved.hosts
        for found in one.events
        for callback in (*found.pre, *found.post)
    }
    return ExplainResult(
        resolved.settings,
        findings,
        hosts=tuple(hosts),
        names_event=names_event,
        others=len(resolved.findings) - len(findings),
        places=tuple(places.items()),
        installed_folders=resolved.installed_folders,
    )


def _files_of(host: HostClass) -> frozenset[str]:
    paths = {host.place.path}
    for event in host.events:
        for callback in (*event.pre, *event.post, *(event.runtime_pre or ())):
            paths.add(callback.place.path)
            paths.add(callback.declared_at.path)
    return frozenset(paths)
