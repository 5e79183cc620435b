"""The optimizer factory."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import nn
from torch.optim import Optimizer

from arctic_codegen import CallbackMixin
from char_lm.config import Config


class OptimizerFactory(CallbackMixin, ABC):
    """Makes an optimizer for a model."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def __call__(self, model: nn.Module) -> Optimizer:
        """A new optimizer."""
        return self.create_optimizer(
            model, self.config.learning_rate, weight_decay=self.config.weight_decay
        )

    @abstractmethod
    def create_optimizer(
        self, model: nn.Module, learning_rate: float, *, weight_decay: float
    ) -> Optimizer:
        """An optimizer of this model's parameters."""


class AdamWFactory(OptimizerFactory):
    """AdamW, with its learning rate fitted to the size of a batch."""

    name = "adamw"

    def create_optimizer(
        self, model: nn.Module, learning_rate: float, *, weight_decay: float
    ) -> Optimizer:
        return torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay)

    def pre_create_optimizer_callback(
        self, weight_decay: float, learning_rate: float
    ) -> tuple[float, float]:
        """Both are meant for batches of 32: a callback may rewrite any of the parameters."""
        scale = (self.config.batch_size / 32) ** 0.5
        return weight_decay / scale, learning_rate * scale
