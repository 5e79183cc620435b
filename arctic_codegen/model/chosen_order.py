"""Which of a class's two orders applies (R45)? Only the settings decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from arctic_codegen.model.hosts import Callback, ClassId, Dropped, Event, HostClass, OrderAssertion
from arctic_codegen.model.settings import Semantics, Settings
from arctic_codegen.model.spelling import PHASES, Phase


def target_name(identity: ClassId) -> str:
    """The name of a class in settings and commands: ``my_project.trainers:TrainerB``."""
    return f"{identity.module}:{identity.name}"


def chosen_semantics(host: HostClass, settings: Settings) -> Semantics | None:
    """The order that the settings choose for this class; ``None`` if they choose none.

    If the framework has no order of its own, there is only the documented one.
    """
    if not host.has_runtime_order:
        return "documented"
    of_class = dict(settings.semantics_of).get(target_name(host.id))
    return of_class or settings.semantics


def semantics_of(host: HostClass, settings: Settings) -> Semantics:
    """The order that applies to this class; by default the documented one."""
    return chosen_semantics(host, settings) or "documented"


def compiled_phase(
    host: HostClass, event: Event, phase: str, settings: Settings
) -> tuple[Callback, ...]:
    """The callbacks of one phase that the compiled class calls, in order."""
    found = phase_of(event, phase, semantics_of(host, settings))
    return tuple(one for one in found if not one.left_out)


def phase_of(event: Event, phase: str, semantics: Semantics) -> tuple[Callback, ...]:
    """The callbacks of one phase in this order."""
    documented = event.pre if phase == "pre" else event.post
    runtime = event.runtime_pre if phase == "pre" else event.runtime_post
    return runtime if semantics == "runtime" and runtime is not None else documented


class EventPhase(NamedTuple):
    """The callbacks of one phase of an event, in the order that applies to the class."""

    host: HostClass
    event: Event
    phase: Phase
    callbacks: tuple[Callback, ...]
    dropped: tuple[Dropped, ...]

    @property
    def name(self) -> str:
        """The phase and event: ``post-loss``."""
        return f"{self.phase}-{self.event.label}"

    @property
    def compiled(self) -> tuple[Callback, ...]:
        """The callbacks that the compiled class calls."""
        return tuple(one for one in self.callbacks if not one.left_out)

    @property
    def assertions(self) -> tuple[OrderAssertion, ...]:
        """The order assertions about these callbacks that hold."""
        return tuple(one for one in self.host.assertions if one.on == self.name)


def phases_of(host: HostClass, settings: Settings) -> Iterator[tuple[EventPhase, EventPhase]]:
    """The events of a class, each with both phases."""
    semantics = semantics_of(host, settings)
    for event in host.events:
        dropped = event.dropped if semantics == "documented" else ()
        pre, post = (
            EventPhase(
                host,
                event,
                phase,
                phase_of(event, phase, semantics),
                tuple(one for one in dropped if one.phase == phase),
            )
            for phase in PHASES
        )
        yield pre, post
