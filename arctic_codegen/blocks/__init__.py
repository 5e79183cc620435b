"""Building blocks for training on PyTorch and DeepSpeed: a trainer and its factories (R43).

Their methods have the same names as ArcticTraining's, and each is an event. A subclass with
callbacks is compiled like any other class; see :mod:`arctic_codegen`. The extra ``train`` installs
the dependencies.
"""

from __future__ import annotations

from arctic_codegen.blocks._errors import CheckpointError, Interrupted, RecipeError, TrainingError
from arctic_codegen.blocks.checkpoint import CheckpointEngine, DSCheckpointEngine
from arctic_codegen.blocks.config import (
    CheckpointConfig,
    DataConfig,
    ModelConfig,
    OptimizerConfig,
    SchedulerConfig,
    SFTDataConfig,
    TokenizerConfig,
    TrainerConfig,
)
from arctic_codegen.blocks.data import Batch, DataFactory, TextDataFactory, to_device
from arctic_codegen.blocks.export import HFCheckpointEngine
from arctic_codegen.blocks.metrics import logger
from arctic_codegen.blocks.model import HFModelFactory, ModelFactory
from arctic_codegen.blocks.optimizer import AdamWFactory, OptimizerFactory
from arctic_codegen.blocks.recipe import make_config, read_recipe
from arctic_codegen.blocks.run import Run
from arctic_codegen.blocks.scheduler import HFSchedulerFactory, SchedulerFactory
from arctic_codegen.blocks.sft import SFTDataFactory
from arctic_codegen.blocks.tokenizer import (
    BPETokenizerFactory,
    HFTokenizerFactory,
    TokenizerFactory,
)
from arctic_codegen.blocks.trainer import CausalTrainer, Trainer

__all__ = [
    "AdamWFactory",
    "BPETokenizerFactory",
    "Batch",
    "CausalTrainer",
    "CheckpointConfig",
    "CheckpointEngine",
    "CheckpointError",
    "DSCheckpointEngine",
    "DataConfig",
    "DataFactory",
    "HFCheckpointEngine",
    "HFModelFactory",
    "HFSchedulerFactory",
    "HFTokenizerFactory",
    "Interrupted",
    "ModelConfig",
    "ModelFactory",
    "OptimizerConfig",
    "OptimizerFactory",
    "RecipeError",
    "Run",
    "SFTDataConfig",
    "SFTDataFactory",
    "SchedulerConfig",
    "SchedulerFactory",
    "TextDataFactory",
    "TokenizerConfig",
    "TokenizerFactory",
    "Trainer",
    "TrainerConfig",
    "TrainingError",
    "logger",
    "make_config",
    "read_recipe",
    "to_device",
]
