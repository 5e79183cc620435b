"""The scheduler factory, which creates the learning rate schedule."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from transformers import get_scheduler

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks._part import Part
from arctic_codegen.blocks.config import SchedulerConfig
from arctic_codegen.blocks.run import Run


class SchedulerFactory(CallbackMixin, Part, ABC):
    """Creates the learning rate scheduler."""

    name: str
    config: SchedulerConfig

    def __init__(self, trainer: Run, scheduler_config: SchedulerConfig | None = None) -> None:
        self._trainer = trainer
        self.config = trainer.config.scheduler if scheduler_config is None else scheduler_config

    def __call__(self) -> torch.optim.lr_scheduler.LRScheduler:
        return self.create_scheduler(self.optimizer)

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """The trainer's optimizer."""
        return self.trainer.optimizer

    @abstractmethod
    def create_scheduler(
        self, optimizer: torch.optim.Optimizer
    ) -> torch.optim.lr_scheduler.LRScheduler:
        """Creates the scheduler of the optimizer's learning rate."""


class HFSchedulerFactory(SchedulerFactory):
    """Creates a schedule of transformers over all steps of the training."""

    name = "huggingface"

    def create_scheduler(
        self, optimizer: torch.optim.Optimizer
    ) -> torch.optim.lr_scheduler.LRScheduler:
        horizon = self.trainer.training_horizon
        made: torch.optim.lr_scheduler.LRScheduler = get_scheduler(
            name=self.config.name,
            optimizer=optimizer,
            num_warmup_steps=int(self.config.warmup_ratio * horizon),
            num_training_steps=horizon,
            scheduler_specific_kwargs=self.config.scheduler_specific_kwargs,
        )
        return made
