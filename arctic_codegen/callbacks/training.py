"""The interface of ready-made callbacks to a run, on the building blocks and on ArcticTraining."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from arctic_codegen.callbacks.values import Lines, Values, lines_of, paused, plain, report, taken
from arctic_codegen.runtime.errors import TrainingError

logger = logging.getLogger("arctic_codegen.callbacks")


class Trainer(Protocol):
    """The common attributes of both kinds of trainers."""

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
    is_arctic = hasattr(trainer, "need_early_exit")
    return ArcticTraining(trainer) if is_arctic else Training(trainer)


class Training:
    """A run on the building blocks."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer

    @property
    def before_optimizer(self) -> bool:
        """In ``backward``: whether all gradients are computed, so the optimizer steps next."""
        return bool(self.trainer.model.is_gradient_accumulation_boundary())

    @property
    def after_optimizer(self) -> bool:
        """After ``step``: whether the optimizer has changed the weights."""
        batches: int = self.trainer.model.micro_steps
        return batches % int(self.trainer.config.gradient_accumulation_steps) == 0

    @property
    def logs_now(self) -> bool:
        """After ``step``: whether a line of values follows."""
        trainer = self.trainer
        is_last: bool = trainer.global_step >= trainer.training_horizon
        return is_last or trainer.global_step % trainer.config.log_interval == 0

    def report(self, values: Values) -> None:
        """Adds values to the next line."""
        report(self.trainer, values)

    def write(self, values: Values) -> None:
        """Writes a separate line."""
        self.trainer.log_metrics({"step": self.trainer.global_step, **values})

    def lines(self) -> Lines:
        """The lines so far."""
        lines: Lines = self.trainer.metrics.lines
        return lines

    def require_lines(self, callback: object) -> None:
        """Raises :class:`TrainingError` if the run has no lines."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Excludes the time in this context from tokens per second."""
        with paused(self.trainer), self.trainer.metrics.paused():
            yield

    def warn(self, message: str) -> None:
        """Logs a warning on rank 0."""
        if self.trainer.global_rank == 0:
            logger.warning("%s", message)

    def mean(self, total: Any, count: float = 1) -> float:
        """The mean over all ranks: ``total`` of ``count`` values on this one. A collective call."""
        summed, number = reduced([float(total), count], self.trainer.device)
        return summed / number

    def largest(self, value: float) -> float:
        """The largest value of all ranks. A collective call."""
        return reduced([value], self.trainer.device, "MAX")[0]

    def require_checkpoints(self, callback: object) -> None:
        """Raises :class:`TrainingError` if the run has no checkpoint engine."""
        if not any(one.config.enabled for one in self.trainer.checkpoint_engines):
            raise TrainingError(
                f"{type(callback).__name__} needs a checkpoint engine that is enabled: add one to"
                " 'checkpoint' in the recipe"
            )

    def save_now(self) -> None:
        """After ``evaluate``: saves the current weights with each checkpoint engine.

        All ranks call this at the same step.
        """
        self.trainer.request_checkpoint(at_once=True)

    def keep_best(self, monitor: str, step: int) -> None:
        """Protects the checkpoint of a step, the best by the monitored value, from removal."""
        self.trainer.best_steps[monitor] = step

    def require_evaluation(self, callback: object) -> None:
        """Raises :class:`TrainingError` if the run has no evaluation."""
        name, config = type(callback).__name__, self.trainer.config
        if self.trainer.eval_dataloader is None:
            raise TrainingError(
                f"{name} needs evaluations, but this run has none: set eval_interval, and hold "
                "out data for evaluation, such as data.train_eval_split: [0.9, 0.1]"
            )
        if config.eval_interval == 0:
            self.warn(f"{name} needs evaluations, but eval_interval is 0")

    def monitored(self, name: str) -> float:
        """After ``evaluate``: the monitored value, which is the same on all ranks.

        It is ``eval_loss``, or an attribute of the trainer, which is averaged over the ranks.
        """
        value = self._number(name, self._of_trainer(name))
        return value if name == "eval_loss" else self.mean(value)

    def _number(self, name: str, value: Any) -> float:
        """A monitored value. Raises :class:`TrainingError` if it is not a number."""
        try:
            return float(value)
        except (TypeError, ValueError, RuntimeError) as error:  # the last from a tensor
            raise TrainingError(
                f"monitor={name!r}: the attribute of {type(self.trainer).__name__} is {value!r}"
                " after an evaluation: set it to a number there"
            ) from error

    def _of_trainer(self, name: str) -> Any:
        """A monitored attribute of the trainer. Raises :class:`TrainingError` if it is missing."""
        try:
            return getattr(self.trainer, name)
        except AttributeError as error:
            raise TrainingError(
                f"monitor={name!r}: {type(self.trainer).__name__} has no such attribute after an"
                " evaluation: set it there, or use 'eval_loss'"
            ) from error

    @property
    def knows_norm(self) -> bool:
        """Whether :meth:`gradient_norm` returns the norm of the gradients after each step."""
        return True

    def gradient_norm(self) -> Any:
        """The norm of all gradients of the last step."""
        return self.trainer.gradient_norm

    def stop(self, reason: str) -> None:
        """Ends the training. All ranks call it at the same step."""
        if self.trainer.global_rank == 0:
            logging.getLogger("arctic_codegen.blocks").info("training stops: it %s", reason)
        self.trainer.early_stop = True


class ArcticTraining(Training):
    """A run on ArcticTraining."""

    @property
    def logs_now(self) -> bool:
        return True

    def report(self, values: Values) -> None:
        super().report(values)
        if self.trainer.global_rank == 0:
            logger.info("step %s: %s", self.trainer.global_step, values)

    def write(self, values: Values) -> None:
        step = self.trainer.global_step
        lines_of(self.trainer).add(plain({"step": step, **values}))
        if self.trainer.global_rank == 0:
            logger.info("step %s: %s", step, values)

    def lines(self) -> Lines:
        """The lines so far; ArcticTraining itself keeps only the values of the last batch."""
        lines, values = lines_of(self.trainer), dict(self.trainer.metrics.summary_dict)
        is_of_evaluation = "loss/eval" in values
        latest = values.pop("iter", 0), is_of_evaluation
        if latest > lines.latest:
            lines.latest = latest
            more = {} if is_of_evaluation else taken(self.trainer)
            lines.add(plain({"step": latest[0], **values, **more}))
        return lines

    def require_evaluation(self, callback: object) -> None:
        super().require_evaluation(callback)
        self.require_lines(callback)

    @contextmanager
    def paused(self) -> Iterator[None]:
        with paused(self.trainer):
            yield

    def save_now(self) -> None:
        with self.paused():
            for engine in self.trainer.checkpoint_engines:
                if engine.config.enabled:
                    engine.save(self.trainer.model)

    def keep_best(self, monitor: str, step: int) -> None:
        """Does nothing: ArcticTraining removes no checkpoints."""

    def monitored(self, name: str) -> float:
        values = self.trainer.metrics.values
        recorded = "loss/eval" if name == "eval_loss" else name
        found = values[recorded] if recorded in values else self._of_trainer(name)
        if isinstance(found, list):
            return self.mean(sum(found), len(found))
        return self.mean(self._number(name, found))

    @property
    def knows_norm(self) -> bool:  # false for PyTorch's own optimizer: fp32 at stage 0
        return hasattr(self.trainer.model.optimizer, "_global_grad_norm")

    def gradient_norm(self) -> Any:
        return self.trainer.model.get_global_grad_norm()

    def stop(self, reason: str) -> None:
        # The loop over batches tests need_early_exit, and the loop over epochs tests early_stop.
        self.trainer.early_stop = True
        self.trainer.early_stop_reason = reason
        self.trainer.need_early_exit = lambda: True

    def require_lines(self, callback: object) -> None:
        if self.trainer.config.train_log_iter_interval == 0:
            raise TrainingError(
                f"{type(callback).__name__} reads trainer.metrics, which train_log_iter_interval: 0"
                " disables: set it to 1"
            )
        # A run that resumes has already written the lines of this step.
        lines_of(self.trainer).latest = self.trainer.global_step, True


def reduced(values: list[float], device: Any, operation: str = "SUM") -> list[float]:
    """Reduces numbers over all ranks by sum or another operation. A collective call."""
    import torch
    import torch.distributed as dist

    tensor = torch.tensor(values, device=device, dtype=torch.float64)
    if dist.is_initialized():
        dist.all_reduce(tensor, getattr(dist.ReduceOp, operation))
    result: list[float] = tensor.tolist()
    return result


@contextmanager
def evaluation_mode(model: Any) -> Iterator[None]:
    """Puts all modules into evaluation mode, and restores their modes afterwards."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True
