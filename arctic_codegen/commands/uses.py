"""``uses`` as a function: where does a callback run, and which callbacks run nowhere (R65)?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.commands.named import is_named, meanings
from arctic_codegen.commands.results import Result, in_what_could_be_read
from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.frameworks.logs import is_framework_log
from arctic_codegen.model.chosen_order import phases_of, target_name
from arctic_codegen.model.hosts import Callback, HostClass
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.model.settings import Settings


class Use(msgspec.Struct, frozen=True):
    """One call of a callback by a compiled class."""

    host: HostClass
    event: str
    """The phase and event: ``post-step``."""
    callback: Callback


class UsesResult(Result, frozen=True):
    """The calls, by class and in the order in which they run.

    The findings are errors; code with errors may be missing among the calls.
    """

    uses: tuple[Use, ...] = ()


def uses(
    function: str | None,
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> UsesResult:
    """Where compiled classes call a function, given by its dotted name or the end of it.

    Without a name: the declared callbacks that no compiled class calls, each at the class that
    declares it.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` if no callback has this name.
    """
    if (function or "").partition(":")[0].endswith(".py"):
        raise WrongUse(
            f"'{function}' is a file, not the name of a function",
            "`arctic-codegen explain FILE:LINE` shows what a line has to do with callbacks",
        )
    loaded = configuration.load(
        working_folder or Path.cwd(), config=config, use_cache=use_cache, need_sources=True
    )
    if loaded.settings is None:
        return UsesResult(None, loaded.findings)
    settings = loaded.settings
    resolved = driver.resolve_project(settings, progress=progress)
    hosts = [host for host in resolved.hosts if host.requested]
    nothing = ""
    if function is None:
        found = _unused(hosts, settings)
    elif not (found := _named(hosts, resolved, function)):
        nothing = in_what_could_be_read(resolved, _no_such_callback(function, hosts, resolved))
    errors = (one for one in resolved.findings if one.severity is Severity.ERROR)
    return UsesResult(
        settings,
        tuple(errors),
        uses=tuple(found),
        nothing=nothing,
        installed_folders=resolved.installed_folders,
    )


def _called(hosts: list[HostClass], settings: Settings) -> Iterator[Use]:
    for host in hosts:
        for phase in chain.from_iterable(phases_of(host, settings) if host.compiled else ()):
            yield from (Use(host, phase.name, callback) for callback in phase.compiled)


def _named(hosts: list[HostClass], resolved: ResolvedProject, function: str) -> list[Use]:
    callbacks = list(_called(hosts, resolved.settings))
    found = [use for use in callbacks if is_named(use.callback, function)]
    if not found:
        meant = set(meanings(function, resolved))
        found = [use for use in callbacks if any(one.is_of(use.callback) for one in meant)]
    wrapper = function.rpartition(".")[2]
    return found or [
        use for use in callbacks if any(one.kind == wrapper for one in use.callback.wrappers)
    ]


def _unused(hosts: list[HostClass], settings: Settings) -> list[Use]:
    used = {_same_callback_key(use.callback) for use in _called(hosts, settings)}
    found: dict[object, Use] = {}
    for host in hosts:
        for event in host.events:
            for callback in event.all_callbacks:
                key = _same_callback_key(callback)
                own = callback.declared_in == host.id and not is_framework_log(callback)
                if own and key not in used:
                    found.setdefault(key, Use(host, f"{callback.phase}-{event.label}", callback))
    return list(found.values())


def _same_callback_key(callback: Callback) -> tuple[object, ...]:
    return (callback.declared_at, callback.phase, callback.name)


def _no_such_callback(function: str, hosts: list[HostClass], resolved: ResolvedProject) -> WrongUse:
    callbacks = {
        callback.name: callback
        for host in hosts
        for event in host.events
        for callback in event.all_callbacks
        if not is_framework_log(callback)
    }
    unused = f"no compiled class calls '{function}'"
    if any(is_named(callback, function) for callback in callbacks.values()):
        return WrongUse(unused, "`uses --unused` shows where it is declared")
    meant = {one.name for one in meanings(function, resolved)}
    for host in hosts:
        if str(host.id) in meant:
            shown = f"`arctic-codegen explain {target_name(host.id)}` shows what it calls"
            return WrongUse(f"{unused}: it is a class that has callbacks", shown)
    if meant:
        return WrongUse(unused, "it exists, and no list of callbacks has it")
    names = [name.removesuffix(".__call__") for name in sorted(callbacks)]
    names += sorted({str(one.receiver) for one in callbacks.values() if one.receiver is not None})
    last = {name.rpartition(".")[2]: name for name in names}
    near = list(suggest.close(function, names))
    near = near or [last[one] for one in suggest.close(function.rpartition(".")[2], last)]
    hint = f"did you mean {suggest.choice(near)}?" if near else "`arctic-codegen list` shows all"
    return WrongUse(f"no callback is named '{function}'", hint)
