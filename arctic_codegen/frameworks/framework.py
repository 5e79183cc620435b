"""The record that describes a framework."""

from __future__ import annotations

from typing import Literal

import msgspec

from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.wrappers import FunctionReach

RuntimeOrder = Literal["lists_then_methods"]
"""In which order a mixin itself runs the callbacks of a class that is not compiled; each is a
function of the resolver. ``lists_then_methods``: the lists that classes had when they were made,
along one line of bases, then the callback methods by name."""


class TestedPart(msgspec.Struct, frozen=True):
    """A top-level definition that compiled classes rely on, and the digest of its code."""

    module: str
    name: str
    digest: str


class TestedVersions(msgspec.Struct, frozen=True):
    """The releases of a framework that compiled classes are tested with (R42)."""

    distribution: str
    """As an installer calls it."""
    at_least: tuple[int, int]
    below: tuple[int, int]
    parts: tuple[TestedPart, ...]


class Takeover(msgspec.Struct, frozen=True):
    """How compiled classes replace the callback runtime of their framework (R38, R39)."""

    module: str
    """The module that compiled classes import ``take_over``, ``plain``, ``enter``, ``leave`` and
    ``log_order`` from."""
    attribute: str
    """What a compiled class binds to the result of ``take_over``. On an object, it lists the
    callbacks that were added after construction (R40)."""
    order_log: FunctionReach | None = None
    """The callback that logs the order of callbacks: ``log_order`` is called in its place."""


class Framework(msgspec.Struct, frozen=True):
    """A callback mixin, and what is special about the classes that derive from it.

    What is left out is what a mixin without a runtime has: nobody but the compiled class calls
    callbacks.
    """

    name: str
    """What ``--json`` calls it."""
    mixins: tuple[ClassId, ...]
    """The mixin, under each module that it may be imported from."""
    title: str = ""
    """What people call it; empty for this package's own, which goes without saying."""
    keeps_notes: bool = False
    """The mixin gives each class a list of its own, and notes at run time which module changes a
    list and which keywords a class statement was given."""
    event_decorators: tuple[ClassId, ...] = ()
    """Decorators whose first argument names the event of the method below (R6)."""
    own_methods: tuple[str, ...] = ()
    """The mixin's own methods that are events; its others are machinery."""
    registries: tuple[ClassId, ...] = ()
    """Metaclasses that keep a class by the ``name`` that its own body states."""
    runtime_order: RuntimeOrder | None = None
    """Set where classes run their callbacks without being compiled."""
    takeover: Takeover | None = None
    """Set where compiled classes have to step out of that runtime."""
    tested: TestedVersions | None = None
    trainers: tuple[str, ...] = ()
    """Trainers, by dotted name: which of their methods every rank has to call is known."""
    steering: tuple[str, ...] = ()
    """Attributes of these by which each rank decides for itself whether to go on."""
    checkpoint_engines: tuple[str, ...] = ()
    """The same for what saves and loads checkpoints."""
