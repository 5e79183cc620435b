"""A callback that reports the norm of the gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arctic_codegen.callbacks.base import ReadyMade, State
from arctic_codegen.callbacks.training import Trainer, training

if TYPE_CHECKING:
    import torch


def norm_of(model: torch.nn.Module) -> torch.Tensor:
    """The norm of all gradients of a model whose gradients are not partitioned."""
    import torch

    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm: torch.Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    return norm


class Norms(State):
    """The norms since the last line, which are copied from the device only for a line."""

    def __init__(self) -> None:
        self.since_line: list[Any] = []


@dataclass(frozen=True, eq=False)
class GradientNorm(ReadyMade[Norms]):
    """Adds ``gradient_norm`` to each line: the norm of all gradients, before they are clipped.
    ``gradient_norm_max`` is the largest since the last line."""

    def new_state(self) -> Norms:
        """A state without norms."""
        return Norms()

    def post_backward(self, trainer: Trainer) -> None:
        """Computes the norm if DeepSpeed does not."""
        run = training(trainer)
        if run.before_optimizer and not run.knows_norm:
            self.state_of(trainer).since_line.append(norm_of(trainer.model.module))

    def post_step(self, trainer: Trainer) -> None:
        """Collects the norm of the step, and reports it with the next line."""
        run, norms = training(trainer), self.state_of(trainer).since_line
        if not run.after_optimizer:
            return
        if run.knows_norm:
            norms.append(run.gradient_norm())
        known = [float(one) for one in norms if one is not None] if run.logs_now else []
        if known:
            run.report({"gradient_norm": known[-1], "gradient_norm_max": max(known)})
            norms.clear()
