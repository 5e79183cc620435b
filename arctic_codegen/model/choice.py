"""Which of a class's two orders counts (R45): read off the settings, decided nowhere else."""

from __future__ import annotations

from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass
from arctic_codegen.model.settings import Semantics, Settings


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


def callbacks_of(event: Event, semantics: Semantics) -> tuple[Callback, ...]:
    """The event's callbacks in that order, those before the method first."""
    return phase_of(event, "pre", semantics) + phase_of(event, "post", semantics)


def phase_of(event: Event, phase: str, semantics: Semantics) -> tuple[Callback, ...]:
    """The callbacks of one phase in that order."""
    documented = event.pre if phase == "pre" else event.post
    runtime = event.runtime_pre if phase == "pre" else event.runtime_post
    return runtime if semantics == "runtime" and runtime is not None else documented
