"""The framework record of this package's own mixin."""

from __future__ import annotations

from arctic_codegen.frameworks.framework import Framework
from arctic_codegen.model.hosts import ClassId

OWN = Framework(
    name="own",
    mixins=(
        ClassId("arctic_codegen", "CallbackMixin"),
        ClassId("arctic_codegen.runtime", "CallbackMixin"),
    ),
    keeps_notes=True,
    trainers=("arctic_codegen.blocks.trainer.Trainer",),
    checkpoint_engines=(
        "arctic_codegen.blocks.checkpoint.DSCheckpointEngine",
        "arctic_codegen.blocks.export.HFCheckpointEngine",
    ),
)
