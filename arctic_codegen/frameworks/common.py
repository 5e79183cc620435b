"""What one framework of callbacks is known by."""

from __future__ import annotations

import msgspec

from arctic_codegen.model.hosts import ClassId, Framework, FunctionReach

BUILDING_BLOCKS = (
    "Trainer",
    "DataFactory",
    "CheckpointEngine",
    "ModelFactory",
    "OptimizerFactory",
    "SchedulerFactory",
    "TokenizerFactory",
    "DataSource",
)
"""The names of root host classes that give a class its ``kind``."""


class FrameworkInfo(msgspec.Struct, frozen=True):
    """A mixin, and what is special about the classes that stand on it.

    A mixin has several identities where it may be imported from several modules. ``wrappers``
    are the decorators (module and name) whose first argument names an event (R6).
    ``own_methods`` are the mixin's methods that are events; its others are machinery.
    """

    name: Framework
    mixins: tuple[ClassId, ...]
    wrappers: tuple[ClassId, ...] = ()
    own_methods: tuple[str, ...] = ()
    has_runtime: bool = False
    """Its classes run their callbacks without being compiled, in an order of their own."""
    registries: tuple[ClassId, ...] = ()
    """Metaclasses that keep a class by the ``name`` that its own body states."""
    order_log: FunctionReach | None = None
    """The entry that logs the order of callbacks, which it takes from the runtime."""
