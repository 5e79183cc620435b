"""Ready-made callbacks, and the base class for objects that serve several events (R66).

Importing this package loads neither torch nor a logging library.
"""

from __future__ import annotations

from arctic_codegen.callbacks.callback import Callback
from arctic_codegen.callbacks.evaluations import BestCheckpoint, EarlyStopping
from arctic_codegen.callbacks.generations import SampleGenerations
from arctic_codegen.callbacks.gradient_norm import GradientNorm
from arctic_codegen.callbacks.guards import NaNGuard, SpikeGuard
from arctic_codegen.callbacks.loggers import MLflowLogger, TensorBoardLogger, WandbLogger
from arctic_codegen.callbacks.observing import MemoryMonitor, TorchProfiler
from arctic_codegen.callbacks.throughput import Throughput

__all__ = [
    "Callback",
    "BestCheckpoint",
    "EarlyStopping",
    "GradientNorm",
    "MLflowLogger",
    "MemoryMonitor",
    "NaNGuard",
    "SampleGenerations",
    "SpikeGuard",
    "TensorBoardLogger",
    "Throughput",
    "TorchProfiler",
    "WandbLogger",
]
