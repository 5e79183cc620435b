"""The mixin that this package ships."""

from __future__ import annotations

from arctic_codegen.frameworks.common import FrameworkInfo
from arctic_codegen.model.hosts import ClassId

OWN = FrameworkInfo(
    name="own",
    mixins=(
        ClassId("arctic_codegen", "CallbackMixin"),
        ClassId("arctic_codegen.runtime", "CallbackMixin"),
    ),
)
