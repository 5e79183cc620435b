"""The callback mixins: this package's own and ArcticTraining's (as of version 0.8), and how to
know a class that derives from one."""

from __future__ import annotations

from collections.abc import Iterable

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


OWN = FrameworkInfo(
    name="own",
    mixins=(
        ClassId("arctic_codegen", "CallbackMixin"),
        ClassId("arctic_codegen.runtime", "CallbackMixin"),
    ),
)

ARCTIC_TRAINING = FrameworkInfo(
    name="arctic_training",
    mixins=(ClassId("arctic_training.callback.mixin", "CallbackMixin"),),
    wrappers=(ClassId("arctic_training.callback.mixin", "callback_wrapper"),),
    own_methods=("__init__",),
    has_runtime=True,
    registries=(ClassId("arctic_training.registry", "RegistryMeta"),),
    order_log=FunctionReach("arctic_training.callback.logging", "_log_callback_ordering"),
)

FRAMEWORKS: tuple[FrameworkInfo, ...] = (ARCTIC_TRAINING, OWN)
"""A class on both mixins belongs to the first: its runtime is the one to be taken over."""

_BY_MIXIN = {mixin: framework for framework in FRAMEWORKS for mixin in framework.mixins}


def is_mixin(cls: ClassId) -> bool:
    """Whether this class is a mixin itself."""
    return cls in _BY_MIXIN


def framework_of(mro: Iterable[ClassId]) -> FrameworkInfo | None:
    """The framework of a class with that MRO; ``None`` if it is no host class."""
    found = {_BY_MIXIN[cls].name for cls in mro if cls in _BY_MIXIN}
    return next((framework for framework in FRAMEWORKS if framework.name in found), None)


def framework_named(name: Framework) -> FrameworkInfo:
    """The framework of that name."""
    return next(framework for framework in FRAMEWORKS if framework.name == name)
