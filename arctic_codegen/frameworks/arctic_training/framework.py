"""The framework record of ArcticTraining's mixin."""

from __future__ import annotations

from arctic_codegen.frameworks.arctic_training.tested_versions import TESTED
from arctic_codegen.frameworks.framework import Framework, Takeover
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.wrappers import FunctionReach

ARCTIC_TRAINING = Framework(
    name="arctic_training",
    title="ArcticTraining",
    mixins=(ClassId("arctic_training.callback.mixin", "CallbackMixin"),),
    event_decorators=(ClassId("arctic_training.callback.mixin", "callback_wrapper"),),
    own_methods=("__init__",),
    registries=(ClassId("arctic_training.registry", "RegistryMeta"),),
    runtime_order="lists_then_methods",
    takeover=Takeover(
        module="arctic_codegen.runtime.arctic_training",
        attribute="_initialized_callbacks",
        order_log=FunctionReach("arctic_training.callback.logging", "_log_callback_ordering"),
    ),
    tested=TESTED,
    trainers=("arctic_training.trainer.trainer.Trainer",),
    steering=("early_stop",),
    checkpoint_engines=(
        "arctic_training.checkpoint.ds_engine.DSCheckpointEngine",
        "arctic_training.checkpoint.hf_engine.HFCheckpointEngine",
    ),
)
