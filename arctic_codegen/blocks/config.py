"""What a run can be told: one class for the trainer, one for each of its parts.

A class of one's own that takes more derives from these, and the trainer or factory names it:
``config: MyDataConfig``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from arctic_codegen.blocks.engine_config import DeepSpeedSection


def _beside_recipe(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return path if folder is None else folder / path


RecipePath = Annotated[Path, AfterValidator(_beside_recipe)]
"""A path that is relative to the recipe's folder, where a recipe states it."""


class Section(BaseModel):
    """A part of a recipe. Unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", validate_default=True, protected_namespaces=())


class PartConfig(Section):
    """What is told to one part of the trainer."""

    type: str = ""
    """The registered name of the class, where the trainer allows several; its first otherwise."""


class TokenizerConfig(PartConfig):
    """Where the tokenizer comes from."""

    name_or_path: RecipePath | None = None
    """A local folder with a tokenizer."""
    vocab_size: int = Field(default=1024, gt=256)
    """The size of a tokenizer that is trained on the data."""


class DataConfig(PartConfig):
    """What is trained on."""

    sources: list[RecipePath] = Field(default_factory=list)
    """Text files; relative ones stand beside the recipe."""
    max_length: int = Field(default=256, gt=1)
    """Tokens in a sample."""
    train_eval_split: tuple[float, float] = (1.0, 0.0)
    """The shares to train on and to evaluate on."""
    seed: int = 0
    """Decides the split and the order of the samples."""
    dl_num_workers: int = Field(default=0, ge=0)
    """Processes that load batches on each rank."""

    @model_validator(mode="after")
    def _shares_are_whole(self) -> DataConfig:
        train, held_out = self.train_eval_split
        if not (0 < train <= 1 and 0 <= held_out < 1 and abs(train + held_out - 1) < 1e-9):
            raise ValueError("the two shares of train_eval_split must make 1, the first not 0")
        return self


class ModelConfig(PartConfig):
    """Which model."""

    name_or_path: RecipePath | None = None
    """A local folder to load it from."""
    hf_config: dict[str, Any] = Field(default_factory=dict)
    """``model_type`` and other values of a model that is made new; with ``name_or_path``,
    values that replace those of the folder."""
    dtype: Literal["fp32", "bf16"] = "fp32"
    """What the model computes in; with ``bf16`` the optimizer keeps weights in fp32."""
    attn_implementation: str = "eager"
    """Which attention transformers computes, such as ``eager`` or ``sdpa``."""
    activation_checkpointing: bool = False
    """Whether the forward pass is computed again in the backward pass, which saves memory."""

    @model_validator(mode="after")
    def _has_a_model(self) -> ModelConfig:
        if self.name_or_path is None and "model_type" not in self.hf_config:
            raise ValueError("needs name_or_path, or hf_config with a model_type such as 'llama'")
        return self


class OptimizerConfig(PartConfig):
    """How weights change."""

    learning_rate: float = Field(default=1e-3, ge=0)
    """The highest that the schedule reaches."""
    betas: tuple[float, float] = (0.9, 0.999)
    """How slowly the means of gradients and of their squares change."""
    weight_decay: float = Field(default=0.0, ge=0)
    """How much matrices shrink in a step, times the learning rate."""


class SchedulerConfig(PartConfig):
    """How the learning rate changes."""

    name: str = "linear"
    """A schedule that ``transformers.get_scheduler`` knows."""
    warmup_ratio: float = Field(default=0.0, ge=0, le=1)
    """The share of all steps in which the learning rate grows."""
    scheduler_specific_kwargs: dict[str, Any] = Field(default_factory=dict)
    """What that schedule takes besides, such as ``num_cycles``."""


class CheckpointConfig(PartConfig):
    """When to save, and where."""

    output_dir: RecipePath
    """Where checkpoints stand, each in a folder ``global_step_N``; one for each engine."""
    enabled: bool = True
    """Whether the engine saves and loads at all."""
    auto_resume: bool = False
    """Whether a run goes on from the latest checkpoint that it finds."""
    save_every_n_steps: int = Field(default=0, ge=0)
    """Steps of the optimizer between checkpoints; 0: none for that."""
    save_every_n_epochs: int = Field(default=0, ge=0)
    """Epochs between checkpoints; 0: none for that."""
    save_end_of_training: bool = False
    """Whether the last step is saved, whatever the intervals are."""


class TrainerConfig(Section):
    """A whole recipe."""

    type: str = ""
    """The registered name of the trainer."""
    seed: int = 0
    """Decides the weights of a new model, and whatever else is random."""
    epochs: int = Field(default=1, gt=0)
    """How often all batches are trained on."""
    train_iters: int = Field(default=0, ge=0)
    """Steps of the optimizer to make, in as many epochs as that takes; 0: as ``epochs`` gives."""
    micro_batch_size: int = Field(default=1, gt=0)
    """Samples that a rank takes at a time."""
    gradient_accumulation_steps: int = Field(default=1, gt=0)
    """Batches whose gradients are gathered for a step of the optimizer."""
    gradient_clipping: float = Field(default=0.0, ge=0)
    """The greatest norm of all gradients; 0: any."""
    loss_average: Literal["batch", "tokens"] = "batch"
    """Over what the gradients of a step are averaged: ``batch`` gives each batch the same weight,
    as DeepSpeed does; ``tokens`` gives each target token of all ranks and accumulated batches the
    same weight. Batches at the end of an epoch that fill no step are left out then."""
    eval_interval: int = Field(default=0, ge=0)
    """Steps between evaluations; 0: none."""
    log_interval: int = Field(default=10, gt=0)
    """Steps between log lines."""
    metrics_path: RecipePath | None = None
    """A file for one line of JSON at each log line and evaluation."""
    tensorboard_dir: RecipePath | None = None
    """A folder for TensorBoard, which shows the same values, if it is installed."""
    sequence_parallel_size: Literal[1] = 1
    """Ranks that share the tokens of a sample, which modules written for ArcticTraining ask for:
    here each rank has whole samples."""
    deepspeed: DeepSpeedSection = Field(default_factory=dict)
    """More of DeepSpeed's configuration, such as ``zero_optimization``."""
    tokenizer: TokenizerConfig = Field(default_factory=TokenizerConfig)
    """For the tokenizer factory."""
    data: DataConfig = Field(default_factory=DataConfig)
    """For the data factory."""
    model: ModelConfig
    """For the model factory."""
    optimizer: OptimizerConfig = Field(default_factory=OptimizerConfig)
    """For the optimizer factory."""
    scheduler: SchedulerConfig = Field(default_factory=SchedulerConfig)
    """For the scheduler factory."""
    checkpoint: list[CheckpointConfig] = Field(default_factory=list)
    """For each checkpoint engine, in the order in which they save."""

    @model_validator(mode="after")
    def _deepspeed_has_no_second_value(self) -> TrainerConfig:
        for ours, theirs in _SAME.items():
            if theirs in self.deepspeed:
                raise ValueError(f"deepspeed.{theirs} is set by {ours}: set that instead")
        return self

    @model_validator(mode="after")
    def _checkpoints_stand_apart(self) -> TrainerConfig:
        folders = [one.output_dir for one in self.checkpoint if one.enabled]
        for folder in folders:
            if folders.count(folder) > 1:
                raise ValueError(
                    f"two of checkpoint have the output_dir {folder}: give each its own"
                )
        return self

    @property
    def zero_stage(self) -> int:
        """DeepSpeed's ZeRO stage; with ``bf16`` at least 1, since stage 0 keeps no fp32 weights."""
        asked = int(self.deepspeed.get("zero_optimization", {}).get("stage", 0))
        return max(asked, 1) if self.model.dtype == "bf16" else asked

    def deepspeed_config(self) -> dict[str, Any]:
        """What the DeepSpeed engine is told."""
        return {
            "steps_per_print": 2**31,
            "zero_allow_untested_optimizer": True,
            **self.deepspeed,
            "zero_optimization": {
                **self.deepspeed.get("zero_optimization", {}),
                "stage": self.zero_stage,
            },
            "train_micro_batch_size_per_gpu": self.micro_batch_size,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
            "gradient_clipping": self.gradient_clipping,
            "bf16": {"enabled": self.model.dtype == "bf16"},
        }


_SAME = {
    "micro_batch_size": "train_micro_batch_size_per_gpu",
    "micro_batch_size and gradient_accumulation_steps": "train_batch_size",
    "gradient_accumulation_steps": "gradient_accumulation_steps",
    "gradient_clipping": "gradient_clipping",
    "model.dtype": "bf16",
}
