"""ArcticTraining's mixin, as of version 0.8."""

from __future__ import annotations

from arctic_codegen.frameworks.common import FrameworkInfo
from arctic_codegen.model.hosts import ClassId, FunctionReach

ARCTIC_TRAINING = FrameworkInfo(
    name="arctic_training",
    mixins=(ClassId("arctic_training.callback.mixin", "CallbackMixin"),),
    wrappers=(ClassId("arctic_training.callback.mixin", "callback_wrapper"),),
    own_methods=("__init__",),
    has_runtime=True,
    registries=(ClassId("arctic_training.registry", "RegistryMeta"),),
    order_log=FunctionReach("arctic_training.callback.logging", "_log_callback_ordering"),
)
