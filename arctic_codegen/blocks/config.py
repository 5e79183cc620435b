"""The fields of a recipe: one class for the trainer, and one for each of its parts.

To add fields, derive from these classes, and name the new class in the trainer or factory:
``config: MyDataConfig``.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FieldSerializationInfo,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PrivateAttr,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from arctic_codegen.blocks._errors import RecipeError
from arctic_codegen.blocks.engine_checks import ZERO, checked
from arctic_codegen.blocks.recipe_file import Location, RecipeFile, about, leaves
from arctic_codegen.blocks.wrong import said, wrong_fields


def _beside_recipe(path: Path, info: ValidationInfo) -> Path:
    path = Path(os.path.expanduser(path))  # unlike pathlib's, it does not raise an error
    folder = (info.context or {}).get("folder")
    if folder is not None:
        path = folder / path
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        pass  # other checks report it, or it will be created
    except OSError as error:
        raise ValueError(f"{path} cannot be accessed: {error.strerror}") from None
    return path


def _as_in_recipe(path: Path, info: FieldSerializationInfo) -> str:
    folder = (info.context or {}).get("folder")
    if folder is not None and path.is_relative_to(folder):
        path = path.relative_to(folder)
    return path.as_posix()


def _stated(path: Any) -> Any:
    if path == "":
        raise ValueError("must not be empty; '.' is the recipe's folder")
    return path


RecipePath = Annotated[
    Path,
    BeforeValidator(_stated),
    AfterValidator(_beside_recipe),
    PlainSerializer(_as_in_recipe, when_used="json"),
]
"""A path, which is relative to the recipe's folder if a recipe states it."""


Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""A seed that all random number generators accept."""

Share = Annotated[float, Field(ge=0, lt=1)]


def _is_nan(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_is_nan, value))
    return isinstance(value, float) and math.isnan(value)


def _known_numbers(values: dict[str, Any]) -> dict[str, Any]:
    found = [(at, "must be a number, not nan") for at, one in leaves(values) if _is_nan(one)]
    if found:
        raise wrong_fields(dict, found)
    return values


Values = Annotated[dict[str, Any], AfterValidator(_known_numbers)]
"""Values for a library, which decides which ones there are."""


class Section(BaseModel):
    """A part of a recipe. Unknown fields are errors."""

    model_config = ConfigDict(
        extra="forbid", validate_default=True, protected_namespaces=(), allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_are_no_truth_values(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name or ""]
        is_number = field.annotation in (int, float, tuple[float, float], tuple[Share, Share])
        given = value if isinstance(value, (list, tuple)) else [value]
        if is_number and any(isinstance(one, bool) for one in given):
            raise ValueError("must be a number, not true or false")
        return value

    @model_validator(mode="wrap")
    @classmethod
    def _name_what_is_meant(cls, values: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        try:
            return handler(values)
        except ValidationError as error:
            raise wrong_fields(cls, said(error, cls)) from None


class PartConfig(Section):
    """The section of one part of the trainer."""

    type: str = ""
    """The registered name of the class, if the trainer allows several. Default: the first one."""


class TokenizerConfig(PartConfig):
    """The section of the tokenizer factory."""

    name_or_path: RecipePath | None = None
    """A local folder to load the tokenizer from."""
    vocab_size: int = Field(default=1024, gt=256)
    """The vocabulary size of a tokenizer that is trained on the data."""


class DataConfig(PartConfig):
    """The section of the data factory."""

    sources: list[RecipePath] = Field(default_factory=list)
    """Text files."""
    max_length: int = Field(default=256, gt=1)
    """The number of tokens in a sample."""
    train_eval_split: tuple[float, float] = (1.0, 0.0)
    """The shares of the data to train on and to evaluate on."""
    seed: Seed = 0
    """The seed of the split and of the order of the samples."""
    dl_num_workers: int = Field(default=0, ge=0)
    """The number of processes that load batches on each rank."""
    cache_dir: RecipePath | None = None
    """The folder for samples, which ranks and later runs share. Default: ``arctic_codegen`` in the
    cache of ``datasets``."""

    @field_validator("train_eval_split")
    @classmethod
    def _shares_are_whole(cls, shares: tuple[float, float]) -> tuple[float, float]:
        train, held_out = shares
        if not (0 < train <= 1 and 0 <= held_out < 1 and abs(train + held_out - 1) < 1e-9):
            raise ValueError("the two shares must add up to 1, and the first must not be 0")
        return shares


class SFTDataConfig(DataConfig):
    """The section of the data factory for conversations."""

    sources: list[RecipePath] = Field(default_factory=list)
    """Files of JSON lines with ``messages``, and folders that ``Dataset.save_to_disk`` wrote."""
    max_length: int = Field(default=256, gt=1)
    """The largest number of tokens in a sample."""
    chat_template: str | None = None
    """A chat template that takes the place of the tokenizer's."""
    mask_inputs: bool = True
    """Whether only what the assistant says has labels."""
    filter_samples: bool = True
    """Whether samples of more than ``max_length`` tokens are left out; else they are an error."""
    pack_samples: bool = False
    """Whether samples are packed into longer ones of up to ``max_length`` tokens. Tokens of one do
    not see those of another."""
    div_length: int = Field(default=8, gt=0)
    """The number that the length of a padded batch is divisible by."""


class ModelConfig(PartConfig):
    """The section of the model factory."""

    name_or_path: RecipePath | None = None
    """A local folder to load the model from."""
    hf_config: Values = Field(default_factory=dict)
    """``model_type`` and other configuration of a new model; with ``name_or_path``, values that
    override those in the folder."""
    peft_config: Values = Field(default_factory=dict)
    """``peft_type``, such as ``Lora``, and other configuration of peft: only an adapter of the
    model in ``name_or_path`` is trained."""
    dtype: Literal["fp32", "bf16"] = "fp32"
    """The data type of the model; with ``bf16`` the optimizer keeps its weights in fp32."""
    attn_implementation: str = "eager"
    """The attention implementation of transformers, such as ``eager`` or ``sdpa``."""
    activation_checkpointing: bool = False
    """Whether to recompute the forward pass in the backward pass, which saves memory."""

    @model_validator(mode="after")
    def _has_a_model(self) -> ModelConfig:
        if self.name_or_path is None and "model_type" not in self.hf_config:
            raise ValueError("needs name_or_path, or hf_config with a model_type such as 'llama'")
        return self


class OptimizerConfig(PartConfig):
    """The section of the optimizer factory."""

    learning_rate: float = Field(default=1e-3, ge=0)
    """The peak learning rate of the schedule."""
    betas: tuple[Share, Share] = (0.9, 0.999)
    """AdamW's coefficients for the running means of gradients and of their squares."""
    weight_decay: float = Field(default=0.0, ge=0)
    """The weight decay of matrices; norms and biases do not decay."""


class SchedulerConfig(PartConfig):
    """The section of the scheduler factory."""

    name: str = "linear"
    """A schedule that ``transformers.get_scheduler`` knows."""
    warmup_ratio: float = Field(default=0.0, ge=0, le=1)
    """The share of all steps in which the learning rate warms up."""
    scheduler_specific_kwargs: Values = Field(default_factory=dict)
    """Other arguments of that schedule, such as ``num_cycles``."""


class CheckpointConfig(PartConfig):
    """The section of a checkpoint engine."""

    output_dir: RecipePath
    """The folder for checkpoints, each in ``global_step_N``; a different one for each engine."""
    enabled: bool = True
    """Whether the engine saves and loads."""
    auto_resume: bool = False
    """Whether a run resumes from the latest checkpoint that it finds."""
    save_every_n_steps: int = Field(default=0, ge=0)
    """Steps of the optimizer between checkpoints; 0 disables this interval."""
    save_every_n_epochs: int = Field(default=0, ge=0)
    """Epochs between checkpoints; 0 disables this interval."""
    save_end_of_training: bool = False
    """Whether to save after the last step, whatever the intervals are."""
    keep_last: int = Field(default=0, ge=0)
    """How many checkpoints to keep: older ones are removed once a new one is complete; 0 keeps
    all."""
    on_damage: Literal["error", "previous"] = "error"
    """What happens if the latest checkpoint is damaged: ``error`` ends the run and names the file,
    ``previous`` resumes from the checkpoint before it."""


def _section(given: Any, info: ValidationInfo) -> Any:
    """The section as an instance of its part's configuration class, if the trainer is known."""
    take = (info.context or {}).get("take")
    is_default = isinstance(given, Section) and not given.model_fields_set
    if take is None or (isinstance(given, Section) and not is_default):
        return given
    return take(info.field_name, {} if is_default else given)


P = TypeVar("P", bound=PartConfig)
OfPart = Annotated[P, SerializeAsAny(), BeforeValidator(_section)]
"""A section, whose class may declare more fields than the one named here."""


def _several(given: Any) -> Any:
    return [given] if isinstance(given, dict) else given


class TrainerConfig(Section):
    """A whole recipe."""

    type: str = ""
    """The registered name of the trainer."""
    seed: Seed = 0
    """The seed of the weights of a new model, and of everything else that is random."""
    epochs: int = Field(default=1, gt=0)
    """The number of passes over the training data."""
    train_iters: int = Field(default=0, ge=0)
    """The number of optimizer steps, in as many epochs as needed; 0: as ``epochs`` says."""
    micro_batch_size: int = Field(default=1, gt=0)
    """Samples in a batch of one rank."""
    gradient_accumulation_steps: int = Field(default=1, gt=0)
    """Batches whose gradients are accumulated for one optimizer step."""
    gradient_clipping: float = Field(default=0.0, ge=0)
    """The maximum norm of all gradients; 0 disables clipping."""
    loss_average: Literal["batch", "tokens"] = "batch"
    """Over what the gradients of a step are averaged: ``batch`` gives each batch the same weight,
    as DeepSpeed does; ``tokens``, the default for conversations, gives each target token of all
    ranks and accumulated batches the same weight. Batches at the end of an epoch that fill no step
    are left out then."""
    collective_timeout: int = Field(default=1800, gt=0)
    """Seconds that a rank waits for the others in a collective call before the run fails."""
    eval_interval: int = Field(default=0, ge=0)
    """Optimizer steps between evaluations; 0 disables them."""
    log_interval: int = Field(default=10, gt=0)
    """Optimizer steps between log lines."""
    metrics_path: RecipePath | None = None
    """A file that gets one line of JSON at each log line and evaluation."""
    tensorboard_dir: RecipePath | None = None
    """A folder for TensorBoard, which shows the same values, if it is installed."""
    sequence_parallel_size: Literal[1] = 1
    """Ranks that share the tokens of a sample, for modules written for ArcticTraining: always 1
    here."""
    deepspeed: Annotated[Values, AfterValidator(checked)] = Field(default_factory=dict)
    """Further configuration of DeepSpeed, such as ``zero_optimization``."""
    tokenizer: OfPart[TokenizerConfig] = Field(default_factory=TokenizerConfig)
    """Section of the tokenizer factory."""
    data: OfPart[DataConfig] = Field(default_factory=DataConfig)
    """Section of the data factory."""
    model: OfPart[ModelConfig]
    """Section of the model factory."""
    optimizer: OfPart[OptimizerConfig] = Field(default_factory=OptimizerConfig)
    """Section of the optimizer factory."""
    scheduler: OfPart[SchedulerConfig] = Field(default_factory=SchedulerConfig)
    """Section of the scheduler factory."""
    checkpoint: Annotated[list[OfPart[CheckpointConfig]], BeforeValidator(_several)] = Field(
        default_factory=list
    )
    """One section for each checkpoint engine, in the order in which they save."""
    _recipe: RecipeFile | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _conversations_count_tokens(self) -> TrainerConfig:
        if isinstance(self.data, SFTDataConfig) and "loss_average" not in self.model_fields_set:
            self.loss_average = "tokens"
        return self

    @property
    def recipe(self) -> RecipeFile | None:
        """The file that the values come from, if any."""
        return self._recipe

    def wrong(self, location: Location, message: str) -> RecipeError:
        """An error about a field, with its position in the recipe."""
        return RecipeError(about(self.recipe, location, message))

    def read_from(self, recipe: RecipeFile) -> None:
        """Stores the file, for errors with line numbers."""
        self._recipe = recipe

    @property
    def requested_zero_stage(self) -> int:
        """The ZeRO stage that the recipe states."""
        return int(self.deepspeed.get(ZERO, {}).get("stage", 0))

    @property
    def zero_stage(self) -> int:
        """DeepSpeed's ZeRO stage; with ``bf16`` at least 1, since stage 0 keeps no fp32 weights."""
        return max(self.requested_zero_stage, int(self.model.dtype == "bf16"))

    @property
    def offloads_optimizer(self) -> bool:
        """Whether DeepSpeed keeps the optimizer's state on the CPU, and steps there."""
        offload = self.deepspeed.get(ZERO, {}).get("offload_optimizer") or {}
        return bool(offload.get("device", "none") != "none")

    def deepspeed_config(self) -> dict[str, Any]:
        """The configuration of the DeepSpeed engine."""
        return {
            "steps_per_print": 2**31,
            "zero_allow_untested_optimizer": True,
            # Allow any optimizer to be offloaded; DeepSpeed's own must be compiled on the machine.
            "zero_force_ds_cpu_optimizer": False,
            **self.deepspeed,
            ZERO: {**self.deepspeed.get(ZERO, {}), "stage": self.zero_stage},
            "train_micro_batch_size_per_gpu": self.micro_batch_size,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
            "gradient_clipping": self.gradient_clipping,
            "bf16": {"enabled": self.model.dtype == "bf16"},
        }
