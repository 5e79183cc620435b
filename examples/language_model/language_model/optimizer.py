"""The optimizer and the schedule of its learning rate."""

from __future__ import annotations

from torch import nn

from arctic_codegen import rank_zero
from arctic_codegen.blocks import AdamWFactory, HFSchedulerFactory, OptimizerConfig

SAMPLES = 8
"""The recipe's learning rate is meant for that many samples in a step of the optimizer."""


class HelpOptimizer(AdamWFactory):
    """AdamW, with a learning rate that depends on the number of samples in a step."""

    name = "help"

    def pre_create_optimizer_callback(
        self, optimizer_config: OptimizerConfig, model: nn.Module
    ) -> tuple[OptimizerConfig, nn.Module]:
        """A callback may change any of the parameters, and takes them in any order."""
        config = self.trainer.config
        samples = config.micro_batch_size * config.gradient_accumulation_steps * self.world_size
        rate = optimizer_config.learning_rate * (samples / SAMPLES) ** 0.5
        return optimizer_config.model_copy(update={"learning_rate": rate}), model


class HelpScheduler(HFSchedulerFactory):
    """The schedule in the recipe: warm-up, then half a cosine."""

    name = "help"
    callbacks = [
        (
            "pre-create-scheduler",
            rank_zero(lambda self: print(f"rate    {self.config.name} schedule")),
        ),
    ]
