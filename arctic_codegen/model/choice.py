"""Which of a class's two orders counts (R45): read off the settings, decided nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass
from arctic_codegen.model.settings import Semantics, Settings

Phase = Literal["pre", "post"]
PHASES: tuple[Phase, ...] = ("pre", "post")

_MIXIN = "CallbackMixin"
_LOGS = "arctic_training.callback.logging."


def target_name(identity: ClassId) -> str:
    """The way in which settings and commands name a class: ``my_project.trainers:TrainerB``."""
    return f"{identity.module}:{identity.name}"


def chosen_semantics(host: HostClass, settings: Settings) -> Semantics | None:
    """What the settings say for this class; ``None`` where nothing was chosen.

    Only ArcticTraining has another order than the documented one.
    """
    if host.framework != "arctic_training":
        return "documented"
    of_class = dict(settings.semantics_of).get(target_name(host.id))
    return of_class or settings.semantics


def semantics_of(host: HostClass, settings: Settings) -> Semantics:
    """The order that counts for this class, where nothing was chosen the documented one."""
    return chosen_semantics(host, settings) or "documented"


def compiled_phase(
    host: HostClass, event: Event, phase: str, settings: Settings
) -> tuple[Callback, ...]:
    """The callbacks of one phase that the compiled class calls, in order."""
    found = phase_of(event, phase, semantics_of(host, settings))
    return tuple(one for one in found if not one.left_out)


def callbacks_of(event: Event, semantics: Semantics) -> tuple[Callback, ...]:
    """The event's callbacks in that order, those before the method first."""
    return phase_of(event, "pre", semantics) + phase_of(event, "post", semantics)


def phase_of(event: Event, phase: str, semantics: Semantics) -> tuple[Callback, ...]:
    """The callbacks of one phase in that order."""
    documented = event.pre if phase == "pre" else event.post
    runtime = event.runtime_pre if phase == "pre" else event.runtime_post
    return runtime if semantics == "runtime" and runtime is not None else documented


def phases_of(
    host: HostClass, settings: Settings
) -> Iterator[tuple[Event, Phase, tuple[Callback, ...]]]:
    """Every event of a class in both phases, with the callbacks in the order that counts: the
    documented one where none was chosen."""
    semantics = semantics_of(host, settings)
    for event in host.events:
        for phase in PHASES:
            yield event, phase, phase_of(event, phase, semantics)


def differing_phases(host: HostClass, *, logs: bool = True) -> tuple[tuple[Event, str], ...]:
    """The events and phases in which the two semantics give a class other callbacks, or another
    order (R45). The mixin's own log entries do not count, whoever lists them once more; without
    ``logs`` neither do ArcticTraining's other ones."""
    return tuple(
        (event, phase)
        for event in host.events
        for phase in PHASES
        if _calls(event, phase, "documented", logs) != _calls(event, phase, "runtime", logs)
    )


def is_framework_log(callback: Callback) -> bool:
    """Whether it is an entry of ArcticTraining's classes by which it logs what it does itself."""
    return is_log(callback) and callback.declared_in.module.startswith("arctic_training.")


def is_log(callback: Callback) -> bool:
    """Whether it is one of ArcticTraining's log callbacks, whoever lists it."""
    return callback.name.startswith(_LOGS)


def _calls(
    event: Event, phase: str, semantics: Semantics, logs: bool
) -> list[tuple[ClassId, tuple[str, ...]]]:
    of_mixin = {
        callback.identity for callback in event.all_callbacks if callback.declared_in.name == _MIXIN
    }
    return [
        (callback.declared_in, callback.identity)
        for callback in phase_of(event, phase, semantics)
        if callback.identity not in of_mixin and (logs or not is_log(callback))
    ]
