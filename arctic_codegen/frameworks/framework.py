"""The record that describes a framework."""

from __future__ import annotations

from typing import Literal

import msgspec

from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.wrappers import FunctionReach

RuntimeOrder = Literal["lists_then_methods"]
"""The order in which a mixin itself runs the callbacks of an uncompiled class; each is a
function of the resolver. ``lists_then_methods``: the lists that classes had at their creation,
along one line of bases, then the callback methods by name."""


class TestedPart(msgspec.Struct, frozen=True):
    """A top-level definition that compiled classes rely on, and the digest of its code."""

    module: str
    name: str
    digest: str


class TestedVersions(msgspec.Struct, frozen=True):
    """The releases of a framework that compiled classes are tested with (R42)."""

    distribution: str
    """The name for installers."""
    at_least: tuple[int, int]
    below: tuple[int, int]
    parts: tuple[TestedPart, ...]


class Takeover(msgspec.Struct, frozen=True):
    """How compiled classes replace the callback runtime of their framework (R38, R39)."""

    module: str
    """The module from which compiled classes import ``take_over``, ``plain``, ``enter``, ``leave``
    and ``log_order``."""
    attribute: str
    """The class attribute with the result of ``take_over``. On an object, it contains the
    callbacks that were added after construction (R40)."""
    order_log: FunctionReach | None = None
    """The callback that logs the order of callbacks: ``log_order`` is called instead of it."""


class Framework(msgspec.Struct, frozen=True):
    """A callback mixin, and the properties of classes that derive from it.

    The defaults are those of a mixin without a runtime: only compiled classes call
    callbacks.
    """

    name: str
    """The name in JSON output."""
    mixins: tuple[ClassId, ...]
    """The mixin, under each module that it can be imported from."""
    title: str = ""
    """The displayed name; empty for this package's own mixin, which is not mentioned."""
    keeps_notes: bool = False
    """The mixin gives each class its own list, and records at run time which modules change a list,
    and the keywords of each class statement."""
    event_decorators: tuple[ClassId, ...] = ()
    """Decorators whose first argument names the event of the method below (R6)."""
    own_methods: tuple[str, ...] = ()
    """The mixin's own methods that are events; its other methods are internal."""
    registries: tuple[ClassId, ...] = ()
    """Metaclasses that register a class under the ``name`` in its own body."""
    runtime_order: RuntimeOrder | None = None
    """Set if classes run their callbacks without being compiled."""
    takeover: Takeover | None = None
    """Set if compiled classes have to bypass this runtime."""
    tested: TestedVersions | None = None
    trainers: tuple[str, ...] = ()
    """Dotted names of trainers whose methods are known, including which every rank must call."""
    steering: tuple[str, ...] = ()
    """Attributes of these trainers by which each rank decides whether to continue."""
    checkpoint_engines: tuple[str, ...] = ()
    """The same for classes that save and load checkpoints."""
