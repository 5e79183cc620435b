"""The run that a factory or a checkpoint engine works for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerBase

from arctic_codegen.blocks.config import TrainerConfig
from arctic_codegen.blocks.metrics import Metrics
from arctic_codegen.blocks.random_state import RandomState

Loader = DataLoader[Any]


class Run(ABC):
    """What the parts of a trainer know of it. Each of them has it as ``self.trainer``."""

    config: TrainerConfig
    """The recipe; a part has its own section as ``self.config``."""

    epoch_idx: int
    """Epochs that are done."""
    train_batch_idx: int
    """Batches of this epoch that are done."""
    global_step: int
    """Steps that the optimizer has made."""
    gradient_norm: torch.Tensor | float | None
    """The norm of all gradients of the last step, before they are clipped; none before that."""
    early_stop: bool
    """A callback that sets it ends the training after the step."""
    epoch_finished: bool
    """Whether the last epoch that was begun is over."""
    training_finished: bool
    """Whether the training is over; the last checkpoints are saved then."""
    is_evaluating: bool
    """Whether ``loss`` is called by ``evaluate``."""
    eval_loss: float | None
    """The mean loss of the last evaluation, over the target tokens of all ranks."""

    world_size: int
    """How many ranks there are."""
    global_rank: int
    """Which of all ranks this process is."""
    device: torch.device
    """Where this rank computes."""

    tokenizer: PreTrainedTokenizerBase
    """What the tokenizer factory has made."""
    train_dataloader: Loader
    """This rank's batches."""
    eval_dataloader: Loader | None
    """This rank's batches to evaluate on, if ``data.train_eval_split`` holds some out."""
    model: Any
    """The DeepSpeed engine; while it is made, the plain model."""
    optimizer: torch.optim.Optimizer
    """What the optimizer factory has made."""
    scheduler: torch.optim.lr_scheduler.LRScheduler
    """What the scheduler factory has made."""
    metrics: Metrics
    """What is told at log lines; ``metrics.write({...})`` tells more."""

    @property
    def model_unwrapped(self) -> torch.nn.Module:
        """The model without the engine around it."""
        model: torch.nn.Module = getattr(self.model, "module", self.model)
        return model

    @property
    def training_horizon(self) -> int:
        """Steps of the optimizer in the whole training."""
        if self.config.train_iters:
            return self.config.train_iters
        in_epoch, accumulated = len(self.train_dataloader), self.config.gradient_accumulation_steps
        if self.config.loss_average == "tokens":
            return max(1, self.config.epochs * (in_epoch // accumulated))
        return max(1, self.config.epochs * in_epoch // accumulated)

    @property
    def at_boundary(self) -> bool:
        """Whether no gradients are gathered that the optimizer has not used yet."""
        return bool(self.model.micro_steps % self.config.gradient_accumulation_steps == 0)

    @property
    @abstractmethod
    def texts(self) -> list[str]:
        """The texts that are trained on, before they are tokens."""

    @abstractmethod
    def resume_from(self, place: dict[str, Any], random_state: RandomState) -> None:
        """Goes on from a checkpoint's place in the data and random state."""
