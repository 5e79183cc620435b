"""The supported frameworks, and which one a class belongs to.

To add one, write a file or folder beside this one that creates its :class:`Framework`, and add a
line to :data:`FRAMEWORKS`. No other code compares frameworks by name.
"""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.frameworks.arctic_training.framework import ARCTIC_TRAINING
from arctic_codegen.frameworks.framework import Framework
from arctic_codegen.frameworks.own import OWN
from arctic_codegen.model.hosts import ClassId

FRAMEWORKS: tuple[Framework, ...] = (
    ARCTIC_TRAINING,
    OWN,
)
"""A class with several mixins belongs to the first of these: its runtime must be replaced."""

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

_BY_MIXIN = {mixin: framework for framework in FRAMEWORKS for mixin in framework.mixins}

PACKAGES = frozenset(mixin.module.partition(".")[0] for mixin in _BY_MIXIN)
"""The packages that contain the mixins."""


def is_mixin(cls: ClassId) -> bool:
    """Whether this class is a mixin itself."""
    return cls in _BY_MIXIN


def framework_of(mro: Iterable[ClassId]) -> Framework | None:
    """The framework of a class with this MRO; ``None`` if it is not a host class."""
    found = {_BY_MIXIN[cls].name for cls in mro if cls in _BY_MIXIN}
    return next((framework for framework in FRAMEWORKS if framework.name in found), None)


def framework_named(name: str) -> Framework:
    """The framework with this name."""
    return next(framework for framework in FRAMEWORKS if framework.name == name)
