"""The interface of a run for its parts: factories and checkpoint engines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerBase

from arctic_codegen.blocks.config import TrainerConfig
from arctic_codegen.blocks.metrics import Metrics
from arctic_codegen.runtime.callback_state import CallbackState

Loader = DataLoader[Any]


class Run(ABC):
    """The attributes of a trainer that its parts use. Each part has it as ``self.trainer``."""

    config: TrainerConfig
    """The recipe; a part has its own section as ``self.config``."""

    epoch_idx: int
    """The number of finished epochs."""
    train_batch_idx: int
    """The number of finished batches of this epoch."""
    global_step: int
    """The number of steps of the optimizer."""
    gradient_norm: torch.Tensor | float | None
    """The norm of all gradients of the last step, before they are clipped; none before that."""
    early_stop: bool
    """Ends the training on all ranks if a callback sets it: after this step, or after
    the next one if there are several ranks."""
    epoch_finished: bool
    """Whether the current epoch has ended."""
    training_finished: bool
    """Whether the training has ended; the last checkpoints are saved then."""
    best_steps: dict[str, int]
    """The steps of the best checkpoints, by what they are best in: ``keep_last`` keeps them."""
    is_evaluating: bool
    """Whether ``loss`` is called by ``evaluate``."""
    eval_loss: float | None
    """The mean loss of the last evaluation, over the target tokens of all ranks."""

    world_size: int
    """The number of ranks."""
    global_rank: int
    """The rank of this process."""
    device: torch.device
    """This rank's device."""

    tokenizer: PreTrainedTokenizerBase
    """The tokenizer that the tokenizer factory made."""
    train_dataloader: Loader
    """This rank's batches."""
    eval_dataloader: Loader | None
    """This rank's batches to evaluate on, if ``data.train_eval_split`` holds some out."""
    model: Any
    """The DeepSpeed engine; the plain model until the engine exists."""
    optimizer: torch.optim.Optimizer
    """The optimizer that the optimizer factory made."""
    scheduler: torch.optim.lr_scheduler.LRScheduler
    """The scheduler that the scheduler factory made."""
    metrics: Metrics
    """Writes the log lines; ``trainer.log_metrics({...})`` adds one."""

    @property
    def model_unwrapped(self) -> torch.nn.Module:
        """The model without the engine around it."""
        model: torch.nn.Module = getattr(self.model, "module", self.model)
        return model

    @property
    def training_horizon(self) -> int:
        """The number of optimizer steps in the whole training."""
        if self.config.train_iters:
            return self.config.train_iters
        in_epoch, accumulated = len(self.train_dataloader), self.config.gradient_accumulation_steps
        if self.config.loss_average == "tokens":
            return max(1, self.config.epochs * (in_epoch // accumulated))
        return max(1, self.config.epochs * in_epoch // accumulated)

    @property
    def at_boundary(self) -> bool:
        """Whether the optimizer has used all accumulated gradients."""
        return bool(self.model.micro_steps % self.config.gradient_accumulation_steps == 0)

    @property
    @abstractmethod
    def texts(self) -> list[str]:
        """The texts that are trained on, before they are tokens."""

    @abstractmethod
    def callback_state(self) -> CallbackState:
        """The state of all callback objects of the run."""

    @abstractmethod
    def own_state(self) -> dict[str, Any]:
        """The state of this rank in a checkpoint, for :meth:`resume_from`."""

    @abstractmethod
    def resume_from(self, place: dict[str, Any], own_state: dict[str, Any]) -> None:
        """Continues from a checkpoint's position in the data and this rank's state."""
