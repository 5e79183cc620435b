"""The optimizer factory, which creates the optimizer."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks._part import Part
from arctic_codegen.blocks.config import OptimizerConfig
from arctic_codegen.blocks.run import Run


class OptimizerFactory(CallbackMixin, Part, ABC):
    """Creates the optimizer."""

    name: str
    config: OptimizerConfig

    def __init__(self, trainer: Run, optimizer_config: OptimizerConfig | None = None) -> None:
        self._trainer = trainer
        self.config = trainer.config.optimizer if optimizer_config is None else optimizer_config

    def __call__(self) -> torch.optim.Optimizer:
        return self.create_optimizer(self.trainer.model, self.config)

    @abstractmethod
    def create_optimizer(
        self, model: torch.nn.Module, optimizer_config: OptimizerConfig
    ) -> torch.optim.Optimizer:
        """Creates the optimizer of the model's parameters."""


class AdamWFactory(OptimizerFactory):
    """PyTorch's AdamW, with weight decay only for matrices, not for norms and biases."""

    name = "adamw"

    def create_optimizer(
        self, model: torch.nn.Module, optimizer_config: OptimizerConfig
    ) -> torch.optim.Optimizer:
        trained = [one for one in model.parameters() if one.requires_grad]
        # At ZeRO stage 3 a partitioned parameter has its shape in `ds_shape`.
        matrices = [one for one in trained if len(getattr(one, "ds_shape", one.shape)) > 1]
        of_matrices = {id(one) for one in matrices}
        others = [one for one in trained if id(one) not in of_matrices]
        groups = [
            {"params": matrices, "weight_decay": optimizer_config.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(
            [group for group in groups if group["params"]],
            lr=optimizer_config.learning_rate,
            betas=optimizer_config.betas,
            # If ZeRO offloads it, it steps on the CPU, where PyTorch's default is slow.
            fused=True if self.trainer.config.offloads_optimizer else None,
        )
