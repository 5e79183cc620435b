"""Trainers with ready-made callbacks."""

from __future__ import annotations

import os

import torch
from app import OnTopics, write

from arctic_codegen.blocks import Batch
from arctic_codegen.callbacks import (
    BestCheckpoint,
    EarlyStopping,
    GradientNorm,
    MemoryMonitor,
    MLflowLogger,
    NaNGuard,
    SampleGenerations,
    SpikeGuard,
    TensorBoardLogger,
    Throughput,
    TorchProfiler,
    WandbLogger,
)

EVALUATIONS = [5.0, 4.0, 3.98, 3.5, 3.6, 3.55, 3.0]
"""The results of the evaluations after each step; the best is followed by two worse ones."""


class Scripted(OnTopics):
    """Its evaluations return the values that a test needs."""

    name = "scripted"

    def evaluate(self) -> None:
        super().evaluate()
        self.eval_loss = EVALUATIONS[self.global_step - 1]

    def post_optimizer_step_callback(self) -> None:
        write(f"step {self.global_step}")


class Ready(Scripted):
    """Its loss spikes in the sixth step."""

    name = "ready"
    callbacks = [
        *NaNGuard(),
        *SpikeGuard(factor=2.0, window=2),
        *GradientNorm(),
        *Throughput(window_size=2, available_flops=1e12),
        *EarlyStopping(patience=2, min_delta=0.05),
    ]

    def loss(self, batch: Batch) -> torch.Tensor:
        loss = super().loss(batch)
        return loss * 5 if self.global_step == 5 and loss.requires_grad else loss


class Broken(Scripted):
    """On the last rank, the loss of the second step is NaN."""

    name = "broken"
    callbacks = [*NaNGuard()]

    def loss(self, batch: Batch) -> torch.Tensor:
        is_there = os.environ.get("RANK") == "1" and self.global_step == 1
        loss = super().loss(batch)
        return loss * torch.nan if is_there and loss.requires_grad else loss


class Observed(Scripted):
    """Everything is observed, and written to all loggers."""

    name = "observed"
    callbacks = [
        *BestCheckpoint(),
        *MemoryMonitor(),
        *TorchProfiler("profile", wait=0, warmup=1, active=2),
        *SampleGenerations(["the", "a module"], max_new_tokens=4),
        *TensorBoardLogger("board"),
        *WandbLogger("tests", offline=True),
        *MLflowLogger("tests", tracking_uri="sqlite:///mlflow.db"),
    ]
