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
from arctic_codegen._version import LOCK_NAME
from arctic_codegen.build import driver
from arctic_codegen.build.driver import FileChange, Progress, Resolved, quiet
from arctic_codegen.build.incremental import build_again
from arctic_codegen.build.keeping import keep_build
from arctic_codegen.caching.observing import Observer
from arctic_codegen.commands.results import BuildResult, ExplainResult, ListResult, build_result
from arctic_codegen.commands.targets import Target, read_target, takes
from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.model.choice import target_name
from arctic_codegen.model.hosts import Event, HostClass
from arctic_codegen.model.settings import Settings

if TYPE_CHECKING:
    from arctic_codegen.commands.annotating import AnnotateResult as AnnotateResult
    from arctic_codegen.commands.annotating import annotate as annotate
    from arctic_codegen.commands.checking import CheckResult as CheckResult
    from arctic_codegen.commands.checking import check as check
    from arctic_codegen.commands.comparing import DiffResult as DiffResult
    from arctic_codegen.commands.comparing import diff as diff

_ELSEWHERE = {
    "AnnotateResult": "annotating",
    "annotate": "annotating",
    "CheckResult": "checking",
    "check": "checking",
    "DiffResult": "comparing",
    "diff": "comparing",
}
"""What a build has no use for is loaded when it is asked for."""

_MOST_NAMED = 5

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
    "check_output",
    "diff",
    "explain",
    "list_classes",
    "resolve_all",
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
    tell_differences: bool = False,
    strict: bool = False,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> BuildResult:
    """Compile the configured sources and ``paths``.

    With ``write=False`` nothing is written, and ``changes`` says what would be;
    ``tell_differences`` makes findings of them (AC603 to AC606).
    """
    result, _ = build_and_observe(
        paths,
        working_folder=working_folder,
        config=config,
        write=write,
        tell_differences=tell_differences,
        strict=strict,
        use_cache=use_cache,
        progress=progress,
    )
    return result


def build_and_observe(
    paths: Sequence[str],
    *,
    working_folder: Path | None,
    config: Path | None,
    write: bool,
    tell_differences: bool,
    strict: bool,
    use_cache: bool,
    progress: Progress,
) -> tuple[BuildResult, Observer | None]:
    """A build, and the one who has watched it where something can be kept."""
    here = working_folder or Path.cwd()
    observer = Observer(here, config, paths) if use_cache else None
    loaded = configuration.load(
        here,
        config=config,
        extra_sources=paths,
        strict=strict,
        use_cache=use_cache,
    )
    if loaded.settings is None:
        return BuildResult(None, loaded.findings, strict=strict), None
    tree = None if observer is None else observer.configured(loaded.settings)
    again, chosen = None, None
    if observer is not None and tree is not None:
        again, chosen = build_again(loaded.settings, observer, tree, write=write, progress=progress)
    if again is not None:
        return build_result(loaded.settings, again, strict), observer
    built = driver.build(
        loaded.settings,
        tree=tree,
        write=write,
        tell_differences=tell_differences,
        progress=progress,
        chosen=chosen,
    )
    if observer is not None and built.complete and (write or not built.changes):
        # A lock file that is as good as a new one stays as it is.
        left = (output for output in built.outputs if write or output.path != LOCK_NAME)
        observer.built({output.path: output.text for output in left})
        if write:
            keep_build(loaded.settings, observer, built)
    return build_result(loaded.settings, built, strict), observer


def check_output(
    paths: Sequence[str] = (),
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    strict: bool = False,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> BuildResult:
    """Whether the output is what a build would write; what is not is a finding."""
    return build(
        paths,
        working_folder=working_folder,
        config=config,
        write=False,
        tell_differences=True,
        strict=strict,
        use_cache=use_cache,
        progress=progress,
    )


def resolve_all(settings: Settings, *, progress: Progress = quiet) -> Resolved:
    """All classes under settings that were made otherwise than from a file."""
    return driver.resolve_project(settings, progress=progress)


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
        loaded.settings, also=[target.modules for target in asked], progress=progress
    )
    requested = tuple(host for host in resolved.hosts if host.requested)
    for target in asked:
        if not any(takes(target, host) for host in requested) and not resolved.failed:
            raise _no_such_class(target, requested)
    if asked:
        requested = tuple(
            host for host in requested if any(takes(target, host) for target in asked)
        )
    return ListResult(loaded.settings, resolved.findings, requested, strict)


def explain(
    target: str,
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> ExplainResult:
    """One class, ``module:Class``, or one event of it, ``module:Class.event``."""
    folder = working_folder or Path.cwd()
    asked = read_target(target, folder)
    loaded = configuration.load(
        folder,
        config=config,
        extra_sources=[] if asked.path is None else [asked.path],
        need_sources=False,
        use_cache=use_cache,
    )
    if loaded.settings is None:
        return ExplainResult(None, loaded.findings)
    resolved = driver.resolve_project(loaded.settings, also=[asked.modules], progress=progress)
    host, event = _find(asked, resolved)
    if host is None:
        if resolved.failed:
            return ExplainResult(loaded.settings, resolved.findings)
        raise _no_such_class(asked, resolved.hosts)
    concerned = _files_of(host)
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
        loaded.settings,
        findings,
        host,
        event,
        len(resolved.findings) - len(findings),
        tuple(places.items()),
    )


def _find(asked: Target, resolved: Resolved) -> tuple[HostClass | None, Event | None]:
    for module, cls, rest in asked.readings:
        for host in resolved.hosts:
            in_file = asked.path is not None and host.place.path == asked.path
            if host.id.name != cls or not (in_file or host.id.module == module):
                continue
            if not rest:
                return host, None
            event = next((one for one in host.events if _is_event(one, rest)), None)
            if event is None:
                labels = [one.label for one in host.events]
                near = suggest.close(rest, labels) or (suggest.nearest(rest, labels),)
                raise WrongUse(
                    f"'{target_name(host.id)}' has no event '{rest}'",
                    f"did you mean {suggest.choice(near)}?",
                )
            return host, event
    return None, None


def _is_event(event: Event, text: str) -> bool:
    bare = text.replace("_", "-")
    for phase in ("pre-", "post-"):
        if bare.startswith(phase) and bare[len(phase) :] == event.label:
            return True
    return event.label == bare or event.method.name == text


def _files_of(host: HostClass) -> frozenset[str]:
    paths = {host.place.path}
    for event in host.events:
        for callback in (*event.pre, *event.post, *(event.runtime_pre or ())):
            paths.add(callback.place.path)
            paths.add(callback.declared_at.path)
    return frozenset(paths)


def _no_such_class(target: Target, hosts: Sequence[HostClass]) -> WrongUse:
    inside = [target_name(host.id) for host in hosts if host.requested and takes(target, host)]
    if inside:
        shown = ", ".join(inside[:_MOST_NAMED]) + (", ..." if inside[_MOST_NAMED:] else "")
        return WrongUse(
            f"'{target.text}' names no class, but a module, a package or a folder",
            f"name one of its classes: {shown}",
        )
    names = [target_name(host.id) for host in hosts if host.requested]
    modules = sorted({host.id.module for host in hosts if host.requested})
    near = suggest.close(target.text, [*names, *modules])
    if not near:
        last = target.text.replace(":", ".").rpartition(".")[2].lower()
        near = tuple(name for name in names if last in name.lower())[:3]
    return WrongUse(
        f"'{target.text}' names no class with callbacks",
        f"did you mean {' or '.join(near)}?" if near else "`arctic-codegen list` shows them all",
    )
