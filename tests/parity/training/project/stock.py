"""For ArcticTraining's own trainer: an optimizer that needs no compiled operator."""

from typing import Any

import torch
from arctic_training.config.optimizer import OptimizerConfig
from arctic_training.optimizer.factory import OptimizerFactory
from tiny.trace import ended, note


class Plain(OptimizerFactory):
    name = "plain"
    callbacks = [("post-init", ended("init"))]

    def create_optimizer(self, model: Any, optimizer_config: OptimizerConfig) -> Any:
        return torch.optim.AdamW(model.parameters(), lr=optimizer_config.learning_rate)

    def post_create_optimizer_callback(self, optimizer):
        note(f"{type(self).__name__}: {type(optimizer).__name__}")
        return optimizer
