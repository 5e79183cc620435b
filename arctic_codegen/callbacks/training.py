"""What a ready-made callback needs of a run, on the building blocks and on ArcticTraining."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any, Protocol

from arctic_codegen.callbacks.values import Values, report
from arctic_codegen.runtime.errors import TrainingError

logger = logging.getLogger("arctic_codegen.callbacks")


class Trainer(Protocol):
    """What trainers of both have."""

    early_stop: bool

    @property
    def global_step(self) -> int:
        """The number of steps of the optimizer."""

    @property
    def global_rank(self) -> int:
        """The rank of this process."""

    @property
    def model(self) -> Any:
        """DeepSpeed's engine."""


def training(trainer: Trainer) -> Training:
    """The run of a trainer."""
    return _Arctic(trainer) if hasattr(trainer, "need_early_exit") else _Blocks(trainer)


class Training(ABC):
    """A run."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer

    @property
    def before_optimizer(self) -> bool:
        """In ``backward``: whether the optimizer is next, as all gradients are there."""
        return bool(self.trainer.model.is_gradient_accumulation_boundary())

    @property
    def after_optimizer(self) -> bool:
        """After ``step``: whether it has changed the weights."""
        batches: int = self.trainer.model.micro_steps
        return batches % int(self.trainer.config.gradient_accumulation_steps) == 0

    @property
    @abstractmethod
    def logs_now(self) -> bool:
        """After ``step``: whether a line of values follows."""

    def report(self, values: Values) -> None:
        """Adds values to the next line."""
        report(self.trainer, values)

    def warn(self, message: str) -> None:
        """Logs a warning on rank 0."""
        if self.trainer.global_rank == 0:
            logger.warning("%s", message)

    def mean(self, total: Any, count: float = 1) -> float:
        """The mean over all ranks, which call it together: ``total`` of ``count`` on this one."""
        import torch
        import torch.distributed as dist

        both = torch.tensor([float(total), count], device=self.trainer.device).double()
        if dist.is_initialized():
            dist.all_reduce(both)
        summed, number = both.tolist()
        return float(summed / number)

    def require_evaluation(self, callback: object) -> None:
        """Raises :class:`TrainingError` where the run has no evaluation."""
        name, config = type(callback).__name__, self.trainer.config
        if self.trainer.eval_dataloader is None:
            raise TrainingError(
                f"{name} needs evaluations, and this run has none: set eval_interval, and hold data"
                " out to evaluate on, such as data.train_eval_split: [0.9, 0.1]"
            )
        if config.eval_interval == 0:
            self.warn(f"{name} needs evaluations, and eval_interval is 0")

    @abstractmethod
    def monitored(self, name: str) -> float:
        """After ``evaluate``: a value that is the same on all ranks. ``eval_loss``, or an attribute
        of the trainer, which is averaged over the ranks."""

    @property
    @abstractmethod
    def knows_norm(self) -> bool:
        """Whether :meth:`gradient_norm` has the norm of the gradients after each step."""

    @abstractmethod
    def gradient_norm(self) -> Any:
        """The norm of all gradients of the last step."""

    @abstractmethod
    def stop(self, reason: str) -> None:
        """Ends the training. All ranks call it at the same step."""


class _Blocks(Training):
    @property
    def logs_now(self) -> bool:
        trainer = self.trainer
        is_last: bool = trainer.global_step >= trainer.training_horizon
        return is_last or trainer.global_step % trainer.config.log_interval == 0

    def monitored(self, name: str) -> float:
        value: float = getattr(self.trainer, name)
        return value if name == "eval_loss" else self.mean(value)

    @property
    def knows_norm(self) -> bool:
        return True

    def gradient_norm(self) -> Any:
        return self.trainer.gradient_norm

    def stop(self, reason: str) -> None:
        if self.trainer.global_rank == 0:
            logger.info("the training ends: it %s", reason)
        self.trainer.early_stop = True


class _Arctic(Training):
    @property
    def logs_now(self) -> bool:
        return True

    def report(self, values: Values) -> None:
        super().report(values)
        if self.trainer.global_rank == 0:
            logger.info("step %s: %s", self.trainer.global_step, values)

    def require_evaluation(self, callback: object) -> None:
        super().require_evaluation(callback)
        self._require_metrics(callback)

    def monitored(self, name: str) -> float:
        values = self.trainer.metrics.values
        recorded = "loss/eval" if name == "eval_loss" else name
        found = values[recorded] if recorded in values else getattr(self.trainer, name)
        return self.mean(sum(found), len(found)) if isinstance(found, list) else self.mean(found)

    @property
    def knows_norm(self) -> bool:  # not where PyTorch's own optimizer is driven: fp32 at stage 0
        return hasattr(self.trainer.model.optimizer, "_global_grad_norm")

    def gradient_norm(self) -> Any:
        return self.trainer.model.get_global_grad_norm()

    def stop(self, reason: str) -> None:
        # The batches of an epoch ask need_early_exit, and the epochs ask early_stop.
        self.trainer.early_stop = True
        self.trainer.early_stop_reason = reason
        self.trainer.need_early_exit = lambda: True

    def _require_metrics(self, callback: object) -> None:
        if self.trainer.config.train_log_iter_interval == 0:
            raise TrainingError(
                f"{type(callback).__name__} reads trainer.metrics, which train_log_iter_interval: 0"
                " disables: set it to 1"
            )
