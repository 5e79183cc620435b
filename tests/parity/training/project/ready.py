"""Trainers with ready-made callbacks, on ArcticTraining's own checkpoint engine."""

import os

from arctic_training.checkpoint.ds_engine import DSCheckpointEngine
from my_trainer import TinyCausal
from tiny.trace import note

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

EVALUATIONS = [5.0, 4.0, 4.5, 4.2, 3.0, 2.0]
"""The results of the evaluations after each step; the best is followed by two worse ones."""
FOLDER = os.environ["RUN_FOLDER"]


def scripted(trainer):
    """The first rank is far off: only the mean of both has the value that a test needs."""
    value = EVALUATIONS[trainer.global_step - 1]
    off = trainer.global_step * (1 if trainer.global_rank else -1) if trainer.world_size > 1 else 0
    trainer.metrics.values["loss/eval"] = [value + off]


def finished(trainer):
    note(f"finished step {trainer.global_step}: {trainer.early_stop_reason}")


class Scripted(TinyCausal):
    name = "scripted"
    checkpoint_engine: DSCheckpointEngine
    callbacks = [("post-evaluate", scripted), ("post-train", finished)]


class Ready(Scripted):
    name = "ready"
    callbacks = [
        *NaNGuard(),
        *SpikeGuard(window=2),
        *GradientNorm(),
        *Throughput(available_flops=1e12),
        *MemoryMonitor(),
        *EarlyStopping(patience=2),
        *BestCheckpoint(),
        *TorchProfiler(f"{FOLDER}/profile", wait=0, warmup=1, active=2),
        *SampleGenerations(["the"], max_new_tokens=3),
        *TensorBoardLogger(f"{FOLDER}/board"),
        *WandbLogger("tests", save_dir=FOLDER, offline=True),
        *MLflowLogger("tests", tracking_uri=f"sqlite:///{FOLDER}/mlflow.db"),
    ]


class Stopping(Scripted):
    name = "stopping"
    callbacks = [*NaNGuard(), *EarlyStopping(patience=2)]
