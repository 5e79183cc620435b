"""All frameworks, and how a class is told to belong to one."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.frameworks.arctic_training import ARCTIC_TRAINING
from arctic_codegen.frameworks.common import FrameworkInfo
from arctic_codegen.frameworks.own import OWN
from arctic_codegen.model.hosts import ClassId, Framework

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
