"""``uses`` as a function: where does a callback run, and which run nowhere (R65)?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.commands.results import Result
from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.frameworks.logs import is_framework_log
from arctic_codegen.model.chosen_order import PHASES, compiled_phase
from arctic_codegen.model.hosts import Callback, HostClass
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.model.settings import Settings


class Use(msgspec.Struct, frozen=True):
    """One place in the order of one class."""

    host: HostClass
    event: str
    """``post-step``"""
    callback: Callback


class UsesResult(Result, frozen=True):
    """The places, by class and in the order in which they run."""

    uses: tuple[Use, ...] = ()
    installed_folders: tuple[str, ...] = ()


def uses(
    function: str | None,
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> UsesResult:
    """Where compiled classes call a function, named by its dotted name or the end of that.

    Without one, the callbacks that are declared and that no compiled class calls, each at the
    class that declares it.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` if no callback has that name.
    """
    loaded = configuration.load(
        working_folder or Path.cwd(), config=config, use_cache=use_cache, need_sources=True
    )
    if loaded.settings is None:
        return UsesResult(None, loaded.findings)
    settings = loaded.settings
    resolved = driver.resolve_project(settings, progress=progress)
    hosts = [host for host in resolved.hosts if host.requested]
    found = _unused(hosts, settings) if function is None else _named(hosts, settings, function)
    if function is not None and not found and not resolved.failed:
        raise _no_such_callback(function, hosts)
    return UsesResult(
        settings,
        resolved.findings,
        uses=tuple(found),
        installed_folders=resolved.installed_folders,
    )


def _called(hosts: list[HostClass], settings: Settings) -> Iterator[Use]:
    for host in hosts:
        if host.compiled:
            for event in host.events:
                for phase in PHASES:
                    for callback in compiled_phase(host, event, phase, settings):
                        yield Use(host, f"{phase}-{event.label}", callback)


def _named(hosts: list[HostClass], settings: Settings, function: str) -> list[Use]:
    wanted = function.replace(":", ".")
    return [use for use in _called(hosts, settings) if _is_called(use.callback.name, wanted)]


def _is_called(name: str, wanted: str) -> bool:
    name = name.removesuffix(".__call__")
    return name == wanted or name.endswith(f".{wanted}")


def _unused(hosts: list[HostClass], settings: Settings) -> list[Use]:
    used = {_declaration(use.callback) for use in _called(hosts, settings)}
    found: dict[object, Use] = {}
    for host in hosts:
        for event in host.events:
            for callback in event.all_callbacks:
                key = _declaration(callback)
                own = callback.declared_in == host.id and not is_framework_log(callback)
                if own and key not in used:
                    found.setdefault(key, Use(host, f"{callback.phase}-{event.label}", callback))
    return list(found.values())


def _declaration(callback: Callback) -> tuple[object, ...]:
    return (callback.declared_at, callback.phase, callback.name)


def _no_such_callback(function: str, hosts: list[HostClass]) -> WrongUse:
    names = sorted(
        {
            callback.name.removesuffix(".__call__")
            for host in hosts
            for event in host.events
            for callback in event.all_callbacks
            if not is_framework_log(callback)
        }
    )
    if any(_is_called(name, function.replace(":", ".")) for name in names):
        return WrongUse(
            f"no compiled class calls '{function}'", "`uses --unused` shows where it is declared"
        )
    last = {name.rpartition(".")[2]: name for name in names}
    near = [
        *suggest.close(function, names, most=1),
        *(last[one] for one in suggest.close(function.rpartition(".")[2], list(last), most=1)),
    ]
    hint = f"did you mean {near[0]}?" if near else "`arctic-codegen list` shows all callbacks"
    return WrongUse(f"no callback is called '{function}'", hint)
