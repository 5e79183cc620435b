"""Optimizer and scheduler factories."""

from typing import Any

import torch
from arctic_training.config.optimizer import OptimizerConfig
from arctic_training.optimizer.factory import OptimizerFactory
from arctic_training.scheduler.hf_factory import HFSchedulerFactory

from tiny.kinds import Every, decorated, recorder
from tiny.trace import entered, note, returned


def faster(self, optimizer_config):
    note(f"{type(self).__name__}: a rate of {optimizer_config.learning_rate} is doubled")
    rate = 2 * optimizer_config.learning_rate
    return optimizer_config.model_copy(update={"learning_rate": rate})


class AdamW(OptimizerFactory):
    """PyTorch's own, so that no DeepSpeed operator has to be compiled."""

    name = "torch_adamw"
    callbacks = [
        ("pre-create-optimizer", entered("create_optimizer")),
        ("pre-create-optimizer", faster),
        ("post-create-optimizer", returned("create_optimizer")),
        ("post-init", Every("optimizer")),
    ]

    def create_optimizer(self, model: Any, optimizer_config: OptimizerConfig) -> Any:
        note(f"{type(self).__name__}: a rate of {optimizer_config.learning_rate}")
        return torch.optim.AdamW(model.parameters(), lr=optimizer_config.learning_rate)

    def pre_create_optimizer_callback(self, optimizer_config, model):
        note(f"{type(self).__name__}: {optimizer_config.learning_rate} for {type(model).__name__}")
        return optimizer_config, model


class Decayed(AdamW):
    name = "decayed_adamw"
    callbacks = [("post-create-optimizer", decorated)]

    def post_create_optimizer_callback(self, optimizer):
        for group in optimizer.param_groups:
            group["weight_decay"] = 0.05
        return optimizer


class Linear(HFSchedulerFactory):
    name = "linear"
    callbacks = [
        ("pre-create-scheduler", entered("create_scheduler")),
        ("post-create-scheduler", returned("create_scheduler")),
        ("post-create-scheduler", recorder.weigh),
    ]

    def pre_create_scheduler_callback(self, optimizer):
        note(f"{type(self).__name__}: {[group['lr'] for group in optimizer.param_groups]}")
        return optimizer
